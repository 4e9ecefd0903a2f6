import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { metricAnswerToArrow } from '../../models/metric-arrow.ts';
import type { MetricQuery } from '../../models/metric-query.ts';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['funnel_15m', 'failure_15m', 'message_expiry', 'waba_portfolio', 'feedback_share'] });

let count = 0;
const sent = (at: string, more: Facts = {}) => {
  count += 1;
  return models.get().message(`m${count}`, { sent_at: at, delivered_at: at, ...more });
};
const times = async (query: Partial<MetricQuery>) => {
  const { rows } = await models.get().ask(query);
  return rows.map(({ dimensions, metrics }) => [dimensions['time'], metrics['messages']?.value]);
};

describe('a rate', () => {
  it('is put together from sums, with its numerator, denominator and Wilson interval', async () => {
    for (let n = 0; n < 10; n += 1) await sent('2026-11-01 10:00:00', n < 3 ? { read_at: '2026-11-01 10:05:00' } : {});
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['read_rate', 'messages_read'] });
    // 3 of 10 by hand: centre (0.3 + 0.19207) / 1.38415 = 0.35551, half width 1.95996 * sqrt(0.021 + 0.0096036) / 1.38415 = 0.24772.
    expect(rows).toHaveLength(1);
    expect(rows[0]?.metrics['read_rate']).toMatchObject({
      value: 0.3,
      numerator: 3,
      denominator: 10,
      maturity: 1,
    });
    expect(rows[0]?.metrics['read_rate']?.low).toBeCloseTo(0.10779, 4);
    expect(rows[0]?.metrics['read_rate']?.high).toBeCloseTo(0.60322, 4);
    expect(rows[0]?.metrics['messages_read']).toMatchObject({ value: 3, numerator: 3, low: null, high: null });
  });

  it('without a denominator is undefined, and a count of nothing is 0', async () => {
    await models.get().built(true);
    const { rows, watermark, truncated } = await models.get().ask({ metrics: ['read_rate', 'messages'] });
    expect(rows[0]?.metrics['read_rate']).toMatchObject({ value: null, numerator: 0, denominator: 0, low: null, high: null });
    expect(rows[0]?.metrics['messages']).toMatchObject({ value: 0 });
    expect({ watermark, truncated }).toEqual({ watermark: null, truncated: false });
  });

  it('by a dimension is a ratio of sums, not a mean of ratios', async () => {
    await sent('2026-11-01 10:00:00', { campaign_id: 'a', segment_id: 'x', read_at: '2026-11-01 10:01:00' });
    for (let n = 0; n < 3; n += 1) await sent('2026-11-02 10:00:00', { campaign_id: 'a', segment_id: 'y' });
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['read_rate'], by: ['campaign'] });
    expect(rows.map(({ dimensions, metrics }) => [dimensions['campaign'], metrics['read_rate']?.value])).toEqual([['a', 0.25]]);
  });
});

