import { lbeta } from '../statistics/special.ts';
import type { PurchaseHistory } from './purchases.ts';

/**
 * Customers buy at a rate of their own, which varies among them as Gamma(r, alpha), and leave for good with a probability of their own,
 * which varies as Beta(a, b). In BG/NBD they may leave after each purchase but the first, so that nobody with a single purchase is ever
 * gone; in MBG/NBD after the first as well. (Fader, Hardie & Lee 2005; Batislam, Denizel & Filiztekin 2007.)
 */
export type DropoutModel = 'bgnbd' | 'mbgnbd';

export interface DropoutParams {
  r: number;
  /** In units of time. */
  alpha: number;
  a: number;
  b: number;
}

/** Chances to leave that a customer has had. */
const chances = (model: DropoutModel, frequency: number) => frequency + (model === 'mbgnbd' ? 1 : 0);

/** P(still a customer | history): BG/NBD in Fader, Hardie & Lee, "Computing P(alive) Using the BG/NBD Model", 2008; MBG/NBD eq. 11. */
export function pAlive(
  model: DropoutModel,
  { r, alpha, a, b }: DropoutParams,
  { frequency, recency, T }: PurchaseHistory,
): number {
  const k = chances(model, frequency);
  if (k === 0) return 1;
  return 1 / (1 + Math.exp(Math.log(a / (b + k - 1)) + (r + frequency) * Math.log((alpha + T) / (alpha + recency))));
}

/** Purchases to be expected in (T, T + horizon] of a customer who is one at T, whatever the recency. */
export function expectedIfAlive(
  model: DropoutModel,
  { r, alpha, a, b }: DropoutParams,
  { frequency, T }: Pick<PurchaseHistory, 'frequency' | 'T'>,
  horizon: number,
): number {
  return expectedPurchases(r + frequency, alpha + T, a, b + chances(model, frequency), horizon);
}

/** E[purchases in (T, T + horizon] | history]: Fader, Hardie & Lee 2005 eq. 10; MBG/NBD eq. 13. */
export function expectedTransactions(
  model: DropoutModel,
  params: DropoutParams,
  history: PurchaseHistory,
  horizon: number,
): number {
  return pAlive(model, params, history) * expectedIfAlive(model, params, history, horizon);
}

/** E[repeat purchases of a new customer in (0, t]]: Fader, Hardie & Lee 2005 eq. 9. */
export function expectedOfNewCustomer(model: DropoutModel, params: DropoutParams, t: number): number {
  return expectedTransactions(model, params, { frequency: 0, recency: 0, T: 0 }, t);
}

/**
 * E[(1 - e^(-lambda p t)) / p] over lambda ~ Gamma(shape, rate) and p ~ Beta(a, b): purchases in (0, t] of one who is a customer at 0.
 *
 * The textbook form, (a+b-1)/(a-1) (1 - (rate/(rate+t))^shape 2F1(shape, b; a+b-1; t/(rate+t))), is singular at a = 1 and at a + b = 1
 * and cancels near them. Over lambda the expectation is 1 - (1-z)^shape (1 - zq)^-shape with q = 1 - p and z = t/(rate+t); its power
 * series in q, divided by 1 - q, has only positive terms: the mean, over N from the negative binomial distribution with that shape and z,
 * of the sum of E[q^j] for j < N. Nothing is singular and nothing cancels.
 */
export function expectedPurchases(shape: number, rate: number, a: number, b: number, t: number): number {
  if (t <= 0) return 0;
  const z = t / (rate + t);
  if (1 - z < 1e-4 || shape * t > 1e5 * rate) return expectedByQuadrature(shape, rate, a, b, t);
  let lnScale = shape * Math.log(rate / (rate + t));
  let weight = 1;
  let sum = 0;
  /** Sum of E[q^j] for j < n, and its next term. */
  let survived = 0;
  let survival = 1;
  for (let n = 0; n < longestSeries; n += 1) {
    sum += weight * survived;
    const ratio = ((shape + n) * z) / (n + 1);
    const worst = Math.max(ratio, z);
    if (worst < 1 && n > 0) {
      const rest = (weight * worst * (survived + 1 / (1 - worst))) / (1 - worst);
      if (rest <= 1e-15 * sum) break;
    }
    weight *= ratio;
    survived += survival;
    survival *= (b + n) / (a + b + n);
    if (weight > 1e200) {
      weight *= 1e-200;
      sum *= 1e-200;
      lnScale += 200 * Math.LN10;
    }
  }
  return sum * Math.exp(lnScale);
}

/** More than any horizon needs that is summed; a bound all the same, because parameters come from outside. */
const longestSeries = 2_000_000;

/**
 * The same by the trapezoidal rule over ln(p / (1-p)) = sinh(u), which is double exponential: for horizons so long against the rate
 * that the series would need hundreds of thousands of terms. The step is halved until the sum stays.
 */
function expectedByQuadrature(shape: number, rate: number, a: number, b: number, t: number): number {
  const ln = lbeta(a, b);
  const term = (u: number) => {
    const y = Math.sinh(u);
    const lnP = y > 0 ? -Math.log1p(Math.exp(-y)) : y - Math.log1p(Math.exp(y));
    const lnGone = -shape * Math.log1p((Math.exp(lnP) * t) / rate);
    const value = -Math.expm1(lnGone) * Math.exp((a - 1) * lnP + b * (lnP - y) - ln) * Math.cosh(u);
    return Number.isFinite(value) ? value : 0;
  };
  const reach = 12;
  let points = 256;
  let sum = 0;
  for (let i = 0; i <= points; i += 1) sum += term(-reach + (2 * reach * i) / points);
  for (;;) {
    let between = 0;
    for (let i = 0; i < points; i += 1) between += term(-reach + (2 * reach * (i + 0.5)) / points);
    const before = sum / points;
    sum += between;
    points *= 2;
    if (Math.abs(sum / points - before) < 1e-11 * before || points > 1e5) return (2 * reach * sum) / points;
  }
}
