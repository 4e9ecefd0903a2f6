import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { headStart, line, step } from '../../../controller/cusum.ts';

const rates = { accept: 0.05, reject: 0.15 };

/** Messages until S reaches the line, with events of a Poisson process at `rate` a message; null when it comes back to 0 first. */
function play(random: () => number, rate: number, h: number, start: number, until0: boolean): number | null {
  let [sum, messages] = [start, 0];
  for (;;) {
    const quiet = -Math.log(1 - random()) / rate;
    messages += quiet;
    sum = step(sum, rates, 0, quiet);
    if (until0 && sum === 0) return null;
    sum = step(sum, rates, 1, 0);
    if (sum >= h) return messages;
  }
}

function means(count: number, one: () => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += one();
  return sum / count;
}

function seeded(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

describe('the CUSUM of a counting process', () => {
  it('adds ln(reject/accept) an event, takes reject − accept a message, and never falls below nothing', () => {
    expect(step(0, rates, 2, 0)).toBeCloseTo(2 * 1.0986123, 6); // ln 3
    expect(step(5, rates, 0, 20)).toBeCloseTo(3, 12);
    expect(step(5, rates, 0, 80)).toBe(0);
    expect(step(5, rates, -1, 0)).toBeCloseTo(5 - 1.0986123, 6);
  });

  it('does not depend on how evidence above nothing is cut into steps', () => {
    const whole = step(3, rates, 7, 40);
    const parts = [1, 2, 0, 4].reduce((sum, events) => step(sum, rates, events, 10), 3);
    expect(parts).toBeCloseTo(whole, 12);
  });

  it('has its line where the budget says: a million messages, four detectors', () => {
    // 1 + 1,000,000 · 4 · 0.1 = 400,001, whose logarithm is ln 4 + 5 ln 10.
    expect(line(rates, 1_000_000, 4)).toBeCloseTo(1.386294 + 11.512925, 4);
  });

  it('alarms falsely no more often than the budget, by simulation at the accepted rate', () => {
    const budget = 1000;
    const h = line(rates, budget, 1);
    const random = seeded(1);
    const run = means(800, () => play(random, rates.accept, h, 0, false) ?? 0);
    expect(run).toBeGreaterThan(budget);
    expect(run).toBeLessThan(6 * budget); // the bound is not idle
  });

  it('and hardly ever at a healthy rate below it', () => {
    const h = line(rates, 1000, 1);
    const random = seeded(2);
    expect(means(100, () => play(random, 0.025, h, 0, false) ?? 0)).toBeGreaterThan(20_000);
  });

  it('finds the rate to catch after about h / (reject · ln(reject/accept) − (reject − accept)) messages', () => {
    const h = line(rates, 1_000_000, 4);
    const expected = 12.8992 / (0.15 * 1.0986123 - 0.1); // 199
    const random = seeded(3);
    const run = means(800, () => play(random, 0.15, h, 0, false) ?? 0);
    expect(run / expected).toBeGreaterThan(0.9);
    expect(run / expected).toBeLessThan(1.1);
  });

  it('with a head start finds it in half, and still alarms falsely with a chance of at most e^(−h/2)', () => {
    const h = line(rates, 1000, 1);
    const random = seeded(4);
    const ahead = means(2000, () => play(random, 0.15, h, headStart(h), false) ?? 0);
    const cold = means(2000, () => play(random, 0.15, h, 0, false) ?? 0);
    expect(ahead / cold).toBeLessThan(0.7);
    const alarms = means(4000, () => (play(random, rates.accept, h, headStart(h), true) === null ? 0 : 1));
    expect(alarms).toBeLessThan(Math.exp(-h / 2));
  });
});
