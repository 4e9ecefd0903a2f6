import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

/** Builds are at 2026-11-21 12:00. */
const models = useModels({
  marts: ['platform_state_day', 'limit_use_15m', 'throughput_15m', 'waba_portfolio', 'funnel_15m', 'feedback_share'],
});

let count = 0;
const told = (field: string, occurred_at: string, more: Facts) => {
  count += 1;
  return models
    .get()
    .insert('fact_platform_event', { event_hash: `h${count}`, field, occurred_at, waba_id: 'w1', payload: '{}', ...more });
};
const registered = (kind: string, id: string, parent_id: string | null, more: Facts = {}) =>
  models.get().insert('dim_registry', { kind, id, parent_id, changed_at: '2026-01-01', command_id: id, ...more });

describe('time in each state', () => {
  const template = (event: string, occurred_at: string, more: Facts = {}) =>
    told('message_template_status_update', occurred_at, {
      event,
      template_id: 't1',
      template_name: 'sale',
      template_language: 'en',
      ...more,
    });

  it('goes from one event to the next, by day, up to now', async () => {
    await template('APPROVED', '2026-11-19 12:00:00');
    await template('APPROVED', '2026-11-19 13:00:00'); // said again
    await template('PAUSED', '2026-11-20 18:00:00');
    await template('LOCKED', '2026-11-20 19:00:00'); // does not change whether it can be sent
    await template('APPROVED', '2026-11-21 06:00:00', { template_name: null });
    await models.get().built(true);
    const { rows } = await models
      .get()
      .ask({ metrics: ['time_in_state', 'state_entries'], by: ['template', 'state'], grain: 'day' });
    // Approved 12 h on the 19th, 18 h on the 20th, paused 6 h; paused 6 h on the 21st, approved 6 h until 12:00.
    expect(
      rows.map(({ dimensions, metrics }) => [
        dimensions['time']?.slice(8, 10),
        dimensions['template'],
        dimensions['state'],
        (metrics['time_in_state']?.value ?? 0) / 3600,
        metrics['state_entries']?.value,
      ]),
    ).toEqual([
      ['19', 'sale', 'APPROVED', 12, 1],
      ['20', 'sale', 'APPROVED', 18, 0],
      ['20', 'sale', 'PAUSED', 6, 1],
      ['21', 'sale', 'APPROVED', 6, 1],
      ['21', 'sale', 'PAUSED', 6, 0],
    ]);
    const share = await models.get().ask({ metrics: ['bad_state_share'], by: ['state_of'] });
    expect(share.rows[0]?.metrics['bad_state_share']).toMatchObject({ value: 12 / 48, low: null });
  });

  it('knows a number by the digits that it shows, and keeps quality of templates apart from their status', async () => {
    await registered('phone_number', 'n1', 'w1', { display_phone: '+49 151 000' });
    await told('phone_number_quality_update', '2026-11-21 00:00:00', { event: 'FLAGGED', display_phone: '49151000' });
    await told('phone_number_quality_update', '2026-11-21 09:00:00', { event: 'UNFLAGGED', display_phone: '49151000' });
    await told('phone_number_quality_update', '2026-11-21 10:00:00', {
      event: 'UPGRADE',
      display_phone: '49151000',
      new_value: 'TIER_10K',
    });
    await template('APPROVED', '2026-11-21 06:00:00');
    await told('message_template_quality_update', '2026-11-21 11:00:00', {
      template_id: 't1',
      old_value: 'GREEN',
      new_value: 'RED',
    });
    await models.get().built(true);
    const { rows } = await models
      .get()
      .ask({ metrics: ['time_in_state'], by: ['state_of', 'state', 'phone_number', 'template'] });
    expect(
      rows.map(({ dimensions, metrics }) => [...Object.values(dimensions), (metrics['time_in_state']?.value ?? 0) / 3600]),
    ).toEqual([
      ['number', 'FLAGGED', 'n1', null, 9],
      ['number', 'UNFLAGGED', 'n1', null, 3],
      ['template', 'APPROVED', null, 'sale', 6],
      ['template_quality', 'RED', null, 'sale', 1],
    ]);
  });
});