describe('time', () => {
  it('is cut in India at half past the hour of UTC, in Nepal at a quarter to', async () => {
    await sent('2026-11-01 18:15:00');
    await sent('2026-11-01 18:30:00');
    await models.get().built(true);
    expect(await times({ grain: 'day', zone: 'Asia/Kolkata' })).toEqual([
      ['2026-10-31T18:30:00.000Z', 1],
      ['2026-11-01T18:30:00.000Z', 1],
    ]);
    expect(await times({ grain: 'day', zone: 'Asia/Kathmandu' })).toEqual([['2026-11-01T18:15:00.000Z', 2]]);
    expect(await times({ grain: 'hour', zone: 'Asia/Kathmandu' })).toEqual([['2026-11-01T18:15:00.000Z', 2]]);
    expect(await times({ grain: 'hour', zone: 'UTC' })).toEqual([['2026-11-01T18:00:00.000Z', 2]]);
    expect(await times({ grain: 'quarter_hour', zone: 'Asia/Kolkata' })).toEqual([
      ['2026-11-01T18:15:00.000Z', 1],
      ['2026-11-01T18:30:00.000Z', 1],
    ]);
  });

  it('has weeks that begin on Monday and months of the zone', async () => {
    await sent('2026-11-01 22:45:00'); // Sunday 23:45 in Berlin
    await sent('2026-11-01 23:00:00'); // Monday 00:00 in Berlin
    await sent('2026-10-31 23:00:00'); // 1 November 00:00 in Berlin
    await models.get().built(true);
    expect(await times({ grain: 'week', zone: 'Europe/Berlin' })).toEqual([
      ['2026-10-25T23:00:00.000Z', 2],
      ['2026-11-01T23:00:00.000Z', 1],
    ]);
    expect(await times({ grain: 'month', zone: 'Europe/Berlin' })).toEqual([['2026-10-31T23:00:00.000Z', 3]]);
  });

  it('keeps the hour that comes twice when the clock goes back as two, and the long day as one', async () => {
    await sent('2026-10-25 00:30:00'); // 02:30 summer time in Berlin
    await sent('2026-10-25 01:30:00'); // 02:30 again
    await sent('2026-10-25 22:59:00');
    await models.get().built(true);
    expect(await times({ grain: 'hour', zone: 'Europe/Berlin' })).toEqual([
      ['2026-10-25T00:00:00.000Z', 1],
      ['2026-10-25T01:00:00.000Z', 1],
      ['2026-10-25T22:00:00.000Z', 1],
    ]);
    expect(await times({ grain: 'day', zone: 'Europe/Berlin' })).toEqual([['2026-10-24T22:00:00.000Z', 3]]);
  });

  it('begins a day without midnight at its first instant', async () => {
    await sent('2026-09-06 04:10:00'); // 01:10 in Santiago, where 00:00 to 01:00 was left out
    await models.get().built(true);
    expect(await times({ grain: 'day', zone: 'America/Santiago' })).toEqual([['2026-09-06T04:00:00.000Z', 1]]);
  });

  it('begins a day whose midnight comes twice with the first', async () => {
    await sent('2026-11-01 04:10:00'); // 00:10 summer time in Havana
    await sent('2026-11-01 05:10:00'); // 00:10 again
    await models.get().built(true);
    expect(await times({ grain: 'day', zone: 'America/Havana' })).toEqual([['2026-11-01T04:00:00.000Z', 2]]);
  });

  it('bounds are half open', async () => {
    for (const at of ['09:59:59', '10:00:00', '10:59:59', '11:00:00']) await sent(`2026-11-01 ${at}`);
    await models.get().built(true);
    expect(await times({ from: new Date('2026-11-01T10:00:00Z'), to: new Date('2026-11-01T11:00:00Z') })).toEqual([
      [undefined, 2],
    ]);
  });
});

describe('dimensions', () => {
  it('may be unknown, come last then, and can be asked for by the empty text', async () => {
    await sent('2026-11-01 10:00:00', { campaign_id: 'b' });
    await sent('2026-11-01 10:00:00', { campaign_id: 'a', category: 'marketing' });
    await sent('2026-11-01 10:00:00');
    await models.get().built(true);
    const names = async (where: Record<string, string[]>) =>
      (await models.get().ask({ by: ['campaign'], where })).rows.map(({ dimensions }) => dimensions['campaign']);
    expect(await names({})).toEqual(['a', 'b', null]);
    expect(await names({ campaign: ['b', 'nobody'] })).toEqual(['b']);
    expect(await names({ campaign: [''] })).toEqual([null]);
    expect(await names({ category: ['marketing'] })).toEqual(['a']);
    expect(await names({ campaign: [] })).toEqual([]);
  });

  it('reach the portfolio through the newest registration of the account', async () => {
    const waba = { kind: 'waba', id: 'w1', name: 'W' };
    await models
      .get()
      .insert(
        'dim_registry',
        { ...waba, parent_id: 'old', changed_at: '2026-01-01', command_id: '1' },
        { ...waba, parent_id: 'new', changed_at: '2026-02-01', command_id: '2' },
      );
    await sent('2026-11-01 10:00:00', { waba_id: 'w1' });
    await sent('2026-11-01 10:00:00', { waba_id: 'w2' });
    await models.get().built(true);
    const { rows } = await models.get().ask({ by: ['portfolio'], where: { portfolio: ['new', ''] } });
    expect(rows.map(({ dimensions, metrics }) => [dimensions['portfolio'], metrics['messages']?.value])).toEqual([
      ['new', 1],
      [null, 1],
    ]);
  });

  it('put metrics of two marts side by side', async () => {
    const failed = { campaign_id: 'a', delivered_at: null, failed_at: '2026-11-01 10:00:00', refused: false };
    await sent('2026-11-01 10:00:00', { ...failed, error_code: 131026 });
    await sent('2026-11-01 10:00:00', { ...failed, error_code: 131049 });
    await sent('2026-11-01 10:00:00', { campaign_id: 'b' });
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['failures', 'failure_rate'], by: ['campaign'] });
    expect(
      rows.map(({ dimensions, metrics }) => [dimensions['campaign'], metrics['failures']?.value, metrics['failure_rate']?.value]),
    ).toEqual([
      ['a', 2, 1],
      ['b', 0, 0],
    ]);
    const codes = await models.get().ask({ metrics: ['failures'], by: ['error_code'], where: { error_class: ['recipient'] } });
    expect(codes.rows.map(({ dimensions }) => dimensions['error_code'])).toEqual(['131026']);
  });
});

