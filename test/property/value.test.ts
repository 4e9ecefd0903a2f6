import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hyp2f1 } from '../../models/statistics/special.ts';
import { prospect } from '../../models/value/clv.ts';
import { cohortsOfPurchases } from '../../models/value/cohort.ts';
import { dropoutLikelihood } from '../../models/value/dropout-likelihood.ts';
import { type DropoutModel, expectedPurchases, expectedTransactions, pAlive } from '../../models/value/dropout-model.ts';
import { expectedSpend, spendLikelihood } from '../../models/value/gamma-gamma.ts';
import { groupPurchases } from '../../models/value/purchases.ts';

const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const params = fc.record({ r: positive(0.05, 20), alpha: positive(0.05, 100), a: positive(0.05, 20), b: positive(0.05, 50) });
const spend = fc.record({ p: positive(0.1, 20), q: positive(1.1, 20), gamma: positive(0.1, 200) });
const model = fc.constantFrom<DropoutModel>('bgnbd', 'mbgnbd');
const history = fc
  .record({ frequency: fc.integer({ min: 0, max: 300 }), share: positive(0, 1), T: positive(0.2, 200) })
  .map(({ frequency, share, T }) => ({ frequency, T, recency: frequency === 0 ? 0 : share * T }));

describe('the buying process', () => {
  it('gives chances between 0 and 1, and never certainty to MBG/NBD', () => {
    fc.assert(
      fc.property(model, params, history, (which, given, one) => {
        const alive = pAlive(which, given, one);
        expect(alive).toBeGreaterThanOrEqual(0);
        expect(alive).toBeLessThanOrEqual(1);
        if (which === 'mbgnbd') expect(alive).toBeLessThan(1);
        if (which === 'bgnbd' && one.frequency === 0) expect(alive).toBe(1);
      }),
    );
  });

  it('expects no less of a longer horizon, and nothing of none', () => {
    fc.assert(
      fc.property(model, params, history, positive(0, 100), positive(0, 100), (which, given, one, t, more) => {
        const [less, longer] = [t, t + more].map((horizon) => expectedTransactions(which, given, one, horizon));
        expect(expectedTransactions(which, given, one, 0)).toBe(0);
        expect(longer).toBeGreaterThanOrEqual((less ?? 0) * (1 - 1e-12) - 1e-300);
        // No more than if nobody ever left. (The smallest numbers there are have few digits.)
        const most = ((given.r + one.frequency) * (t + more)) / (given.alpha + one.T);
        expect(longer).toBeLessThanOrEqual(most * (1 + 1e-9) + 1e-300);
      }),
    );
  });

  it('expects no less of one who bought more often, and as lately', () => {
    fc.assert(
      fc.property(
        model,
        params,
        fc.integer({ min: 0, max: 100 }),
        positive(0.2, 100),
        positive(0.1, 50),
        (which, given, x, T, t) => {
          const bought = (frequency: number) => expectedTransactions(which, given, { frequency, recency: T, T }, t);
          expect(bought(x + 2)).toBeGreaterThanOrEqual(bought(x + 1) * (1 - 1e-9));
        },
      ),
    );
  });

  it('takes one who bought lately for a customer rather than one who did not', () => {
    fc.assert(
      fc.property(
        model,
        params,
        fc.integer({ min: 1, max: 100 }),
        positive(0.2, 100),
        positive(0, 1),
        (which, given, frequency, T, share) => {
          const late = pAlive(which, given, { frequency, recency: T, T });
          expect(pAlive(which, given, { frequency, recency: share * T, T })).toBeLessThanOrEqual(late);
        },
      ),
    );
  });

  it('expects what the textbook form does, where that form is sound', () => {
    fc.assert(
      fc.property(
        positive(0.1, 5),
        positive(1, 50),
        positive(1.5, 4),
        positive(0.5, 5),
        positive(0.1, 50),
        (shape, rate, a, b, t) => {
          const z = t / (rate + t);
          const textbook = ((a + b - 1) / (a - 1)) * (1 - (rate / (rate + t)) ** shape * hyp2f1(shape, b, a + b - 1, z));
          expect(expectedPurchases(shape, rate, a, b, t) / textbook).toBeCloseTo(1, 7);
        },
      ),
    );
  });

  it('expects the same whether it sums or integrates, on both sides of where it changes over', () => {
    fc.assert(
      fc.property(positive(0.2, 3), positive(0.05, 5), positive(0.05, 5), (shape, a, b) => {
        // t / rate = 9,998 is summed, 10,001 integrated.
        const [summed, integrated] = [9_998, 10_001].map((t) => expectedPurchases(shape, 1, a, b, t));
        expect((integrated ?? 0) / (summed ?? 1)).toBeGreaterThan(1);
        expect((integrated ?? 0) / (summed ?? 1)).toBeLessThan(1.0004);
      }),
      { numRuns: 30 },
    );
  });

  it('has a likelihood that does not depend on the unit of time, but for its known constant, nor on the order of customers', () => {
    fc.assert(
      fc.property(
        model,
        params,
        fc.array(history, { minLength: 1, maxLength: 20 }),
        positive(0.1, 10),
        (which, given, all, unit) => {
          const value = dropoutLikelihood(which, groupPurchases(all))(given).value;
          const scaled = all.map((one) => ({ ...one, recency: one.recency * unit, T: one.T * unit }));
          const other = dropoutLikelihood(which, groupPurchases(scaled.reverse()))({ ...given, alpha: given.alpha * unit }).value;
          const constant = all.reduce((sum, { frequency }) => sum + frequency, 0) * Math.log(unit);
          expect(Math.abs(other - (value - constant))).toBeLessThan(1e-9 * (1 + Math.abs(value) + Math.abs(constant)));
        },
      ),
    );
  });

  it('has the gradient that differences of its likelihood show', () => {
    fc.assert(
      fc.property(model, params, fc.array(history, { minLength: 1, maxLength: 20 }), (which, given, all) => {
        const likelihood = dropoutLikelihood(which, groupPurchases(all));
        const { gradient } = likelihood(given);
        (['r', 'alpha', 'a', 'b'] as const).forEach((name, i) => {
          const at = (h: number) => likelihood({ ...given, [name]: given[name] * Math.exp(h) }).value;
          const slope = (at(1e-4) - at(-1e-4)) / 2e-4;
          expect(Math.abs((gradient[i] ?? 0) - slope)).toBeLessThan(1e-5 * (10 + Math.abs(slope) + Math.abs(at(0)) / 100));
        });
      }),
    );
  });
});

