import type { Interval } from './rate-interval.ts';
import type { Arm } from './refusal.ts';
import { findRoot } from './root.ts';
import { normIsf, normSf } from './special.ts';

/**
 * The Miettinen-Nurminen score statistic for two proportions: one statistic gives the p-value, the interval of the difference and
 * the interval of the ratio, so that the three cannot contradict each other. Where both rates are equal, the statistics of the
 * difference and of the ratio are the same number.
 * Source: O. Miettinen and M. Nurminen, "Comparative analysis of two rates", Statistics in Medicine 4 (1985) 213-226, with the
 * factor N / (N - 1) on the variance.
 */

/** (estimate - hypothesis) / standard error under the hypothesis; infinite where nothing can vary under it. */
function scored(distance: number, variance: number, n: number): number {
  if (distance === 0) return 0;
  return distance / Math.sqrt((Math.max(0, variance) * n) / (n - 1));
}

/** z of the hypothesis that treatment - control is `delta`; above 0 where more was seen. */
export function differenceScore(control: Arm, treatment: Arm, delta: number): number {
  const p = constrainedRate(control, treatment, delta);
  const q = p + delta;
  const variance = (p * (1 - p)) / control.n + (Math.max(0, q) * Math.max(0, 1 - q)) / treatment.n;
  return scored(treatment.x / treatment.n - control.x / control.n - delta, variance, control.n + treatment.n);
}

/** The control rate of greatest likelihood when treatment - control is `delta`: the root of the score, which falls in p. */
function constrainedRate(control: Arm, treatment: Arm, delta: number): number {
  const pooled = (control.x + treatment.x) / (control.n + treatment.n);
  if (delta === 0) return pooled;
  const [low, high] = [Math.max(0, -delta), Math.min(1, 1 - delta)];
  if (!(low < high)) return low;
  const failures = [control.n - control.x, treatment.n - treatment.x] as const;
  // Events and failures pull the rate up and down; nobody pulls where the count is 0.
  const pull = (count: number, share: number) => (count === 0 ? 0 : count / Math.max(0, share));
  // Distances from the nearer end, so that rates of one in a billion and all but one keep their digits.
  const score = (p: number) =>
    pull(treatment.x, low === 0 ? p + delta : p - low) +
    pull(control.x, low === 0 ? p : p) -
    pull(failures[1], high === 1 ? 1 - p - delta : high - p) -
    pull(failures[0], high === 1 ? high - p : 1 - p);
  // Each arm pulls towards its own rate, so the root lies between what the two of them say.
  const within = (p: number) => Math.min(high, Math.max(low, p));
  const [one, other] = [within(control.x / control.n), within(treatment.x / treatment.n - delta)];
  const [from, to] = one < other ? [one, other] : [other, one];
  if (score(from) <= 0) return from;
  if (score(to) >= 0) return to;
  return findRoot(score, from, to, 1e-13);
}

/** z of the hypothesis that treatment / control is `ratio`. */
export function ratioScore(control: Arm, treatment: Arm, ratio: number): number {
  const n = control.n + treatment.n;
  const events = control.x + treatment.x;
  const b = treatment.n * ratio + treatment.x + control.n + control.x * ratio;
  const root = Math.sqrt(Math.max(0, b * b - 4 * n * ratio * events));
  const p = Math.min(1, (2 * events) / (b + root));
  const q = Math.min(1, ratio * p);
  const variance = (q * (1 - q)) / treatment.n + (ratio * ratio * p * (1 - p)) / control.n;
  return scored(treatment.x / treatment.n - (ratio * control.x) / control.n, variance, n);
}

/** z of "no difference", the same for difference and ratio; null where all or none have the event. */
export function equalityScore(control: Arm, treatment: Arm): number | null {
  const events = control.x + treatment.x;
  return events === 0 || events === control.n + treatment.n ? null : differenceScore(control, treatment, 0);
}

/** Two-sided p of "no difference" by the score; 1 where all or none have the event. */
export function miettinenNurminenP(control: Arm, treatment: Arm): number {
  const z = equalityScore(control, treatment);
  return z === null ? 1 : Math.min(1, 2 * normSf(Math.abs(z)));
}

/** One-sided p of "treatment - control <= margin": small when treatment is surely better than control + margin. */
export function superiorityP(control: Arm, treatment: Arm, margin: number): number {
  return normSf(differenceScore(control, treatment, margin));
}

/** All differences that the score does not reject. */
export function miettinenNurminen(control: Arm, treatment: Arm, confidence: number): Interval {
  const z = normIsf((1 - confidence) / 2);
  const estimate = treatment.x / treatment.n - control.x / control.n;
  const n = control.n + treatment.n;
  const end = (sign: 1 | -1): number => {
    if (estimate === sign) return sign;
    const excess = (delta: number) => sign * differenceScore(control, treatment, delta) + z;
    // Outward in doubled steps until the score rejects; the first of them is about as long as the way.
    let inner = estimate;
    for (let step = Math.max(z * Math.hypot(roughError(control), roughError(treatment)), 1 / n); ; step *= 2) {
      const outer = sign * Math.min(1, sign * (estimate + sign * step));
      if (outer === sign || excess(outer) < 0) return root(excess, inner, outer);
      inner = outer;
    }
  };
  return [end(-1), end(1)];
}

/** A standard error of a rate that is not 0 where the rate is 0 or 1. */
function roughError({ n, x }: Arm): number {
  const p = (x + 1) / (n + 2);
  return Math.sqrt((p * (1 - p)) / n);
}

/** Relative lift (ratio - 1): all ratios that the score does not reject. */
export function relativeScoreInterval(control: Arm, treatment: Arm, confidence: number): Interval {
  const z = normIsf((1 - confidence) / 2);
  const estimate = treatment.x / treatment.n / (control.x / control.n);
  const start = estimate > 0 && Number.isFinite(estimate) ? estimate : 1;
  const end = (sign: 1 | -1): number => {
    const excess = (ratio: number) => sign * ratioScore(control, treatment, ratio) + z;
    // Geometrically outward until the score rejects; first inward where even the start is rejected.
    let inner = start;
    while (excess(inner) < 0) inner *= sign === 1 ? 0.5 : 2;
    let outer = inner;
    while (excess(outer) >= 0) {
      inner = outer;
      outer *= sign === 1 ? 1.25 : 0.8;
    }
    return root(excess, inner, outer) - 1;
  };
  return [treatment.x === 0 ? -1 : end(-1), control.x === 0 ? Number.POSITIVE_INFINITY : end(1)];
}

function root(f: (x: number) => number, inner: number, outer: number): number {
  const found = findRoot(f, inner, outer, 1e-13);
  return Number.isNaN(found) ? outer : found;
}
