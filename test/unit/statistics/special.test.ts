import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as special from '../../../models/statistics/special.ts';

interface Golden {
  arguments: string[];
  tolerance: { rel: number; abs: number };
  rows: number[][];
}
const { functions } = JSON.parse(readFileSync('test/goldens/special.json', 'utf8')) as { functions: Record<string, Golden> };

const ours: Record<string, (...values: number[]) => number> = {
  norm_cdf: special.normCdf,
  norm_quantile: special.normQuantile,
  t_cdf: special.tCdf,
  t_quantile: special.tQuantile,
  chi2_sf: special.chi2Sf,
  beta_cdf: (x = 0, a = 0, b = 0) => special.betaCdf(x, a, b),
  beta_quantile: (p = 0, a = 0, b = 0) => special.betaQuantile(p, a, b),
  lgamma: special.lgamma,
  hyp2f1: special.hyp2f1,
};

describe('special functions', () => {
  it.each(Object.entries(functions))('%s agrees with every golden row', (name, { rows, tolerance: { rel, abs } }) => {
    const off = rows.filter((row) => {
      const expected = row.at(-1) ?? Number.NaN;
      const actual = ours[name]?.(...row.slice(0, -1)) ?? Number.NaN;
      return !(Math.abs(actual - expected) <= abs + rel * Math.abs(expected));
    });
    expect(rows.length).toBeGreaterThan(30);
    expect(off).toEqual([]);
  });

  it('tails are mirror images, down to where one minus the other side would be zero', () => {
    expect(special.normSf(8)).toBe(special.normCdf(-8));
    expect(special.normIsf(1e-30)).toBe(-special.normQuantile(1e-30));
    expect(special.tSf(20, 30)).toBe(special.tCdf(-20, 30));
    expect(special.betaSf(0.9, 2, 30)).toBeCloseTo(special.betaCdf(0.1, 30, 2), 40);
  });

  it('ln B(a, b) is what the gammas say, and holds where they cancel', () => {
    // B(2, 3) = 1! 2! / 4! = 1/12; B(1, n) = 1/n.
    expect(special.lbeta(2, 3)).toBeCloseTo(-Math.log(12), 14);
    for (const n of [5, 11, 1e6, 1e12]) expect(special.lbeta(1, n) / -Math.log(n)).toBeCloseTo(1, 13);
    // B(11, 21) = 10! 20! / 31!
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    expect(Math.exp(special.lbeta(11, 21)) / ((factorial(10) * factorial(20)) / factorial(31))).toBeCloseTo(1, 12);
  });

  it('the logarithm of 2F1 does not overflow: F(a, b; b; z) = (1 - z)^-a', () => {
    expect(special.lnHyp2f1(900, 5, 5, 0.9)).toBeCloseTo(-900 * Math.log(0.1), 9);
    expect(special.hyp2f1(3, 5, 5, 0.5)).toBeCloseTo(8, 12);
  });
});