describe('use of the messaging limit', () => {
  const sent = (contact_alias: string, at: string, more: Facts = {}) => {
    count += 1;
    return models.get().message(`m${count}`, { contact_alias, accepted_at: at, waba_id: 'w1', category: 'marketing', ...more });
  };
  /** People at the end of a quarter hour. */
  const people = async (bucket: string) => {
    const [row] = await models
      .get()
      .rows(`SELECT people_all, limit_people FROM limit_use_15m WHERE bucket_at = TIMESTAMP '${bucket}'`);
    return row && [Number(row.people_all), row.limit_people === null ? null : Number(row.limit_people)];
  };

  it('counts each person once in 24 hours, against the limit of the time', async () => {
    await registered('waba', 'w1', 'b1');
    await registered('portfolio', 'b1', null, { messaging_limit: 4n });
    await told('business_capability_update', '2026-11-20 12:00:00', { new_value: '10' });
    await sent('a', '2026-11-19 10:05:00');
    await sent('b', '2026-11-19 10:10:00');
    await sent('a', '2026-11-19 20:00:00'); // keeps a until 20 November 20:00
    await sent('c', '2026-11-20 10:00:00');
    await sent('d', '2026-11-20 10:00:00', { category: 'service' });
    await sent('e', '2026-11-20 10:00:00', { failed_at: '2026-11-20 10:00:01', refused: false, error_code: 131026 });
    // f wrote an hour before: inside the service window.
    await models.get().insert('fact_inbound', {
      ...{ message_id: 'i1', user_alias: 'f', occurred_at: '2026-11-20 09:00:00', message_type: 'text', counted_type: 'reply' },
      ...{ counts_as_reply: true, content_hash: 'i1' },
    });
    await sent('f', '2026-11-20 10:00:00');
    await models.get().built(true);
    expect(await people('2026-11-19 09:45:00')).toEqual([0, 4]);
    expect(await people('2026-11-19 10:00:00')).toEqual([2, 4]);
    expect(await people('2026-11-19 20:00:00')).toEqual([2, 4]);
    // a is in until 20:00 of the next day; b until 10:10; c comes at 10:00.
    expect(await people('2026-11-20 10:00:00')).toEqual([2, 4]);
    expect(await people('2026-11-20 09:45:00')).toEqual([2, 4]);
    expect(await people('2026-11-20 12:00:00')).toEqual([2, 10]);
    expect(await people('2026-11-20 20:00:00')).toEqual([1, 10]);
    expect(await people('2026-11-21 10:00:00')).toEqual([0, 10]);
    const { rows } = await models.get().ask({
      metrics: ['limit_use', 'near_limit_share'],
      by: ['limit_portfolio'],
      from: new Date('2026-11-20T19:45:00Z'),
      to: new Date('2026-11-20T20:15:00Z'),
    });
    // 2 of 10, then 1 of 10.
    expect(rows[0]?.dimensions['limit_portfolio']).toBe('b1');
    expect(rows[0]?.metrics['limit_use']?.value).toBeCloseTo(3 / 20, 12);
    expect(rows[0]?.metrics['near_limit_share']).toMatchObject({ numerator: 0, denominator: 2 });
  });

  it('without a known limit has people and no use', async () => {
    await sent('a', '2026-11-21 10:05:00', { waba_id: 'nobody registered' });
    await models.get().built(true);
    expect(await people('2026-11-21 10:00:00')).toEqual([1, null]);
    const { rows } = await models.get().ask({ metrics: ['limit_use'] });
    expect(rows[0]?.metrics['limit_use']).toMatchObject({ value: null, numerator: 0, denominator: 0 });
  });
});

describe('throughput', () => {
  it('is the pace while sending, and refusals for sending too fast stand beside it', async () => {
    const out = (key: string, accepted_at: string, more: Facts = {}) =>
      models.get().message(key, { accepted_at, phone_number_id: 'n1', ...more });
    for (const [at, clock] of ['10:00:00.100', '10:00:00.900', '10:00:00.950', '10:00:07'].entries())
      await out(`m${at}`, `2026-11-21 ${clock}`);
    await models.get().message('fast', {
      requested_at: '2026-11-21 10:00:00',
      phone_number_id: 'n1',
      failed_at: '2026-11-21 10:00:01',
      refused: true,
      error_code: 130429,
    });
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['throughput', 'messages_throttled'], by: ['phone_number'] });
    // 4 messages in 2 seconds.
    expect(rows[0]?.metrics['throughput']).toMatchObject({ numerator: 4, denominator: 2, value: 2 });
    expect(rows[0]?.metrics['messages_throttled']).toMatchObject({ value: 1 });
    expect(await models.get().rows('SELECT peak_per_s FROM throughput_15m')).toEqual([{ peak_per_s: 3n }]);
  });
});
