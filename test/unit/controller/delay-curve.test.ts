import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CurveName, curve, curveBook, meanShare, shareBy } from '../../../controller/delay-curve.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe('a delay curve', () => {
  const simple = curve([10, 30], [0.5, 0.9]);

  it('rises in straight lines from nothing at age 0', () => {
    expect([-5, 0, 5, 10, 20, 30].map((age) => shareBy(simple, age))).toEqual([0, 0, 0.25, 0.5, 0.7, 0.9]);
  });

  it('stays at its last share', () => {
    expect(shareBy(simple, 1e9)).toBe(0.9);
  });

  it('has as mean over ages the area under it', () => {
    // From 0 to 10 a triangle of 2.5; from 10 to 30 a mean of 0.7.
    expect(meanShare(simple, 0, 10)).toBeCloseTo(0.25, 12);
    expect(meanShare(simple, 0, 30)).toBeCloseTo((2.5 + 14) / 30, 12);
    expect(meanShare(simple, 30, 130)).toBeCloseTo(0.9, 12);
    expect(meanShare(simple, 10, 10)).toBe(0.5);
  });

  it('is mended when its points are in disorder, fall, pass 1 or are no numbers', () => {
    const mended = curve([30, 10, 20, 40, 50], [0.6, 0.5, 0.4, 1.7, Number.NaN]);
    expect([10, 20, 30, 40, 50].map((age) => shareBy(mended, age))).toEqual([0.5, 0.5, 0.6, 1, 1]);
  });

  it('never passes 1 and never falls, whatever the points', () => {
    const number = fc.oneof(fc.double(), fc.double({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1e9 }));
    const points = fc.array(fc.tuple(number, number), { maxLength: 12 });
    fc.assert(
      fc.property(
        points,
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (all, a, b) => {
          const made = curve(
            all.map(([age]) => age),
            all.map(([, share]) => share),
          );
          const [young, old] = [Math.min(a, b), Math.max(a, b)];
          const [early, late, mean] = [shareBy(made, young), shareBy(made, old), meanShare(made, young, old)];
          expect(early).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual(1);
          expect(late).toBeGreaterThanOrEqual(early);
          expect(mean).toBeGreaterThanOrEqual(early - 1e-6);
          expect(mean).toBeLessThanOrEqual(late + 1e-6);
        },
      ),
    );
  });
});

describe('the curves before anything was learned', () => {
  const find = curveBook([]);
  const at = (name: CurveName, ages: number[]) => ages.map((age) => shareBy(find(name, 'marketing'), age));

  it('expect half of the failures in 3 s and 99 % in 10 min', () => {
    for (const name of ['undeliverable', 'platform_block', 'other_failure'] as const) {
      expect(at(name, [3 * second, 10 * minute])).toEqual([0.5, 0.99]);
    }
  });

  it('expect a first status from 40 % in 5 s, 70 % in 1 min, 90 % in 1 h, 99 % in a day', () => {
    expect(at('any', [5 * second, minute, hour, 24 * hour])).toEqual([0.4, 0.7, 0.9, 0.99]);
  });

  it('expect 25 % of the opt-outs in 10 min, 50 % in 2 h, 80 % in 8 h, 95 % in a day, all in three', () => {
    expect(at('opt_out', [10 * minute, 2 * hour, 8 * hour, 24 * hour, 72 * hour])).toEqual([0.25, 0.5, 0.8, 0.95, 1]);
  });
});

describe('learned curves', () => {
  const learned = (category: string | null, events: number, share: number) => ({
    signal: 'any' as const,
    category,
    events,
    ages: [5 * second],
    shares: [share],
  });
  const at5 = (curves: ReturnType<typeof learned>[], category: string | null) =>
    shareBy(curveBook(curves)('any', category), 5 * second);

  it('weigh as many events as they have, against 50 of what stands behind them', () => {
    expect(at5([learned(null, 150, 1)], null)).toBeCloseTo(0.75 * 1 + 0.25 * 0.4, 12);
    expect(at5([learned(null, 150, 1), learned('utility', 50, 0.5)], 'utility')).toBeCloseTo((0.5 + 0.85) / 2, 12);
  });

  it('serve every category through the pooled one, and mean nothing without events or points', () => {
    expect(at5([learned(null, 150, 1)], 'marketing')).toBeCloseTo(0.85, 12);
    expect(at5([learned(null, 0, 1)], null)).toBe(0.4);
    expect(at5([{ ...learned(null, 1000, 1), ages: [], shares: [] }], null)).toBe(0.4);
  });
});
