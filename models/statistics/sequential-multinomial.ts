import { alwaysValid } from './looks.ts';
import { checkConfidence, checkCounts, checkFinite, checkWeights, isCount, refuse } from './refusal.ts';
import { deviance, lgamma, stirlingRemainder } from './special.ts';

export interface SequentialMultinomial {
  log_bayes_factor: number[];
  p_instant: number[];
  p_always_valid: number[];
  first_rejection_index: number | null;
}

/**
 * Counts of arms against their weights, looked at as often as one likes: the Bayes factor of a Dirichlet(concentration x weights)
 * mixture against the weights. For the sample ratio while sending, and for conversions of arms of equal exposure.
 * Source: M. Lindon and A. Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022 (arXiv:2011.03567).
 */
export function sequentialMultinomial({
  weights,
  concentration,
  alpha,
  cumulative_counts,
}: {
  weights: readonly number[];
  concentration: number;
  alpha: number;
  cumulative_counts: readonly (readonly number[])[];
}): SequentialMultinomial {
  cumulative_counts.forEach((counts, look) => {
    if (counts.every(isCount)) return;
    checkCounts(Object.fromEntries(counts.map((count, arm) => [`cumulative_counts[${look}][${arm}]`, count])));
  });
  const lengths = cumulative_counts.map((counts, look) => [`cumulative_counts[${look}]`, counts.length] as const);
  const shares = checkWeights(weights, Object.fromEntries(lengths));
  checkFinite({ concentration });
  if (!(concentration > 0)) refuse('invalid_prior', 'concentration', `is ${concentration}`);
  checkConfidence(alpha, 'alpha');
  const log_bayes_factor = cumulative_counts.map((counts) => logBayesFactor(counts, shares, concentration));
  const { p_instant, p_always_valid, first } = alwaysValid(log_bayes_factor, alpha);
  return {
    log_bayes_factor,
    p_instant: p_instant.map((p) => p ?? 1),
    p_always_valid,
    first_rejection_index: first,
  };
}

/**
 * ln of the Dirichlet-multinomial over the multinomial probability of the counts. Written by how far each count lies from what its
 * weight expects, so that billions of units lose no digits. An arm of weight 0 that has units is infinite evidence.
 */
export function logBayesFactor(counts: readonly number[], shares: readonly number[], concentration: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  const ends = (size: number) => stirlingRemainder(size) - 0.5 * Math.log(size);
  const grown = concentration + total;
  let log = lgamma(concentration) - concentration * Math.log(concentration) + concentration - ends(grown) - halfLn2Pi;
  for (const [arm, share] of shares.entries()) {
    const count = counts[arm] ?? 0;
    if (share === 0 && count > 0) return Number.POSITIVE_INFINITY;
    if (share === 0) continue;
    const start = concentration * share;
    const size = start + count;
    log += deviance(size, grown * share) + ends(size) + halfLn2Pi - lgamma(start) + start * Math.log(start) - start;
  }
  return log;
}

const halfLn2Pi = 0.9189385332046727;
