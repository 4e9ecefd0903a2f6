import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceToBeat } from '../../models/statistics/beta-binomial.ts';
import { confidenceSequence } from '../../models/statistics/confidence-sequence.ts';
import { fisherExact } from '../../models/statistics/fisher-exact.ts';
import { logGuardrailE } from '../../models/statistics/guardrail-eprocess.ts';
import { momentsOf } from '../../models/statistics/moments.ts';
import { clopperPearson, jeffreys, wilson } from '../../models/statistics/rate-interval.ts';
import { miettinenNurminen, miettinenNurminenP, relativeScoreInterval } from '../../models/statistics/score-interval.ts';
import { logBayesFactor } from '../../models/statistics/sequential-multinomial.ts';
import { srm } from '../../models/statistics/srm.ts';
import { stratified } from '../../models/statistics/stratified.ts';
import { twoProportion } from '../../models/statistics/two-proportion.ts';
import { welchT } from '../../models/statistics/welch-t.ts';

/** Arms as marketing has them: from one person to millions, rates from nothing to all, most of them low. */
const arm = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 51, max: 2_000_000 })),
    fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 999 }) }, fc.constantFrom(0, 1000)),
  )
  .map(([n, share]) => ({ n, x: Math.round(n * (share / 1000) ** 3) }));
const arms = fc.record({ control: arm, treatment: arm });
const confidence = fc.constantFrom(0.8, 0.9, 0.95, 0.99, 0.999);
function close(one: number, other: number, slack = 1e-7): void {
  expect(Math.abs(one - other)).toBeLessThanOrEqual(slack * Math.max(1e-3, Math.abs(one), Math.abs(other)));
}

describe('one verdict has one statistic', () => {
  it('score p, absolute and relative interval never contradict each other', () => {
    fc.assert(
      fc.property(arms, confidence, ({ control, treatment }, level) => {
        const p = miettinenNurminenP(control, treatment);
        fc.pre(Math.abs(p - (1 - level)) > 1e-9);
        const excludesZero = ([low, high]: [number, number]) => low > 0 || high < 0;
        const significant = p < 1 - level;
        expect(excludesZero(miettinenNurminen(control, treatment, level))).toBe(significant);
        expect(excludesZero(relativeScoreInterval(control, treatment, level))).toBe(significant);
      }),
      { numRuns: 500 },
    );
  });

  it('score intervals hold the estimate, and the wider confidence holds the narrower', () => {
    fc.assert(
      fc.property(arms, ({ control, treatment }) => {
        const lift = treatment.x / treatment.n - control.x / control.n;
        const [narrow, wide] = [miettinenNurminen(control, treatment, 0.9), miettinenNurminen(control, treatment, 0.99)];
        expect(narrow[0]).toBeLessThanOrEqual(lift + 1e-12);
        expect(narrow[1]).toBeGreaterThanOrEqual(lift - 1e-12);
        expect(wide[0]).toBeLessThanOrEqual(narrow[0] + 1e-12);
        expect(wide[1]).toBeGreaterThanOrEqual(narrow[1] - 1e-12);
      }),
    );
  });

  it("Welch's and Fieller's intervals exclude zero exactly when p is under alpha", () => {
    const mean = fc.record({
      n: fc.integer({ min: 2, max: 100_000 }),
      mean: fc.double({ min: 0.1, max: 50, noNaN: true }),
      variance: fc.double({ min: 0.01, max: 500, noNaN: true }),
    });
    fc.assert(
      fc.property(mean, mean, (control, treatment) => {
        const { absolute, relative_fieller_ci } = welchT({ control, treatment });
        fc.pre(Math.abs(absolute.p_two_sided - 0.05) > 1e-9);
        const excludesZero = ([low, high]: [number, number]) => low > 0 || high < 0;
        expect(excludesZero(absolute.ci)).toBe(absolute.p_two_sided < 0.05);
        if (relative_fieller_ci !== null) expect(excludesZero(relative_fieller_ci)).toBe(absolute.p_two_sided < 0.05);
      }),
      { numRuns: 150 },
    );
  });

  it('a confidence sequence excludes zero exactly when its p is at most alpha', () => {
    fc.assert(
      fc.property(arms, ({ control, treatment }) => {
        const { ci, p_instant } = confidenceSequence({ alpha: 0.05, n_star: 20_000, looks: [{ control, treatment }] });
        const [interval, p] = [ci[0] ?? null, p_instant[0] ?? null];
        fc.pre(interval !== null && p !== null && Math.abs(p - 0.05) > 1e-9);
        if (interval !== null && p !== null) expect(interval[0] > 0 || interval[1] < 0).toBe(p < 0.05);
      }),
    );
  });
});

