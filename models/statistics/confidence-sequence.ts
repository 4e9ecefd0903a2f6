import { alwaysValid, differenceAt, type Look } from './looks.ts';
import type { Interval } from './rate-interval.ts';
import { checkConfidence, checkFinite, refuse } from './refusal.ts';

export interface ConfidenceSequence {
  rho: number;
  /** null at a look at which nothing varies */
  ci: (Interval | null)[];
  p_instant: (number | null)[];
  p_always_valid: number[];
  first_rejection_index: number | null;
  ci_running_intersection: (Interval | null)[];
}

/**
 * Asymptotic confidence sequence of a difference: intervals that all hold at once, however often one looks. It is narrowest about
 * `n_star` units. p comes from the same mixture: it is at most alpha exactly when the interval leaves out 0.
 * Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy and A. Ramdas, "Time-uniform central limit theory and asymptotic
 * confidence sequences", Annals of Statistics 52 (2024) 2613-2640, theorem 2.2; rho by their appendix B.2.
 */
export function confidenceSequence({
  alpha,
  n_star,
  looks,
}: {
  alpha: number;
  n_star: number;
  looks: readonly Look[];
}): ConfidenceSequence {
  checkConfidence(alpha, 'alpha');
  checkFinite({ n_star });
  if (!(n_star > 0)) refuse('insufficient_data', 'n_star', `is ${n_star}`);
  const rho2 = (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / n_star;
  const seen = looks.map(differenceAt);
  const ci = seen.map(({ n, difference, se2 }): Interval | null => {
    if (se2 === 0) return null;
    const growth = n * rho2 + 1;
    const half = Math.sqrt(se2 * n) * Math.sqrt(((2 * growth) / (n * n * rho2)) * Math.log(Math.sqrt(growth) / alpha));
    return [difference - half, difference + half];
  });
  const logs = seen.map(({ n, difference: d, se2 }) => {
    if (se2 === 0) return null;
    const growth = n * rho2 + 1;
    return (d * d * n * rho2) / (2 * se2 * growth) - 0.5 * Math.log(growth);
  });
  const { p_instant, p_always_valid, first } = alwaysValid(logs, alpha);
  let all: Interval | null = null;
  const ci_running_intersection = ci.map((interval): Interval | null => {
    if (interval !== null) all = all === null ? interval : [Math.max(all[0], interval[0]), Math.min(all[1], interval[1])];
    return all;
  });
  return { rho: Math.sqrt(rho2), ci, p_instant, p_always_valid, first_rejection_index: first, ci_running_intersection };
}