describe('the spend model', () => {
  it('scales with the unit of money', () => {
    fc.assert(
      fc.property(spend, fc.integer({ min: 0, max: 100 }), positive(0, 1000), positive(0.01, 100), (given, x, total, unit) => {
        const mean = expectedSpend(given, x, x === 0 ? 0 : total) ?? Number.NaN;
        const scaled = expectedSpend({ ...given, gamma: given.gamma * unit }, x, x === 0 ? 0 : total * unit) ?? Number.NaN;
        expect(scaled / (mean * unit)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('has the gradient that differences of its likelihood show', () => {
    const customer = fc.record({ x: fc.integer({ min: 1, max: 50 }), s: positive(0.5, 500) });
    fc.assert(
      fc.property(spend, fc.array(customer, { minLength: 1, maxLength: 20 }), (given, all) => {
        const groups = { frequency: all.map(({ x }) => x), spend: all.map(({ s }) => s), customers: all.map(() => 2) };
        const { gradient, value } = spendLikelihood(given, groups);
        (['p', 'q', 'gamma'] as const).forEach((name, i) => {
          const at = (h: number) => spendLikelihood({ ...given, [name]: given[name] * Math.exp(h) }, groups).value;
          const slope = (at(1e-4) - at(-1e-4)) / 2e-4;
          expect(Math.abs((gradient[i] ?? 0) - slope)).toBeLessThan(1e-5 * (10 + Math.abs(slope) + Math.abs(value) / 100));
        });
      }),
    );
  });
});

describe('customer lifetime value', () => {
  it('is worth no more when discounted, and the same when money is not', () => {
    fc.assert(
      fc.property(
        model,
        params,
        history,
        fc.integer({ min: 1, max: 12 }),
        positive(0.001, 0.2),
        (which, given, one, steps, rate) => {
          const plain = prospect(which, given, one, { steps, stepUnits: 4, discountRate: 0 });
          const discounted = prospect(which, given, one, { steps, stepUnits: 4, discountRate: rate });
          expect(plain.discounted).toBeCloseTo(plain.transactions, 9);
          expect(discounted.discounted).toBeLessThanOrEqual(plain.discounted);
          expect(discounted.discounted).toBeGreaterThanOrEqual(plain.discounted / (1 + rate) ** steps - 1e-12);
        },
      ),
    );
  });

  it('of a cohort never falls without refunds, and its customers are all', () => {
    const purchase = fc.record({
      customer: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      day: fc.integer({ min: 20_000, max: 20_800 }),
      micros: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    });
    fc.assert(
      fc.property(fc.array(purchase, { minLength: 1, maxLength: 60 }), (purchases) => {
        const cohorts = cohortsOfPurchases(purchases);
        expect(cohorts.reduce((sum, { customers }) => sum + customers, 0)).toBe(
          new Set(purchases.map(({ customer }) => customer)).size,
        );
        const total = cohorts.reduce(
          (sum, { customers, cumulative_revenue_per_customer: all }) => sum + customers * (all.at(-1) ?? 0),
          0,
        );
        expect(total).toBeCloseTo(Number(purchases.reduce((sum, { micros }) => sum + micros, 0n)) / 1e6, 3);
        for (const { cumulative_revenue_per_customer: all } of cohorts)
          all.forEach((value, i) => void expect(value).toBeGreaterThanOrEqual(all[i - 1] ?? 0));
      }),
    );
  });
});
