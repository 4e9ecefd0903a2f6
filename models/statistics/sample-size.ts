import { checkConfidence, checkCounts, checkFinite, refuse } from './refusal.ts';
import { findRoot } from './root.ts';
import { normCdf, normIsf } from './special.ts';

export interface SampleSize {
  n_control_exact: number;
  n_control: number;
  n_treatment: number;
}

/** What every plan of two proportions says. */
export interface ProportionPlan {
  baseline_rate: number;
  alpha: number;
  /** 1 or 2 */
  sides?: number | undefined;
  /** n_treatment / n_control */
  allocation_ratio?: number | undefined;
}

/** The effect to detect, relative to the baseline or absolute. */
export interface Mde {
  relative_mde?: number | undefined;
  absolute_mde?: number | undefined;
}

/**
 * Two proportions, pooled variance under the hypothesis and unpooled under the alternative, normal approximation: n, power and
 * the smallest detectable effect are the same equation solved for another unknown (R's power.prop.test does the same).
 * Source: J. Fleiss, B. Levin and M. Paik, "Statistical Methods for Rates and Proportions" (2003), section 4.2.
 */
export function sampleSizeProportions(plan: ProportionPlan & Mde & { power: number }): SampleSize {
  const { p1, ratio, z } = checkPlan(plan);
  checkPower(plan.power);
  const p2 = p1 + effectOf(plan);
  const { pooled, unpooled } = deviations(p1, p2, ratio);
  return sizes(((z * pooled + normIsf(1 - plan.power) * unpooled) / (p2 - p1)) ** 2, ratio);
}

/** The chance to see the effect with this many in control. */
export function powerProportions(plan: ProportionPlan & Mde & { n_control: number }): { power: number } {
  const { p1, ratio, z } = checkPlan(plan);
  checkSize(plan.n_control);
  return { power: powerOf(p1, effectOf(plan), plan.n_control, ratio, z) };
}

/** The smallest upward effect seen with this power; null where even the greatest is not. */
export function mdeProportions(plan: ProportionPlan & { n_control: number; power: number }): {
  absolute_mde: number | null;
  relative_mde: number | null;
} {
  const { p1, ratio, z } = checkPlan(plan);
  checkSize(plan.n_control);
  checkPower(plan.power);
  const excess = (effect: number) => powerOf(p1, effect, plan.n_control, ratio, z) - plan.power;
  const smallest = findRoot(excess, 1e-12 * p1, 1 - p1, 1e-13);
  if (Number.isNaN(smallest)) return { absolute_mde: null, relative_mde: null };
  return { absolute_mde: smallest, relative_mde: smallest / p1 };
}

/** Two means of equal standard deviation, normal approximation: n = (1 + 1/r) ((z_alpha + z_power) sd / effect)^2. */
export function sampleSizeMeans({
  sd,
  absolute_mde,
  alpha,
  power,
  sides = 2,
  allocation_ratio = 1,
}: Omit<ProportionPlan, 'baseline_rate'> & { sd: number; absolute_mde: number; power: number }): SampleSize {
  checkFinite({ sd, absolute_mde, alpha, power, sides, allocation_ratio });
  checkConfidence(alpha, 'alpha');
  checkPower(power);
  if (sd < 0) refuse('negative_variance', 'sd', `is ${sd}`);
  if (sd === 0) refuse('zero_variance', 'sd', 'is 0');
  checkAllocation(allocation_ratio);
  if (absolute_mde === 0) refuse('zero_effect', 'absolute_mde', 'is 0');
  const z = normIsf(alpha / sides) + normIsf(1 - power);
  return sizes((1 + 1 / allocation_ratio) * ((z * sd) / absolute_mde) ** 2, allocation_ratio);
}

function sizes(exact: number, ratio: number): SampleSize {
  return { n_control_exact: exact, n_control: Math.ceil(exact), n_treatment: Math.ceil(ratio * exact) };
}

function deviations(p1: number, p2: number, ratio: number): { pooled: number; unpooled: number } {
  const mean = (p1 + ratio * p2) / (1 + ratio);
  return {
    pooled: Math.sqrt(mean * (1 - mean) * (1 + 1 / ratio)),
    unpooled: Math.sqrt(p1 * (1 - p1) + (p2 * (1 - p2)) / ratio),
  };
}

function powerOf(p1: number, effect: number, n: number, ratio: number, z: number): number {
  const { pooled, unpooled } = deviations(p1, p1 + effect, ratio);
  return normCdf((Math.abs(effect) * Math.sqrt(n) - z * pooled) / unpooled);
}

function checkPlan({ baseline_rate, alpha, sides = 2, allocation_ratio = 1, ...rest }: ProportionPlan & Mde): {
  p1: number;
  ratio: number;
  z: number;
} {
  const { relative_mde, absolute_mde } = rest;
  checkFinite({ baseline_rate, relative_mde, absolute_mde, alpha, sides, allocation_ratio });
  checkConfidence(alpha, 'alpha');
  if (!(baseline_rate > 0 && baseline_rate < 1)) refuse('invalid_probability', 'baseline_rate', `is ${baseline_rate}`);
  checkAllocation(allocation_ratio);
  return { p1: baseline_rate, ratio: allocation_ratio, z: normIsf(alpha / sides) };
}

function effectOf({ baseline_rate, relative_mde, absolute_mde }: ProportionPlan & Mde): number {
  const effect = absolute_mde ?? (relative_mde ?? 0) * baseline_rate;
  const field = absolute_mde === undefined ? 'relative_mde' : 'absolute_mde';
  if (effect === 0) refuse('zero_effect', field, 'is 0 or missing');
  const rate = baseline_rate + effect;
  if (!(rate > 0 && rate < 1)) refuse('invalid_probability', field, `makes a rate of ${rate}`);
  return effect;
}

function checkSize(n: number): void {
  checkCounts({ n_control: n });
  if (n === 0) refuse('empty_arm', 'n_control', 'is 0');
}

function checkPower(power: number): void {
  checkFinite({ power });
  if (!(power > 0 && power < 1)) refuse('invalid_probability', 'power', `is ${power}`);
}

function checkAllocation(ratio: number): void {
  if (!(ratio > 0)) refuse('invalid_weights', 'allocation_ratio', `is ${ratio}`);
}
