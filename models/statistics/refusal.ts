import { SluiceError } from '../../sql/errors.ts';
import type { refusals } from '../../sql/refusals.ts';

export type RefusalCode = keyof typeof refusals;

/** Refuses an input by one of the calculator's codes. */
export function refuse(code: RefusalCode, field: string, detail: string): never {
  throw new SluiceError(code, { field, detail: `${field}: ${detail}` });
}

/** Units randomized and, of these, units with the event. */
export interface Arm {
  n: number;
  x: number;
}

/** Refuses anything but finite numbers. */
export function checkFinite(numbers: Record<string, number | undefined>): void {
  for (const [field, value] of Object.entries(numbers)) {
    if (value !== undefined && !Number.isFinite(value)) refuse('non_finite_input', field, `is ${value}`);
  }
}

/** Whether it can be a count. */
export function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

/** Refuses what cannot be counts, each kind of fault over all of them before the next kind. */
export function checkCounts(counts: Record<string, number>): void {
  checkFinite(counts);
  for (const [field, value] of Object.entries(counts)) if (value < 0) refuse('negative_count', field, `is ${value}`);
  for (const [field, value] of Object.entries(counts)) {
    if (!Number.isInteger(value)) refuse('non_integer_count', field, `is ${value}`);
  }
}

/** Refuses what cannot be an arm: non-finite, negative, fractional, empty (unless allowed), more events than units. */
export function checkArm({ n, x }: Arm, name: string, { emptyAllowed = false } = {}): void {
  if (isCount(n) && isCount(x) && x <= n && n > 0) return;
  checkCounts({ [`${name}n`]: n, [`${name}x`]: x });
  if (n === 0 && !emptyAllowed) refuse('empty_arm', `${name}n`, 'is 0');
  if (x > n) refuse('conversions_exceed_n', `${name}x`, `${x} events among ${n} units`);
}

/** Both arms, control first. */
export function checkArms(control: Arm, treatment: Arm, names = ['control.', 'treatment.']): void {
  checkArm(control, names[0] ?? '');
  checkArm(treatment, names[1] ?? '');
}

/** Refuses a confidence or an alpha outside (0, 1): 95 where 0.95 is meant, and 1, which promises everything. */
export function checkConfidence(value: number, field = 'confidence'): void {
  if (!(value > 0 && value < 1)) refuse('invalid_confidence', field, `is ${value}`);
}

/** Refuses a prior that is no Beta distribution. */
export function checkPrior({ alpha, beta }: { alpha: number; beta: number }): void {
  const proper = Number.isFinite(alpha) && Number.isFinite(beta) && alpha > 0 && beta > 0;
  if (!proper) refuse('invalid_prior', 'prior', `Beta(${alpha}, ${beta})`);
}

/**
 * Weights of arms as shares that sum to 1.
 * @param lengths of the lists that go with them, by name
 */
export function checkWeights(weights: readonly number[], lengths: Record<string, number>): number[] {
  weights.forEach((weight, index) => {
    checkFinite({ [`weights[${index}]`]: weight });
  });
  for (const [field, length] of Object.entries(lengths)) {
    if (length !== weights.length) refuse('length_mismatch', field, `${length} entries, ${weights.length} weights`);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const negative = weights.findIndex((weight) => weight < 0);
  if (negative >= 0) refuse('invalid_weights', `weights[${negative}]`, `is ${weights[negative]}`);
  if (weights.length < 2) refuse('too_few_arms', 'weights', `${weights.length} given`);
  if (!(total > 0)) refuse('invalid_weights', 'weights', 'all are 0');
  return weights.map((weight) => weight / total);
}
