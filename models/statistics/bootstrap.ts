import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Interval } from './rate-interval.ts';
import { checkConfidence, refuse } from './refusal.ts';

/** What is compared between two arms; called with people resampled. */
export type Contrast = (control: Float64Array, treatment: Float64Array) => number;

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Treatment mean - control mean. */
export const meanDifference: Contrast = (control, treatment) => mean(treatment) - mean(control);

/**
 * The percentile interval of a contrast under resampling of people within arms: for statistics without a formula, such as a
 * difference of medians. The same people and the same seed give the same interval, in whatever order the people come.
 * Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), section 13.3.
 */
export function bootstrap({
  control,
  treatment,
  contrast = meanDifference,
  confidence = 0.95,
  resamples = 2000,
  seed,
}: {
  control: readonly number[];
  treatment: readonly number[];
  contrast?: Contrast;
  confidence?: number;
  resamples?: number;
  seed: number;
}): { estimate: number; ci: Interval } {
  checkConfidence(confidence);
  if (Math.min(control.length, treatment.length) < 2) refuse('insufficient_data', 'values', 'fewer than 2 in an arm');
  const [c, t] = [Float64Array.from(control).sort(), Float64Array.from(treatment).sort()];
  const random = xoroshiro128plus(seed);
  const drawn = (from: Float64Array) => from.map(() => from[uniformInt(random, 0, from.length - 1)] ?? 0);
  const seen = Float64Array.from({ length: resamples }, () => contrast(drawn(c), drawn(t))).sort();
  const at = (share: number) => seen[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples + 1)) - 1))] ?? Number.NaN;
  const tail = (1 - confidence) / 2;
  return { estimate: contrast(c, t), ci: [at(tail), at(1 - tail)] };
}
