import { trapezoid } from './quadrature.ts';
import type { Interval } from './rate-interval.ts';
import { type Arm, checkArm, checkConfidence, checkPrior } from './refusal.ts';
import { findRoot } from './root.ts';
import { betaQuantile, betaTails, lnBetaFront } from './special.ts';

/** Shapes of a Beta distribution. */
export type Shapes = [alpha: number, beta: number];

export interface BetaBinomial {
  posterior_control: Shapes;
  posterior_treatment: Shapes;
  posterior_mean_control: number;
  posterior_mean_treatment: number;
  p_treatment_better: number;
  expected_loss_choose_treatment: number;
  expected_loss_choose_control: number;
  absolute_lift_ci: Interval;
  relative_lift_ci: Interval;
}

/**
 * Two rates with independent Beta posteriors: chance to win, expected loss of either choice, equal-tailed credible intervals.
 * A line of reference beside the verdict: it says nothing about how often one is fooled by looking every hour.
 * Source: C. Stucchio, "Bayesian A/B testing at VWO" (2015) for the loss; the integrals here are numerical, on the log-odds scale.
 */
export function betaBinomial({
  control,
  treatment,
  prior = { alpha: 1, beta: 1 },
  confidence = 0.95,
}: {
  control: Arm;
  treatment: Arm;
  prior?: { alpha: number; beta: number } | undefined;
  confidence?: number | undefined;
}): BetaBinomial {
  checkArm(control, 'control.', { emptyAllowed: true });
  checkArm(treatment, 'treatment.', { emptyAllowed: true });
  checkConfidence(confidence);
  checkPrior(prior);
  const [c, t] = [control, treatment].map(({ n, x }): Shapes => [prior.alpha + x, prior.beta + n - x]) as [Shapes, Shapes];
  const tail = (1 - confidence) / 2;
  const [mc, mt] = [c[0] / (c[0] + c[1]), t[0] / (t[0] + t[1])];
  const absolute = (p: number) =>
    quantile((d) => differenceAtMost(d, c, t) - p, mt - mc, Math.hypot(deviation(c), deviation(t)), 1);
  // Ratios run over all positive numbers: their logarithm has two finite ends.
  const spread = Math.hypot(deviation(c) / mc, deviation(t) / mt);
  const relative = (p: number) =>
    Math.expm1(quantile((ln) => ratioAtMost(Math.exp(ln), c, t) - p, Math.log(mt / mc), spread, 700));
  return {
    posterior_control: c,
    posterior_treatment: t,
    posterior_mean_control: mc,
    posterior_mean_treatment: mt,
    p_treatment_better: chanceToBeat(c, t),
    expected_loss_choose_treatment: expectedExcess(t, c),
    expected_loss_choose_control: expectedExcess(c, t),
    absolute_lift_ci: [absolute(tail), absolute(1 - tail)],
    relative_lift_ci: [relative(tail), relative(1 - tail)],
  };
}

/** The root of a rising function within [-limit, limit], looked for outward from a guess in doubled steps. */
function quantile(excess: (x: number) => number, guess: number, step: number, limit: number): number {
  const sign = excess(guess) > 0 ? -1 : 1;
  let inner = guess;
  for (let reach = 1.5 * step; ; reach *= 2) {
    const outer = Math.max(-limit, Math.min(limit, guess + sign * reach));
    if (Math.abs(outer) === limit || sign * excess(outer) > 0) return findRoot(excess, inner, outer, 1e-9);
    inner = outer;
  }
}

function deviation([a, b]: Shapes): number {
  return Math.sqrt((a * b) / (a + b + 1)) / (a + b);
}

/** P(treatment > control). */
export function chanceToBeat(control: Shapes, treatment: Shapes): number {
  return expectation(control, 1, (p, q) => betaTails(p, ...treatment, q).upper);
}

/** E[max(other - chosen, 0)]: the integral of P(chosen < v) P(other > v). */
export function expectedExcess(chosen: Shapes, other: Shapes): number {
  const [from, to] = [edges(chosen)[0], edges(other)[1]];
  if (from >= to) return 0;
  return trapezoid(
    (u) => {
      const [v, w] = logistic(u);
      return betaTails(v, ...chosen, w).lower * betaTails(v, ...other, w).upper * v * w;
    },
    from,
    to,
  );
}

function differenceAtMost(d: number, control: Shapes, treatment: Shapes): number {
  // Over the arm and the stretch on which the other arm's tail has no corner.
  if (d <= 0) return expectation(treatment, 1 + d, (p) => betaTails(p - d, ...control, 1 + d - p).upper);
  return 1 - expectation(control, 1 - d, (p) => betaTails(p + d, ...treatment, 1 - d - p).upper);
}

function ratioAtMost(r: number, control: Shapes, treatment: Shapes): number {
  if (r <= 1) return expectation(treatment, r, (p) => betaTails(p / r, ...control).upper);
  return 1 - expectation(control, 1 / r, (p) => betaTails(p * r, ...treatment).upper);
}

/** The integral of f(p) over a Beta distribution from 0 to `end`, on the log-odds scale of p / end. f gets p and end - p. */
function expectation([a, b]: Shapes, end: number, f: (p: number, rest: number) => number): number {
  if (end <= 0) return 0;
  const [low, high] = edges([a, b]);
  const stretch = (u: number) => {
    const [p, q] = logistic(u);
    // Log-odds of p / end, where 1 - p / end = (end - 1 + q) / end.
    const left = end === 1 ? q : end - 1 + q;
    return left <= 0 ? edge : Math.min(edge, Math.log(p / left));
  };
  const [from, to] = [stretch(low), stretch(high)];
  if (from >= to) return 0;
  return trapezoid(
    (u) => {
      const [s, r] = logistic(u);
      const [p, rest] = [s * end, r * end];
      const q = 1 - end + rest;
      return Math.exp(lnBetaFront(p, q, a, b)) * (r / q) * f(p, rest);
    },
    from,
    to,
  );
}

/** Where the scale ends: log-odds beyond it weigh nothing. */
const edge = 60;
const nothing = 1e-18;

/** The log-odds between which all but nothing of a Beta distribution lies. */
function edges([a, b]: Shapes): [number, number] {
  const low = betaQuantile(nothing, a, b);
  const high = betaQuantile(nothing, b, a);
  return [Math.max(-700, Math.log(low) - Math.log1p(-low)), Math.min(700, Math.log1p(-high) - Math.log(high))];
}

function logistic(u: number): [number, number] {
  const e = Math.exp(-Math.abs(u));
  const [small, large] = [e / (1 + e), 1 / (1 + e)];
  return u < 0 ? [small, large] : [large, small];
}
