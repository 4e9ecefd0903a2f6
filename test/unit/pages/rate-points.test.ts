import { describe, expect, it } from 'vitest';
import { ratePoints } from '../../../api/pages/rate-points.ts';
import { makeWords } from '../../../api/pages/words.ts';
import type { MetricDefinition, MetricRow } from '../../../models/metric-query.ts';

const definition = { name: 'read_rate', minimum_denominator: 30 } as MetricDefinition;
const row = (day: number, denominator: number, final: boolean, value: number | null = 0.5): MetricRow => ({
  dimensions: { time: `2026-11-0${day}T00:00:00Z` },
  metrics: {
    read_rate: {
      value,
      numerator: denominator / 2,
      denominator,
      low: value === null ? null : 0.4,
      high: value === null ? null : 0.6,
      adjusted: null,
      maturity: null,
      final,
    },
  },
});
const points = (rows: MetricRow[], zone = 'UTC') =>
  ratePoints(rows, definition, 'day', makeWords('en', zone)).map(({ at, run, open, lone }) => [at.slice(8, 10), run, open, lone]);

describe('the points of a rate', () => {
  it('come in order of time and make one run while nothing changes', () => {
    expect(points([row(2, 100, true), row(1, 100, true)])).toEqual([
      ['01', 0, false, false],
      ['02', 0, false, false],
    ]);
  });

  it('leave out intervals with too few messages, and undefined ones', () => {
    expect(points([row(1, 29, true), row(2, 30, true), row(3, 0, true, null)])).toEqual([['02', 0, false, true]]);
  });

  it('begin the open run with the last final point, so that the line is whole', () => {
    expect(points([row(1, 100, true), row(2, 100, true), row(3, 100, false)])).toEqual([
      ['01', 0, false, false],
      ['02', 0, false, false],
      ['02', 1, true, false],
      ['03', 1, true, false],
    ]);
  });

  it('stand where a clock of the zone stands', () => {
    // 30 October, 18:30 UTC is midnight of the 31st in India.
    const first = { ...row(1, 100, true), dimensions: { time: '2026-10-30T18:30:00Z' } };
    expect(points([first], 'Asia/Kolkata')).toEqual([['31', 0, false, true]]);
  });
});