describe('an answer', () => {
  it('says when there were more rows than asked for', async () => {
    for (const campaign_id of ['a', 'b', 'c']) await sent('2026-11-01 10:00:00', { campaign_id });
    await models.get().built(true);
    expect(await models.get().ask({ by: ['campaign'], limit: 2 })).toMatchObject({ truncated: true, rows: [{}, {}] });
    expect(await models.get().ask({ by: ['campaign'], limit: 3 })).toMatchObject({ truncated: false });
  });

  it('is final when the window, seven days for late statuses and the quarter hour have passed', async () => {
    await sent('2026-11-01 10:05:00', { campaign_id: 'a' });
    await models.get().built(true);
    const final = async (metric: string, now: string) =>
      (await models.get().ask({ metrics: [metric] }, new Date(now))).rows[0]?.metrics[metric]?.final;
    expect(await final('read_rate', '2026-11-08T10:14:59Z')).toBe(false);
    expect(await final('read_rate', '2026-11-08T10:15:00Z')).toBe(true);
    expect(await final('reply_rate', '2026-11-08T10:15:00Z')).toBe(false);
    expect(await final('reply_rate', '2026-11-09T10:15:00Z')).toBe(true);
    expect(await final('conversion_rate', '2026-11-15T10:14:59Z')).toBe(false);
    expect(await final('conversion_rate', '2026-11-15T10:15:00Z')).toBe(true);
  });

  it('carries the newest event and the time of the build', async () => {
    await sent('2026-11-01 10:05:00', { read_at: '2026-11-04 07:00:00' });
    await models.get().built(true);
    expect(await models.get().ask({})).toMatchObject({
      watermark: '2026-11-04T07:00:00.000Z',
      built_at: '2026-11-21T12:00:00.000Z',
      stale: [],
    });
  });

  it('becomes an Arrow stream with typed columns', async () => {
    await sent('2026-11-01 10:05:00', { campaign_id: 'a', read_at: '2026-11-01 10:06:00' });
    await sent('2026-11-01 10:05:00');
    await models.get().built(true);
    const query: MetricQuery = {
      metrics: ['read_rate', 'messages'],
      by: ['campaign'],
      grain: 'hour',
      zone: 'UTC',
      where: {},
      limit: 10,
    };
    const answer = await models.get().ask(query);
    const table = tableFromIPC(metricAnswerToArrow(answer, query, models.get().catalog));
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${type}`).slice(0, 5)).toEqual([
      'time: Timestamp<MILLISECOND, UTC>',
      'campaign: Utf8',
      'read_rate: Float64',
      'read_rate_numerator: Int64',
      'read_rate_denominator: Int64',
    ]);
    expect(table.schema.fields).toHaveLength(22);
    expect(table.schema.metadata.get('watermark')).toBe('2026-11-01T10:06:00.000Z');
    expect(table.schema.fields[2]?.metadata.get('label')).toBe('Read rate');
    const rows = table.toArray().map((row) => row.toJSON());
    expect(
      rows.map((row) => [Number(row.time), row.campaign, row.read_rate, row.read_rate_numerator, row.read_rate_final]),
    ).toEqual([
      [Date.parse('2026-11-01T10:00:00Z'), 'a', 1, 1n, true],
      [Date.parse('2026-11-01T10:00:00Z'), null, 0, 0n, true],
    ]);
  });
});
