import { lbeta } from '../statistics/special.ts';
import { digamma } from './digamma.ts';
import { type Fit, fitPositive } from './maximum-likelihood.ts';
import { thinning } from './thin.ts';

/** Each customer's purchases vary as Gamma(p, nu), and nu varies among customers as Gamma(q, gamma). */
export interface SpendParams {
  p: number;
  q: number;
  /** In units of money. */
  gamma: number;
}

/** Customers by their repeat purchases: how many each, and what they came to together. Sufficient for the spend model. */
export interface SpendGroups {
  frequency: ArrayLike<number>;
  /** Value of all repeat purchases of one customer, in units of money. */
  spend: ArrayLike<number>;
  customers: ArrayLike<number>;
}

/**
 * Log-likelihood of the Gamma-Gamma model and its gradient by the logarithms of p, q and gamma (Fader & Hardie, "The Gamma-Gamma Model
 * of Monetary Value", 2013, eq. 1a with the terms in ln z and ln x). Customers without repeat purchases or value say nothing.
 */
export function spendLikelihood({ p, q, gamma }: SpendParams, { frequency, spend, customers }: SpendGroups) {
  const terms = new Map<number, { lnBeta: number; byP: number; byQ: number }>();
  const termsOf = (x: number) => {
    const known = terms.get(x);
    if (known !== undefined) return known;
    const both = digamma(p * x + q);
    const made = { lnBeta: lbeta(p * x, q), byP: x * (both - digamma(p * x)), byQ: both - digamma(q) };
    terms.set(x, made);
    return made;
  };
  let [value, byP, byQ, byGamma] = [0, 0, 0, 0];
  for (let i = 0; i < frequency.length; i += 1) {
    const [x, s, n] = [frequency[i] ?? 0, spend[i] ?? 0, customers[i] ?? 0];
    if (!(x > 0 && s > 0)) continue;
    const term = termsOf(x);
    const lnRest = -Math.log1p(s / gamma);
    const lnSpent = -Math.log1p(gamma / s);
    value += n * (q * lnRest + p * x * lnSpent - term.lnBeta - Math.log(s / x));
    byP += n * (term.byP + x * lnSpent);
    byQ += n * (term.byQ + lnRest);
    byGamma += n * (q / gamma - (p * x + q) / (gamma + s));
  }
  return { value, gradient: [p * byP, q * byQ, gamma * byGamma] };
}

export type SpendFit = Fit<SpendParams> & {
  customers_used: number;
  /** Mean purchase of the population, p gamma / (q - 1); null where q <= 1: then it has no finite mean. */
  population_mean: number | null;
};

/**
 * Fits the Gamma-Gamma model by maximum likelihood, without any penalty, from several starts; of very many customers, a systematic sample
 * shows where the starts lead to.
 */
export function fitSpend(groups: SpendGroups): SpendFit {
  const { used, mean } = usedBy(groups);
  const starts = [
    [2, 3, mean],
    [6, 4, mean / 2],
    [1, 2, mean],
  ];
  const sample = (of: SpendGroups) => ({
    likelihood: (params: SpendParams) => spendLikelihood(params, of),
    customers: usedBy(of).used,
  });
  const thin = thinning(groups.spend.length);
  const some =
    thin === null
      ? null
      : sample({ frequency: thin(groups.frequency), spend: thin(groups.spend), customers: thin(groups.customers) });
  const fit = fitPositive<keyof SpendParams>(sample(groups), ['p', 'q', 'gamma'], starts, some);
  return { customers_used: used, ...fit, population_mean: expectedSpend(fit.params, 0, 0) };
}

/** Customers whose repeat purchases say something, and the mean of these purchases. */
function usedBy({ frequency, spend, customers }: SpendGroups): { used: number; mean: number } {
  let [used, purchases, total] = [0, 0, 0];
  for (let i = 0; i < frequency.length; i += 1) {
    const [x, s, n] = [frequency[i] ?? 0, spend[i] ?? 0, customers[i] ?? 0];
    if (!(x > 0 && s > 0)) continue;
    used += n;
    purchases += n * x;
    total += n * s;
  }
  return { used, mean: total / purchases };
}

/**
 * E[mean purchase | history] = p (gamma + x z) / (p x + q - 1): Fader & Hardie 2013, eq. 5.
 * @param spend x z: the value of all repeat purchases
 * @returns null where it has no finite mean
 */
export function expectedSpend({ p, q, gamma }: SpendParams, frequency: number, spend: number): number | null {
  const denominator = p * frequency + q - 1;
  return denominator > 0 ? (p * (gamma + spend)) / denominator : null;
}
