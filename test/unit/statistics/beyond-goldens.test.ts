import { describe, expect, it } from 'vitest';
import { bootstrap } from '../../../models/statistics/bootstrap.ts';
import { capOf, cappedMoments } from '../../../models/statistics/capped-mean.ts';
import { falseCoverageConfidence } from '../../../models/statistics/false-coverage.ts';
import { guardrailThreshold } from '../../../models/statistics/guardrail-eprocess.ts';
import { heterogeneity } from '../../../models/statistics/heterogeneity.ts';
import { srmDrillDown } from '../../../models/statistics/srm-drill-down.ts';
import { welchT } from '../../../models/statistics/welch-t.ts';

describe('a capped mean', () => {
  it('is cut at a percentile of the values that are not 0', () => {
    // Non-zero values 10, 20, 30, 40, 1000: place (5 - 1) x 0.75 = 3, the fourth.
    const values = [0, 0, 10, 1000, 20, 0, 40, 30];
    expect(capOf(values, 0.75)).toBe(40);
    // Halfway between places 3 and 4: 40 + (1000 - 40) x 0.5.
    expect(capOf(values, 0.875)).toBe(520);
    // (10 + 40 + 20 + 40 + 30) / 8 = 17.5; one value was cut.
    expect(cappedMoments(values, 40)).toMatchObject({ n: 8, mean: 17.5, capped: 1 });
  });

  it('has no cap where nobody bought', () => {
    expect(capOf([0, 0], 0.99)).toBeNull();
  });

  it('keeps one whale order from making a verdict', () => {
    const buyers = (count: number) => [...Array(1000 - count).fill(0), ...Array.from({ length: count }, (_, k) => 20 + (k % 7))];
    const [control, treatment] = [buyers(100), [...buyers(100).slice(1), 50_000]];
    const cap = capOf([...control, ...treatment], 0.99) ?? Number.NaN;
    const capped = welchT({ control: cappedMoments(control, cap), treatment: cappedMoments(treatment, cap) });
    expect(capped.absolute.estimate).toBeLessThan(0.1);
    expect(welchT({ control: { values: control }, treatment: { values: treatment } }).absolute.estimate).toBeGreaterThan(49);
  });
});

describe('the bootstrap', () => {
  const control = Array.from({ length: 300 }, (_, k) => (k * k) % 97);
  const treatment = Array.from({ length: 280 }, (_, k) => ((k * k) % 89) + 4);

  it("agrees with Welch's interval where that holds", () => {
    const { ci } = bootstrap({ control, treatment, seed: 7 });
    const welch = welchT({ control: { values: control }, treatment: { values: treatment } }).absolute;
    for (const end of [0, 1] as const) expect(Math.abs(ci[end] - welch.ci[end])).toBeLessThan(0.15 * welch.se);
  });

  it('says the same for the same seed, in whatever order people come', () => {
    const one = bootstrap({ control, treatment, seed: 7, resamples: 200 });
    expect(bootstrap({ control: [...control].reverse(), treatment, seed: 7, resamples: 200 })).toEqual(one);
    expect(bootstrap({ control, treatment, seed: 8, resamples: 200 }).ci).not.toEqual(one.ci);
  });
});

describe('intervals of what was selected', () => {
  it('are wider the fewer were selected out of the more', () => {
    // 3 of 20 at 5 %: 1 - 0.05 x 3/20.
    expect(falseCoverageConfidence(3, 20, 0.05)).toBeCloseTo(0.9925, 12);
    expect(falseCoverageConfidence(20, 20, 0.05)).toBeCloseTo(0.95, 12);
  });
});

describe('heterogeneity', () => {
  it('weighs by inverse variance: estimates 1 and 3 with variances 1 and 1 pool to 2, Q = 2', () => {
    const found = heterogeneity([
      { estimate: 1, variance: 1 },
      { estimate: 3, variance: 1 },
    ]);
    expect(found).toMatchObject({ pooled: 2, q: 2, df: 1 });
    // Upper tail of chi-square(1) at 2.
    expect(found?.p).toBeCloseTo(0.15729920705, 10);
  });

  it('says nothing where an estimate has no variance', () => {
    expect(heterogeneity([{ estimate: 1, variance: 0 }])).toBeNull();
  });
});

describe('the drill-down of a sample ratio mismatch', () => {
  const cell = (dimension: string, value: string, ...observed: number[]) => ({ dimension, value, observed });
  it('names the one value that makes it', () => {
    // Half of the treatment on Android never arrived; languages carry it in proportion.
    const cells = [
      cell('device', 'android', 5000, 2500),
      cell('device', 'ios', 5010, 4990),
      cell('device', 'web', 995, 1005),
      cell('language', 'en', 5503, 4248),
      cell('language', 'fr', 5502, 4247),
    ];
    const suspects = srmDrillDown({ cells, weights: [1, 1] });
    expect(suspects[0]).toMatchObject({ dimension: 'device', value: 'android', explains: true });
    expect(suspects.filter(({ explains }) => explains)).toHaveLength(1);
  });
});

describe('a non-inferiority margin', () => {
  it('is a share of the baseline on top of it', () => {
    expect(guardrailThreshold(0.008, 0.25)).toBeCloseTo(0.01, 15);
  });
});
