import { covarianceOfSums, varianceOfSums } from './moments.ts';
import { checkConfidence, checkCounts, checkFinite, refuse } from './refusal.ts';
import { type Effect, effect, welchDf } from './welch-t.ts';

/** Sums over the users of an arm. */
export interface RatioSums {
  n: number;
  sum_num: number;
  sum_den: number;
  sum_num_sq: number;
  sum_den_sq: number;
  sum_num_den: number;
}

/** Means, sample variances and covariance of numerator and denominator over users. */
export interface RatioMoments {
  n: number;
  mean_num: number;
  mean_den: number;
  var_num: number;
  var_den: number;
  cov: number;
}

export interface RatioDelta {
  ratio_control: number;
  ratio_treatment: number;
  ratio_variance_control: number;
  ratio_variance_treatment: number;
  absolute: Effect;
  /** null when the control ratio is 0 */
  relative_delta: Effect | null;
}

/**
 * A ratio of sums (clicks per message) when people were randomized: its variance by the delta method over users, so that people
 * with many messages do not count as many people.
 * Source: A. Deng, U. Knoblich and J. Lu, "Applying the delta method in metric analytics", KDD 2018, section 3.
 */
export function ratioDelta({
  control,
  treatment,
  confidence = 0.95,
}: {
  control: RatioSums;
  treatment: RatioSums;
  confidence?: number | undefined;
}): RatioDelta {
  return ratioDeltaOfMoments(momentsOfSums(control, 'control.'), momentsOfSums(treatment, 'treatment.'), confidence);
}

/** The same from centred moments, as our SQL hands them over. */
export function ratioDeltaOfMoments(control: RatioMoments, treatment: RatioMoments, confidence: number): RatioDelta {
  checkConfidence(confidence);
  const [rc, rt] = [control.mean_num / control.mean_den, treatment.mean_num / treatment.mean_den];
  const [wc, wt] = [ratioVariance(control), ratioVariance(treatment)];
  const [vc, vt] = [wc / control.n, wt / treatment.n];
  if (vc + vt === 0) refuse('zero_variance', 'ratio', 'does not vary in either arm');
  const df = welchDf({ n: control.n, se2: vc }, { n: treatment.n, se2: vt });
  const relativeSe = Math.sqrt(vt / (rc * rc) + (vc * rt * rt) / rc ** 4);
  return {
    ratio_control: rc,
    ratio_treatment: rt,
    ratio_variance_control: wc,
    ratio_variance_treatment: wt,
    absolute: effect(rt - rc, Math.sqrt(vc + vt), df, confidence),
    relative_delta: rc === 0 ? null : effect((rt - rc) / Math.abs(rc), relativeSe, df, confidence),
  };
}

function ratioVariance({ mean_num: n, mean_den: d, var_num, var_den, cov }: RatioMoments): number {
  return Math.max(0, var_num / (d * d) + (var_den * n * n) / d ** 4 - (2 * cov * n) / d ** 3);
}

function momentsOfSums(sums: RatioSums, name: string): RatioMoments {
  const { n, sum_num, sum_den, sum_num_sq, sum_den_sq, sum_num_den } = sums;
  checkFinite(Object.fromEntries(Object.entries(sums).map(([field, value]) => [`${name}${field}`, value])));
  checkCounts({ [`${name}n`]: n });
  if (n < 2) refuse('insufficient_data', `${name}n`, `is ${n}`);
  if (sum_den === 0) refuse('zero_denominator', `${name}sum_den`, 'is 0');
  return {
    n,
    mean_num: sum_num / n,
    mean_den: sum_den / n,
    var_num: varianceOfSums(n, sum_num, sum_num_sq),
    var_den: varianceOfSums(n, sum_den, sum_den_sq),
    cov: covarianceOfSums(n, sum_num, sum_den, sum_num_den),
  };
}
