import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricQuery } from '../../models/metric-query.ts';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';
import { fixedWarehouse, MemoryLog } from '../stand-ins.ts';

describe('GET /v1/metrics', () => {
  let test: AppUnderTest;
  let asked: MetricQuery | undefined;
  beforeAll(async () => {
    const { metrics } = fixedWarehouse(new MemoryLog());
    test = await appUnderTest({
      warehouse: {
        metrics: (query) => {
          asked = query;
          return metrics(query);
        },
      },
    });
  });
  afterAll(() => test.app.close());
  const get = (query: string, headers: Record<string, string> = {}) =>
    test.app.inject({ url: `/v1/metrics?${query}`, headers: { ...bearer('analyst'), ...headers } });

  it('answers rows of dimensions beside metrics', async () => {
    const answer = await get('metrics=read_rate&by=campaign');
    expect(answer.json()).toEqual({
      rows: [
        {
          campaign: '=cmd|calc',
          read_rate: {
            value: 0.5,
            numerator: 10,
            denominator: 20,
            low: 0.299,
            high: 0.701,
            adjusted: null,
            maturity: null,
            final: false,
          },
        },
      ],
      truncated: false,
      watermark: '2026-11-21T10:00:00.000Z',
      built_at: null,
      stale: [],
    });
  });

  it('reads the whole question', async () => {
    await get(
      'metrics=read_rate,read_rate&by=campaign,variant&grain=day&from=2026-11-01&to=2026-11-08T00:00:00%2B05:30&zone=Asia/Kolkata&where=campaign:spring,market:IN|BR&where=segment:a%5C%7Cb&limit=7',
    );
    expect(asked).toEqual({
      metrics: ['read_rate', 'read_rate'],
      by: ['campaign', 'variant'],
      grain: 'day',
      // midnight in India is 18:30 UTC of the day before
      from: new Date('2026-10-31T18:30:00Z'),
      to: new Date('2026-11-07T18:30:00Z'),
      zone: 'Asia/Kolkata',
      where: { campaign: ['spring'], market: ['IN', 'BR'], segment: ['a|b'] },
      limit: 7,
    });
  });

  it('reads a zone whose "+" was not escaped', async () => {
    await get('metrics=read_rate&from=2026-11-08T00:00:00+05:30');
    expect(asked?.from).toEqual(new Date('2026-11-07T18:30:00Z'));
  });

  it.each([
    ['', 'metrics'],
    ['metrics=', 'metrics'],
    ['metrics=read_rate&metrics=read_rate', 'metrics'],
    ['metrics=unknown_rate', 'metrics'],
    ['metrics=read_rate&grain=fortnight', 'grain'],
    ['metrics=read_rate&from=yesterday', 'from'],
    ['metrics=read_rate&from=2026-02-30', 'from'],
    ['metrics=read_rate&from=2026-11-02T10:00:00', 'from'],
    ['metrics=read_rate&from=2026-11-02&to=2026-11-02', 'to'],
    ['metrics=read_rate&zone=Mars/Olympus', 'zone'],
    ['metrics=read_rate&where=campaign', 'where'],
    ['metrics=read_rate&where=market:IN&where=market:BR', 'where'],
    ['metrics=read_rate&limit=0', 'limit'],
    ['metrics=read_rate&limit=many', 'limit'],
    ['metrics=read_rate&form=2026-11-01', 'form'],
  ])('refuses "%s" and names %s', async (query, field) => {
    const answer = await get(query);
    expect([answer.statusCode, answer.json().code, answer.json().field]).toEqual([400, 'query_invalid', field]);
  });

  it('gives CSV whose text no spreadsheet runs', async () => {
    const answer = await get('metrics=read_rate&by=campaign', { accept: 'text/csv' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.body.split('\r\n')).toEqual([
      'campaign,read_rate,read_rate_numerator,read_rate_denominator,read_rate_low,read_rate_high,read_rate_adjusted,read_rate_adjusted_low,read_rate_adjusted_high,read_rate_maturity,read_rate_final',
      "'=cmd|calc,0.5,10,20,0.299,0.701,,,,,false",
      '',
    ]);
  });

  it('gives an Arrow stream', async () => {
    const answer = await get('metrics=read_rate', { accept: 'application/vnd.apache.arrow.stream, application/json;q=0.5' });
    expect(answer.headers['content-type']).toBe('application/vnd.apache.arrow.stream');
    expect([...answer.rawPayload]).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
  });

  it('refuses to give what nobody can read here', async () => {
    const answer = await get('metrics=read_rate', { accept: 'application/pdf' });
    expect([answer.statusCode, answer.json().code]).toEqual([406, 'not_acceptable']);
  });

  it('does not send the same answer twice', async () => {
    const first = await get('metrics=read_rate');
    const { etag } = first.headers;
    expect(etag).toMatch(/^W\/"/);
    expect((await get('metrics=read_rate', { 'if-none-match': String(etag) })).statusCode).toBe(304);
    expect((await get('metrics=read_rate&limit=5', { 'if-none-match': String(etag) })).statusCode).toBe(200);
    expect((await get('metrics=read_rate', { 'if-none-match': String(etag), accept: 'text/csv' })).statusCode).toBe(200);
  });

  it('shows its catalogue', async () => {
    const answer = await test.app.inject({ url: '/v1/metrics/catalog', headers: bearer('growth') });
    expect(answer.json()).toEqual({ metrics: [], dimensions: [{ name: 'campaign', description: 'The campaign' }] });
  });
});
