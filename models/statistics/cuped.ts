import { covarianceOfSums, varianceOfSums } from './moments.ts';
import { checkConfidence, checkCounts, checkFinite, refuse } from './refusal.ts';
import { type Effect, effect, welchDf } from './welch-t.ts';

/** Sums over the people of an arm: the metric after (`post`) and the covariate before (`pre`) the experiment. */
export interface CupedSums {
  n: number;
  sum_post: number;
  sum_pre: number;
  sum_post_sq: number;
  sum_pre_sq: number;
  sum_post_pre: number;
}

/** Means, sample variances and covariance of the metric and its covariate. */
export interface CupedMoments {
  n: number;
  mean_post: number;
  mean_pre: number;
  var_post: number;
  var_pre: number;
  cov: number;
}

export interface Cuped {
  theta: number;
  adjusted_mean_control: number;
  adjusted_mean_treatment: number;
  absolute: Effect;
  /** null when the control mean is 0 */
  relative_delta: Effect | null;
  unadjusted_absolute: Effect;
  /** Of the squared standard error; about 0 where the covariate says nothing */
  variance_reduction: number;
}

/**
 * A difference of means, less what a covariate from before the experiment already explained. Theta is pooled over both arms as one
 * sample and the covariate is not centred. The relative effect divides by the unadjusted control mean.
 * Source: A. Deng, Y. Xu, R. Kohavi and T. Walker, "Improving the sensitivity of online controlled experiments by utilizing
 * pre-experiment data", WSDM 2013, sections 3.2 and 3.3.
 */
export function cuped({
  control,
  treatment,
  confidence = 0.95,
}: {
  control: CupedSums;
  treatment: CupedSums;
  confidence?: number | undefined;
}): Cuped {
  return cupedOfMoments(momentsOfSums(control, 'control.'), momentsOfSums(treatment, 'treatment.'), confidence);
}

/** The same from centred moments, as our SQL hands them over. */
export function cupedOfMoments(control: CupedMoments, treatment: CupedMoments, confidence: number): Cuped {
  checkConfidence(confidence);
  const theta = pooledTheta(control, treatment);
  const [vc, vt] = [control, treatment].map(({ var_post, n }) => var_post / n) as [number, number];
  const [ac, at] = [control, treatment].map(
    ({ var_post, var_pre, cov, n }) => Math.max(0, var_post + theta * theta * var_pre - 2 * theta * cov) / n,
  ) as [number, number];
  if (vc + vt === 0 || ac + at === 0) refuse('zero_variance', 'post', 'does not vary');
  const df = welchDf({ n: control.n, se2: ac }, { n: treatment.n, se2: at });
  const adjusted = (arm: CupedMoments) => arm.mean_post - theta * arm.mean_pre;
  const difference = adjusted(treatment) - adjusted(control);
  const unadjustedDf = welchDf({ n: control.n, se2: vc }, { n: treatment.n, se2: vt });
  const base = control.mean_post;
  // Gradient of the relative effect in the control's (post, pre) means.
  const slope = treatment.mean_post / base;
  const relativeVariance =
    at +
    Math.max(0, slope * slope * control.var_post + theta * theta * control.var_pre - 2 * theta * slope * control.cov) / control.n;
  return {
    theta,
    adjusted_mean_control: adjusted(control),
    adjusted_mean_treatment: adjusted(treatment),
    absolute: effect(difference, Math.sqrt(ac + at), df, confidence),
    relative_delta:
      base === 0 ? null : effect(difference / Math.abs(base), Math.sqrt(relativeVariance) / Math.abs(base), df, confidence),
    unadjusted_absolute: effect(treatment.mean_post - control.mean_post, Math.sqrt(vc + vt), unadjustedDf, confidence),
    variance_reduction: 1 - (ac + at) / (vc + vt),
  };
}

/** Covariance over variance of both arms taken as one sample; 0 where the covariate does not vary. */
function pooledTheta(control: CupedMoments, treatment: CupedMoments): number {
  const between = (control.n * treatment.n) / (control.n + treatment.n);
  const pre = treatment.mean_pre - control.mean_pre;
  const post = treatment.mean_post - control.mean_post;
  const squares = (control.n - 1) * control.var_pre + (treatment.n - 1) * treatment.var_pre + between * pre * pre;
  const products = (control.n - 1) * control.cov + (treatment.n - 1) * treatment.cov + between * pre * post;
  return squares > 0 ? products / squares : 0;
}

function momentsOfSums(sums: CupedSums, name: string): CupedMoments {
  const { n, sum_post, sum_pre, sum_post_sq, sum_pre_sq, sum_post_pre } = sums;
  checkFinite(Object.fromEntries(Object.entries(sums).map(([field, value]) => [`${name}${field}`, value])));
  checkCounts({ [`${name}n`]: n });
  if (n < 2) refuse('insufficient_data', `${name}n`, `is ${n}`);
  return {
    n,
    mean_post: sum_post / n,
    mean_pre: sum_pre / n,
    var_post: varianceOfSums(n, sum_post, sum_post_sq),
    var_pre: varianceOfSums(n, sum_pre, sum_pre_sq),
    cov: covarianceOfSums(n, sum_post, sum_pre, sum_post_pre),
  };
}
