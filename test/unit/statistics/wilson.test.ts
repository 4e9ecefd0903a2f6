import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../../../models/statistics/wilson.ts';

interface Golden {
  id: string;
  method: string;
  description: string;
  input: { n: number; x: number; confidence: number };
  expected: { wilson_ci: [number, number] };
}
const goldens = (JSON.parse(readFileSync('test/goldens/ab.json', 'utf8')) as { cases: Golden[] }).cases.filter(
  ({ method }) => method === 'rate_ci',
);
/** Standard normal quantiles from printed tables. */
const z: Record<number, number> = { 0.95: 1.959963984540054, 0.99: 2.5758293035489004 };

describe('the Wilson interval', () => {
  it.each(goldens)('agrees with the golden $id: $description', ({ input: { n, x, confidence }, expected }) => {
    const interval = wilsonInterval(x, n, z[confidence]);
    const [low, high] = expected.wilson_ci;
    expect(Math.abs((interval?.low ?? Number.NaN) - low)).toBeLessThanOrEqual(1e-12 + 1e-6 * low);
    expect(Math.abs((interval?.high ?? Number.NaN) - high)).toBeLessThanOrEqual(1e-12 + 1e-6 * high);
  });

  it('does not exist where there is nothing to divide by', () => {
    expect(wilsonInterval(0, 0)).toBeNull();
  });

  it('lies within 0 and 1 and holds the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const x = Math.round(n * share);
        const { low, high } = wilsonInterval(x, n) ?? { low: Number.NaN, high: Number.NaN };
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(x / n);
        expect(high).toBeGreaterThanOrEqual(x / n);
      }),
    );
  });
});
