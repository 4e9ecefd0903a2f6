import { checkArm, checkConfidence } from './refusal.ts';
import { betaQuantile, normIsf } from './special.ts';
import { wilsonInterval } from './wilson.ts';

/** Lower and upper end. */
export type Interval = [lower: number, upper: number];

/** The Wilson score interval, exactly 0 and 1 at the ends. */
export function wilson(n: number, x: number, confidence: number): Interval {
  const { low, high } = wilsonInterval(x, n, normIsf((1 - confidence) / 2)) ?? { low: Number.NaN, high: Number.NaN };
  return [low, high];
}

/** The "exact" interval, which covers at least as often as it says. C. Clopper and E. Pearson, Biometrika 26 (1934) 404-413. */
export function clopperPearson(n: number, x: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return [x === 0 ? 0 : betaQuantile(tail, x, n - x + 1), x === n ? 1 : betaQuantile(1 - tail, x + 1, n - x, tail)];
}

/** Equal tails of Beta(x + 1/2, n - x + 1/2), closed at 0 and 1. L. Brown, T. Cai and A. DasGupta, Statistical Science 16 (2001). */
export function jeffreys(n: number, x: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const [a, b] = [x + 0.5, n - x + 0.5];
  return [x === 0 ? 0 : betaQuantile(tail, a, b), x === n ? 1 : betaQuantile(1 - tail, a, b, tail)];
}

/** A rate x / n with three intervals. */
export function rateCi({ n, x, confidence = 0.95 }: { n: number; x: number; confidence?: number | undefined }): {
  rate: number;
  wilson_ci: Interval;
  clopper_pearson_ci: Interval;
  jeffreys_ci: Interval;
} {
  checkArm({ n, x }, '');
  checkConfidence(confidence);
  return {
    rate: x / n,
    wilson_ci: wilson(n, x, confidence),
    clopper_pearson_ci: clopperPearson(n, x, confidence),
    jeffreys_ci: jeffreys(n, x, confidence),
  };
}
