import { describe, expect, it } from 'vitest';
import { agePoints } from '../../../api/pages/age-points.ts';
import { drillOf } from '../../../api/pages/drill.ts';
import { grainsFor, readFilters } from '../../../api/pages/filters.ts';
import { makeWords } from '../../../api/pages/words.ts';
import { describeCatalog, loadCatalog } from '../../../models/catalog.ts';
import type { MetricRow } from '../../../models/metric-query.ts';

const definitions = new Map(describeCatalog(loadCatalog(), 'EUR').metrics.map((one) => [one.name, one]));
const readByAge = definitions.get('read_by_age');
if (readByAge === undefined) throw new Error('no such metric');
const words = makeWords('en', 'UTC');

const row = (time: string, age: string, numerator: number, denominator: number): MetricRow => ({
  dimensions: { time, age },
  metrics: {
    read_by_age: {
      value: numerator / denominator,
      numerator,
      denominator,
      low: 0,
      high: 1,
      adjusted: null,
      maturity: null,
      final: true,
    },
  },
});

describe('curves by age', () => {
  it('have ages by their length and cohorts by their time, and leave out what stands on few', () => {
    const [monday, tuesday] = ['2026-11-16T00:00:00.000Z', '2026-11-17T00:00:00.000Z'];
    const rows = [row(tuesday, '15', 12, 60), row(monday, '120', 40, 80), row(monday, '15', 20, 80), row(tuesday, '120', 3, 29)];
    const { points, ages, cohorts } = agePoints(rows, readByAge, 'day', words);
    expect([ages, cohorts]).toEqual([
      ['15 mins', '2 hrs'],
      ['Mon 16 Nov', 'Tue 17 Nov'],
    ]);
    expect(points.map(({ cohort, age, value, counts }) => [cohort, age, value, counts])).toEqual([
      ['Mon 16 Nov', '15 mins', 0.25, '20 of 80'],
      ['Mon 16 Nov', '2 hrs', 0.5, '40 of 80'],
      ['Tue 17 Nov', '15 mins', 0.2, '12 of 60'],
    ]);
  });

  it('are of days in a week, of weeks in a month, of months beyond', () => {
    const span = (days: number) => grainsFor(new Date(0), new Date(days * 86_400_000)).cohort;
    expect([1, 7, 8, 30, 90].map(span)).toEqual(['day', 'day', 'week', 'week', 'month']);
  });
});

describe('the way from a figure to its messages', () => {
  const filters = readFilters({ range: '7d', market: 'India', compare: 'previous' }, new Date('2026-11-21T12:00:00Z'), [
    'market',
  ]);
  const drill = (metric: string, of?: { dimension: string; value: string | null }) => {
    const query = { metrics: [metric], by: [], where: {}, limit: 1000, range: 'page' as const };
    const panel = { id: 'p', title: { en: 'P', fr: 'P' }, chart: 'figures' as const, query };
    return drillOf(panel, { filters, campaign: 'autumn', definitions })(metric, of);
  };

  it('goes by the part that the figure counts, with its range and filters', () => {
    expect(drill('read_rate')).toBe('/messages/read?range=7d&market=India&campaign=autumn');
    expect(drill('messages_delivered', { dimension: 'variant', value: 'b' })).toBe(
      '/messages/delivered?range=7d&market=India&campaign=autumn&variant=b',
    );
  });

  it('is not there for what is no count of messages, or of what is not known', () => {
    expect(drill('cost')).toBeNull();
    expect(drill('cost_per_delivered')).toBeNull();
    expect(drill('read_by_age')).toBeNull();
    expect(drill('read_rate', { dimension: 'segment', value: null })).toBeNull();
    expect(drill('read_rate', { dimension: 'hour_of_week', value: '1-09' })).toBeNull();
  });
});

describe('amounts', () => {
  it('say their currency as the reader writes it, with the true minus', () => {
    const [cost, roas] = [definitions.get('cost'), definitions.get('roas')];
    expect(words.figure(12.5, cost)).toBe('€12.50');
    expect(makeWords('fr', 'UTC').figure(-1234.6, cost)).toBe('−1\u202f235\u00a0€');
    expect(words.figure(0.0421, definitions.get('cost_per_delivered'))).toBe('€0.0421');
    expect(words.figure(2, roas)).toBe('2.00');
  });
});
