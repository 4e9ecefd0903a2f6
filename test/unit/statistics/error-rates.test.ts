import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  guardrailAlpha,
  guardrailPrior,
  plannedLooks,
  plannedSpending,
  srmAlpha,
  srmConcentration,
  verdictAlpha,
} from '../../../models/statistics/choices.ts';
import { crossing, groupSequential, spending, spendingBounds } from '../../../models/statistics/group-sequential.ts';
import { logGuardrailE } from '../../../models/statistics/guardrail-eprocess.ts';
import { logBayesFactor } from '../../../models/statistics/sequential-multinomial.ts';
import { coverage } from '../../bench/verdicts/coverage.ts';
import { chanceToSpeak } from '../../bench/verdicts/walk.ts';

/** The promises that are cheap to check exactly; `npm run bench:verdicts` measures them all. */
describe('how often a verdict is wrong', () => {
  it.each([
    [100, 1900, 0.005, 0.005],
    [100, 1900, 0.02, 0.2],
    [1900, 100, 0.01, 0.03],
    [1000, 1000, 0.005, 0.01],
    [200, 1800, 0.1, 0.05],
  ])('score intervals of %d and %d people at %d and %d hold the true difference in at least 94 %', (nc, nt, pc, pt) => {
    const { difference } = coverage(nc, nt, pc, pt, verdictAlpha);
    expect(difference).toBeGreaterThanOrEqual(0.94);
    if (Math.min(nc * pc, nt * pt) >= 2) expect(difference).toBeLessThanOrEqual(0.97);
  });

  it('a guardrail at 1 %, looked at after each message, stops 2 % before 3,000 messages in 9 of 10 and 1 % in 1 of 100', () => {
    const prior = guardrailPrior(0.01);
    const says = (n: number, x: number) => logGuardrailE(n, x, 0.01, prior) >= Math.log(1 / guardrailAlpha);
    expect(chanceToSpeak(0.02, says, () => 0, [3000])[0]).toBeGreaterThanOrEqual(0.9);
    expect(chanceToSpeak(0.01, says, () => 0, [10_000])[0]).toBeLessThanOrEqual(0.01);
  });

  it('a sound sample ratio, looked at after each person, raises an alarm in at most 1 of 1,000', () => {
    const says = (n: number, x: number) => logBayesFactor([x, n - x], [0.1, 0.9], srmConcentration) >= Math.log(1 / srmAlpha);
    expect(chanceToSpeak(0.1, says, (n) => 0.1 * n, [5000])[0]).toBeLessThanOrEqual(srmAlpha);
  });

  it('planned looks together cross their bounds with chance alpha, whenever they come', () => {
    const { z_bounds } = groupSequential({ looks: plannedLooks, alpha: verdictAlpha, boundary: plannedSpending });
    expect(crossing([0.2, 0.4, 0.6, 0.8, 1], z_bounds)).toBeCloseTo(verdictAlpha, 8);
    const steps = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(steps, fc.constantFrom('lan_demets_obf' as const, 'lan_demets_pocock' as const), (parts, kind) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        const times = parts.map((_, k) => parts.slice(0, k + 1).reduce((sum, part) => sum + part, 0) / total);
        const spent = times.map((t) => spending[kind](t, verdictAlpha));
        const bounds = spendingBounds(times, spent);
        expect(crossing(times, bounds)).toBeCloseTo(verdictAlpha, 6);
        // What comes later does not move a bound that was used.
        expect(spendingBounds(times.slice(0, 2), spent.slice(0, 2))).toEqual(bounds.slice(0, 2));
      }),
      { numRuns: 20 },
    );
  });
});
