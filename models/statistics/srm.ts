import { checkConfidence, checkCounts, checkWeights, refuse } from './refusal.ts';
import { chi2Sf } from './special.ts';

export interface Srm {
  chi2: number;
  df: number;
  p: number;
  mismatch: boolean;
  reason: 'chi2' | 'zero_weight_arm_has_units' | null;
}

/**
 * Sample ratio mismatch at the end of an experiment: Pearson's chi-square of units against weights. An arm of weight 0 does not
 * count, unless it has units: then something is broken whatever the numbers say.
 * Source: A. Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019.
 */
export function srm({
  observed,
  weights,
  alpha = 0.001,
}: {
  observed: readonly number[];
  weights: readonly number[];
  alpha?: number | undefined;
}): Srm {
  checkCounts(Object.fromEntries(observed.map((count, index) => [`observed[${index}]`, count])));
  const shares = checkWeights(weights, { observed: observed.length });
  checkConfidence(alpha, 'alpha');
  const df = shares.filter((share) => share > 0).length - 1;
  if (shares.some((share, index) => share === 0 && (observed[index] ?? 0) > 0)) {
    return { chi2: Number.POSITIVE_INFINITY, df, p: 0, mismatch: true, reason: 'zero_weight_arm_has_units' };
  }
  if (df < 1) refuse('too_few_arms', 'weights', 'only one arm has a weight');
  const total = observed.reduce((sum, count) => sum + count, 0);
  const chi2 = shares.reduce((sum, share, index) => {
    const expected = share * total;
    return expected === 0 ? sum : sum + ((observed[index] ?? 0) - expected) ** 2 / expected;
  }, 0);
  const p = chi2Sf(chi2, df);
  return { chi2, df, p, mismatch: p < alpha, reason: p < alpha ? 'chi2' : null };
}