describe('names of arms and order of people do not matter', () => {
  it('swapping the arms flips every sign and keeps every two-sided p', () => {
    fc.assert(
      fc.property(arms, ({ control, treatment }) => {
        const [there, back] = [twoProportion({ control, treatment }), twoProportion({ control: treatment, treatment: control })];
        close(there.absolute_lift, -back.absolute_lift);
        close(there.p_two_sided, back.p_two_sided);
        close(there.miettinen_nurminen_p, back.miettinen_nurminen_p);
        for (const field of ['wald_ci', 'newcombe_ci', 'miettinen_nurminen_ci'] as const) {
          close(there[field][0], -back[field][1], 1e-6);
          close(there[field][1], -back[field][0], 1e-6);
        }
        // 1 + relative lift turns into its inverse.
        const [low, high] = [1 + there.relative_lift_score_ci[0], 1 + back.relative_lift_score_ci[1]];
        if (low > 0 && Number.isFinite(high)) close(low * high, 1, 1e-6);
        if (control.n + treatment.n < 10_000) {
          close(
            fisherExact({ control, treatment }).p_two_sided,
            fisherExact({ control: treatment, treatment: control }).p_two_sided,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it('the chances of both arms to win add up to 1', () => {
    const shapes = fc.tuple(fc.double({ min: 0.5, max: 5000, noNaN: true }), fc.double({ min: 0.5, max: 50_000, noNaN: true }));
    fc.assert(
      fc.property(shapes, shapes, (one, other) => {
        close(chanceToBeat(one, other) + chanceToBeat(other, one), 1);
      }),
      { numRuns: 25 },
    );
  });

  it('permuting people changes nothing but rounding', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.nat()), (people, order) => {
        const shuffled = people
          .map((value) => ({ value, place: order.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ value }) => value);
        const [one, other] = [momentsOf(people), momentsOf(shuffled)];
        close(one.mean, other.mean, 1e-9);
        close(one.variance, other.variance, 1e-9);
      }),
    );
  });

  it('merging strata that are alike changes neither rates nor differences', () => {
    fc.assert(
      fc.property(arms, fc.integer({ min: 2, max: 5 }), ({ control, treatment }, copies) => {
        const whole = stratified({ strata: [{ control, treatment }] });
        const split = stratified({ strata: Array.from({ length: copies }, () => ({ control, treatment })) });
        close(split.mh_risk_difference, whole.mh_risk_difference);
        close(split.crude_absolute_lift, whole.mh_risk_difference);
        close(split.mh_risk_ratio ?? 0, whole.mh_risk_ratio ?? 0);
        if (split.heterogeneity_q !== null) expect(split.heterogeneity_q).toBeLessThan(1e-9);
        if (whole.cmh_chi2 !== null && control.n + treatment.n > 1000) close(split.cmh_chi2 ?? 0, copies * whole.cmh_chi2, 2e-3);
      }),
    );
  });

  it('arms may come in any order in a sample ratio', () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 10 })), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(counts, (pairs) => {
        const ask = (list: [number, number][]) => ({ observed: list.map(([x]) => x), weights: list.map(([, w]) => w) });
        const reversed = [...pairs].reverse();
        close(srm(ask(pairs)).chi2, srm(ask(reversed)).chi2);
        const shares = (list: [number, number][]) => list.map(([, w]) => w / list.reduce((sum, [, v]) => sum + v, 0));
        const factor = (list: [number, number][]) =>
          logBayesFactor(
            list.map(([x]) => x),
            shares(list),
            100,
          );
        close(factor(pairs), factor(reversed), 1e-6);
      }),
    );
  });
});

describe('more evidence says more', () => {
  it('one more conversion in treatment never lowers the lift, nor either end of its interval', () => {
    fc.assert(
      fc.property(arms, ({ control, treatment }) => {
        fc.pre(treatment.x < treatment.n);
        const more = { n: treatment.n, x: treatment.x + 1 };
        const [before, after] = [miettinenNurminen(control, treatment, 0.95), miettinenNurminen(control, more, 0.95)];
        expect(after[0]).toBeGreaterThanOrEqual(before[0] - 1e-12);
        expect(after[1]).toBeGreaterThanOrEqual(before[1] - 1e-12);
        expect(
          chanceToBeat([1 + control.x, 1 + control.n - control.x], [1 + more.x, 1 + more.n - more.x]),
        ).toBeGreaterThanOrEqual(
          chanceToBeat([1 + control.x, 1 + control.n - control.x], [1 + treatment.x, 1 + treatment.n - treatment.x]) - 1e-9,
        );
      }),
      { numRuns: 25 },
    );
  });

  it('the same rates among more people narrow every interval of a rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), confidence, (n, u, level) => {
        const x = Math.round(n * u);
        for (const method of [wilson, clopperPearson, jeffreys]) {
          const width = ([low, high]: [number, number]) => high - low;
          expect(width(method(4 * n, 4 * x, level))).toBeLessThan(width(method(n, x, level)));
        }
      }),
    );
  });

  it('each event raises the evidence against a guardrail, each uneventful message lowers it', () => {
    const prior = { alpha: 1, beta: 50 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 100 }), (quiet, x) => {
        const now = logGuardrailE(quiet + x, x, 0.01, prior);
        expect(logGuardrailE(quiet + x + 1, x + 1, 0.01, prior)).toBeGreaterThan(now);
        expect(logGuardrailE(quiet + x + 1, x, 0.01, prior)).toBeLessThan(now);
      }),
    );
  });
});
