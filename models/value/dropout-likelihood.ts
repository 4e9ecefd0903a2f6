import type { DropoutModel, DropoutParams } from './dropout-model.ts';
import type { PurchaseGroups } from './purchases.ts';

/** The log-likelihood and its gradient by the logarithms of r, alpha, a and b. */
export interface Likelihood {
  value: number;
  gradient: [number, number, number, number];
}

/**
 * Prepares the log-likelihood of BG/NBD (Fader, Hardie & Lee, Marketing Science 24(2), 2005, eq. 6) or MBG/NBD (Batislam, Denizel &
 * Filiztekin, IJRM 24(3), 2007, eq. 8). The sum of its two terms is taken in logarithms; the ratios of gamma functions are sums over
 * purchases. Each distinct time costs one logarithm, each group one exponential.
 */
export function dropoutLikelihood(model: DropoutModel, groups: PurchaseGroups): (params: DropoutParams) => Likelihood {
  const { times, index: recencyAt } = distinctTimes(groups.recency);
  const { times: ages, index: ageAt } = distinctTimes(groups.T);
  const frequency = Int32Array.from(groups.frequency);
  const customers = Float64Array.from(groups.customers);
  const most = frequency.reduce((max, x) => Math.max(max, x), 0);
  const byFrequency = new Float64Array(most + 1);
  for (let i = 0; i < frequency.length; i += 1) add(byFrequency, frequency[i] ?? 0, customers[i] ?? 0);
  const extra = model === 'mbgnbd' ? 1 : 0;

  return ({ r, alpha, a, b }) => {
    const [lnRecency, overRecency] = tables(times, alpha);
    const [lnAge, overAge] = tables(ages, alpha);
    // ln of the odds of having left, but for the factor of time; -Infinity where nobody can have left yet.
    const lnOdds = new Float64Array(most + 1);
    for (let x = 0; x <= most; x += 1) lnOdds[x] = x + extra > 0 ? Math.log(a / (b + x + extra - 1)) : Number.NEGATIVE_INFINITY;
    const left = new Float64Array(most + 1);
    let value = 0;
    let byR = 0;
    let byAlpha = 0;
    for (let i = 0; i < frequency.length; i += 1) {
      const x = frequency[i] ?? 0;
      const n = customers[i] ?? 0;
      const lnT = lnAge[ageAt[i] ?? 0] ?? 0;
      const overT = overAge[ageAt[i] ?? 0] ?? 0;
      const shape = r + x;
      const odds = lnOdds[x] ?? 0;
      if (odds === Number.NEGATIVE_INFINITY) {
        value -= n * shape * lnT;
        byR -= n * lnT;
        byAlpha -= n * shape * overT;
        continue;
      }
      const lnX = lnRecency[recencyAt[i] ?? 0] ?? 0;
      const u = odds + shape * (lnT - lnX);
      const e = Math.exp(-Math.abs(u));
      const gone = u > 0 ? 1 / (1 + e) : e / (1 + e);
      value += n * (Math.max(u, 0) + Math.log1p(e) - shape * lnT);
      byR -= n * (lnT + gone * (lnX - lnT));
      byAlpha -= n * shape * (overT + gone * ((overRecency[recencyAt[i] ?? 0] ?? 0) - overT));
      add(left, x, n * gone);
    }
    let byA = 0;
    let byB = 0;
    // ln Gamma(r+x)/Gamma(r) and ln B(a, b+k)/B(a, b), with their derivatives, grow by one term a purchase.
    let [lnGamma, gammaByR, lnBeta, betaByA, betaByB] = [0, 0, 0, 0, 0];
    const survive = (j: number) => {
      lnBeta += Math.log((b + j) / (a + b + j));
      betaByA -= 1 / (a + b + j);
      betaByB += 1 / (b + j) - 1 / (a + b + j);
    };
    if (extra === 1) survive(0);
    const lnAlpha = Math.log(alpha);
    for (let x = 0; x <= most; x += 1) {
      const n = byFrequency[x] ?? 0;
      const gone = left[x] ?? 0;
      value += n * (lnGamma + r * lnAlpha + lnBeta);
      byR += n * (gammaByR + lnAlpha);
      byAlpha += (n * r) / alpha;
      byA += n * betaByA + gone / a;
      byB += n * betaByB - (gone === 0 ? 0 : gone / (b + x + extra - 1));
      lnGamma += Math.log(r + x);
      gammaByR += 1 / (r + x);
      survive(x + extra);
    }
    return { value, gradient: [r * byR, alpha * byAlpha, a * byA, b * byB] };
  };
}

function add(into: Float64Array, at: number, value: number): void {
  into[at] = (into[at] ?? 0) + value;
}

function distinctTimes(column: ArrayLike<number>): { times: Float64Array; index: Int32Array } {
  const places = new Map<number, number>();
  const index = Int32Array.from(column, (time) => {
    const known = places.get(time);
    if (known !== undefined) return known;
    places.set(time, places.size);
    return places.size - 1;
  });
  return { times: Float64Array.from(places.keys()), index };
}

/** ln(alpha + t) and 1 / (alpha + t) of each time. */
function tables(times: Float64Array, alpha: number): [Float64Array, Float64Array] {
  return [times.map((t) => Math.log(alpha + t)), times.map((t) => 1 / (alpha + t))];
}
