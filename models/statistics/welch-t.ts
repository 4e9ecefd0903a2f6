import { type Moments, momentsOf } from './moments.ts';
import type { Interval } from './rate-interval.ts';
import { checkConfidence, checkCounts, checkFinite, refuse } from './refusal.ts';
import { tIsf, tSf } from './special.ts';

/** An effect with its standard error and what Student's distribution makes of it. */
export interface Effect {
  estimate: number;
  se: number;
  t: number;
  df: number;
  p_two_sided: number;
  p_treatment_greater: number;
  ci: Interval;
}

/** An arm of a mean metric: its values, or their moments. */
export type MeanArm = Moments | { values: readonly number[] };

export interface WelchT {
  mean_control: number;
  mean_treatment: number;
  absolute: Effect;
  /** By the delta method; null when the control mean is 0 */
  relative_delta: Effect | null;
  /** null when the control mean is 0, or not distinct enough from it for an interval with two ends */
  relative_fieller_ci: Interval | null;
}

/** What Student's distribution says of an estimate. */
export function effect(estimate: number, se: number, df: number, confidence: number): Effect {
  const t = estimate / se;
  const half = tIsf((1 - confidence) / 2, df) * se;
  return {
    estimate,
    se,
    t,
    df,
    p_two_sided: Math.min(1, 2 * tSf(Math.abs(t), df)),
    p_treatment_greater: tSf(t, df),
    ci: [estimate - half, estimate + half],
  };
}

/** Degrees of freedom of a difference of means, from the squared standard errors. B. Welch, Biometrika 34 (1947) 28-35. */
export function welchDf(control: { n: number; se2: number }, treatment: { n: number; se2: number }): number {
  const total = control.se2 + treatment.se2;
  const [c, t] = [control.se2 / total, treatment.se2 / total];
  return 1 / ((c * c) / (control.n - 1) + (t * t) / (treatment.n - 1));
}

/**
 * The difference of two means with unequal variances, absolute and relative. The relative interval of a verdict is Fieller's
 * (E. Fieller, JRSS B 16 (1954) 175-185): it excludes 0 exactly when the absolute one does.
 */
export function welchT(input: { control: MeanArm; treatment: MeanArm; confidence?: number | undefined }): WelchT {
  const { confidence = 0.95 } = input;
  const control = meanArm(input.control, 'control.');
  const treatment = meanArm(input.treatment, 'treatment.');
  checkConfidence(confidence);
  const [vc, vt] = [control.variance / control.n, treatment.variance / treatment.n];
  if (vc + vt === 0) refuse('zero_variance', 'variance', 'is 0 in both arms');
  const df = welchDf({ n: control.n, se2: vc }, { n: treatment.n, se2: vt });
  const difference = treatment.mean - control.mean;
  const means = { mean_control: control.mean, mean_treatment: treatment.mean };
  const absolute = effect(difference, Math.sqrt(vc + vt), df, confidence);
  if (control.mean === 0) return { ...means, absolute, relative_delta: null, relative_fieller_ci: null };
  const base = Math.abs(control.mean);
  const ratio = treatment.mean / control.mean;
  const relativeSe = Math.sqrt(vt + vc * ratio * ratio) / base;
  return {
    ...means,
    absolute,
    relative_delta: effect(difference / base, relativeSe, df, confidence),
    relative_fieller_ci: fieller(control.mean, vc, treatment.mean, vt, tIsf((1 - confidence) / 2, df)),
  };
}

/** Fieller's interval of treatment / control - 1, written about the ratio so that huge means with tiny variances keep their digits. */
function fieller(mc: number, vc: number, mt: number, vt: number, t: number): Interval | null {
  const g = (t * t * vc) / (mc * mc);
  if (g >= 1) return null;
  const ratio = mt / mc;
  const centre = ((mt - mc) / mc + g) / (1 - g);
  const half = ((t / Math.abs(mc)) * Math.sqrt(vt + vc * ratio * ratio - g * vt)) / (1 - g);
  return [centre - half, centre + half];
}

/** The moments of an arm, checked. */
export function meanArm(arm: MeanArm, name: string): Moments {
  if ('values' in arm) {
    arm.values.forEach((value, index) => {
      checkFinite({ [`${name}values[${index}]`]: value });
    });
    if (arm.values.length < 2) refuse('insufficient_data', `${name}values`, `${arm.values.length} given`);
    return momentsOf(arm.values);
  }
  const { n, mean, variance } = arm;
  checkFinite({ [`${name}n`]: n, [`${name}mean`]: mean, [`${name}variance`]: variance });
  checkCounts({ [`${name}n`]: n });
  if (n < 2) refuse('insufficient_data', `${name}n`, `is ${n}`);
  if (variance < 0) refuse('negative_variance', `${name}variance`, `is ${variance}`);
  return arm;
}
