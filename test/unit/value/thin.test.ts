import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { fitDropout } from '../../../models/value/dropout-fit.ts';
import { dropoutLikelihood } from '../../../models/value/dropout-likelihood.ts';
import { fitSpend, type SpendGroups, spendLikelihood } from '../../../models/value/gamma-gamma.ts';
import { fitPositive } from '../../../models/value/maximum-likelihood.ts';
import { thinning } from '../../../models/value/thin.ts';

const people = 21_000;

/** People who buy at a rate of their own, one in 20 a week in the mean, and may leave after each purchase; and what they spent. */
function simulated() {
  const random = xoroshiro128plus(7);
  const draw = () => uniformFloat64(random);
  const [frequency, recency, T, spend, customers] = Array.from({ length: 5 }, () => new Float64Array(people)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < people; i += 1) {
    const [age, rate, leaves] = [20 + 80 * draw(), -Math.log(1 - draw()) / 20, 1 - Math.sqrt(draw())];
    const price = 10 / (0.3 - Math.log(1 - draw()) - Math.log(1 - draw()));
    let [bought, last, paid] = [0, 0, 0];
    for (;;) {
      const next = last - Math.log(1 - draw()) / rate;
      if (draw() < leaves || next > age) break;
      [bought, last, paid] = [bought + 1, next, paid - price * Math.log((1 - draw()) * (1 - draw()))];
    }
    [frequency[i], recency[i], T[i], spend[i], customers[i]] = [bought, last, age, paid, 1];
  }
  return { frequency, recency, T, spend, customers };
}

describe('the fit of very many customers', () => {
  const groups = simulated();

  it('begins with every so many-th of them, and of few with all', () => {
    expect(thinning(19_999)).toBeNull();
    expect(Array.from(thinning(30_001)?.([0, 1, 2, 3, 4, 5, 6, 7]) ?? [])).toEqual([0, 3, 6]);
  });

  it('ends where all of them lead to, for buying and for spending', () => {
    const likelihood = dropoutLikelihood('mbgnbd', groups);
    const whole = fitPositive({ likelihood, customers: people }, ['r', 'alpha', 'a', 'b'], [[0.5, 15, 1, 3]]);
    const buying = fitDropout('mbgnbd', groups);
    expect([whole.converged, buying.converged]).toEqual([true, true]);
    for (const name of ['r', 'alpha', 'a', 'b'] as const) expect(buying.params[name] / whole.params[name]).toBeCloseTo(1, 6);

    const columns: SpendGroups = groups;
    const spent = fitPositive(
      { likelihood: (params) => spendLikelihood(params, columns), customers: people },
      ['p', 'q', 'gamma'],
      [[2, 3, 10]],
    );
    const spending = fitSpend(columns);
    expect([spent.converged, spending.converged]).toEqual([true, true]);
    for (const name of ['p', 'q', 'gamma'] as const) expect(spending.params[name] / spent.params[name]).toBeCloseTo(1, 6);
  });
});
