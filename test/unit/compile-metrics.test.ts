import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../models/catalog.ts';
import { compileMetricQuery } from '../../models/compile-metrics.ts';
import type { MetricQuery } from '../../models/metric-query.ts';
import { SluiceError } from '../../sql/errors.ts';

const catalog = loadCatalog();
const query = (given: Partial<MetricQuery>): MetricQuery => ({
  metrics: ['delivery_rate'],
  by: [],
  zone: 'UTC',
  where: {},
  limit: 100,
  ...given,
});
const compile = (asked: MetricQuery) => compileMetricQuery(catalog, asked, 'some_share');
const refusal = (given: Partial<MetricQuery>) => {
  try {
    compile(query(given));
  } catch (error) {
    if (error instanceof SluiceError) return { code: error.code, field: error.field, detail: error.detail };
  }
  return null;
};

describe('a metric query', () => {
  it('becomes one statement whose values are all parameters', () => {
    const hostile = `x'; DROP TABLE fact_message; --`;
    const { sql, parameters } = compile(
      query({
        by: ['campaign'],
        where: { campaign: [hostile], market: ['India', 'Nepal'] },
        grain: 'day',
        zone: 'Asia/Kathmandu',
      }),
    );
    expect(sql).not.toContain('DROP');
    expect(sql).not.toContain('Kathmandu');
    expect(parameters).toEqual({
      limit: 101,
      zone: 'Asia/Kathmandu',
      where_0_0: hostile,
      where_1_0: 'India',
      where_1_1: 'Nepal',
    });
  });

  it('is the same text for the same names, and asks for each part once', () => {
    const both = query({ metrics: ['delivery_rate', 'failure_rate', 'messages_delivered'] });
    const { sql } = compile(both);
    expect(compile(both).sql).toBe(sql);
    expect(sql.match(/sum\(m\."delivered"\)/g)).toHaveLength(1);
    expect(sql.match(/sum\(m\."attempted"\)/g)).toHaveLength(1);
  });

  it('names its group keys', () => {
    expect(compile(query({ by: ['campaign'], grain: 'hour' })).sql).not.toMatch(/GROUP BY ALL/i);
  });

  it.each<[string, Partial<MetricQuery>, string, string]>([
    ['no metric', { metrics: [] }, 'metrics', 'delivery_rate, delivery_rate_without_blocks'],
    ['an unknown metric', { metrics: ['happiness'] }, 'metrics', '"happiness"; there are'],
    ['a metric from the prototype', { metrics: ['constructor'] }, 'metrics', 'constructor'],
    ['a metric twice', { metrics: ['read_rate', 'read_rate'] }, 'metrics', 'twice'],
    ['an unknown dimension', { by: ['weather'] }, 'by', '"weather"; there are campaign'],
    ['a dimension twice', { by: ['campaign', 'campaign'] }, 'by', 'twice'],
    ['time as a dimension', { by: ['time'] }, 'by', 'comes with a grain'],
    [
      'a dimension the metric is not known by',
      { by: ['error_code'] },
      'by',
      '"delivery_rate" is not known by error_code; it is by campaign',
    ],
    ['an unknown dimension to filter by', { where: { weather: ['rain'] } }, 'where', '"weather"'],
    ['a from off the quarter hour', { from: new Date('2026-11-01T10:07:00Z') }, 'from', 'not on a quarter hour'],
    ['a to off the quarter hour', { to: new Date('2026-11-01T10:00:01Z') }, 'to', 'not on a quarter hour'],
    ['no time at all', { from: new Date('nonsense') }, 'from', 'not a time'],
    ['an empty range', { from: new Date('2026-11-02'), to: new Date('2026-11-02') }, 'to', 'not after'],
    ['an unknown zone', { zone: 'Mars/Olympus' }, 'zone', 'IANA'],
    ['an unknown grain', { grain: 'decade' as never }, 'grain', 'there are quarter_hour'],
    ['a limit of nothing', { limit: 0 }, 'limit', 'above 0'],
  ])('with %s is refused, naming what exists', (_, given, field, detail) => {
    expect(refusal(given)).toMatchObject({ code: 'query_invalid', field, detail: expect.stringContaining(detail) });
  });
});
