import type { Moments } from './moments.ts';
import { type Arm, checkArm } from './refusal.ts';
import { meanArm } from './welch-t.ts';

/** An arm at a look, cumulative: a 0/1 outcome or the moments of a mean. */
export type LookArm = Arm | Moments;

/** Both arms at one look; counts are cumulative. */
export interface Look {
  control: LookArm;
  treatment: LookArm;
}

/** What a look says: units, difference and its squared standard error (unpooled). */
export interface Difference {
  n: number;
  difference: number;
  se2: number;
}

/** The difference of two arms at a look, checked. */
export function differenceAt({ control, treatment }: Look, index: number): Difference {
  const [c, t] = [read(control, `looks[${index}].control.`), read(treatment, `looks[${index}].treatment.`)];
  return { n: c.n + t.n, difference: t.mean - c.mean, se2: c.variance / c.n + t.variance / t.n };
}

function read(arm: LookArm, name: string): Moments {
  if ('mean' in arm) return meanArm(arm, name);
  checkArm(arm, name);
  const rate = arm.x / arm.n;
  return { n: arm.n, mean: rate, variance: rate * (1 - rate) };
}

export interface AlwaysValid {
  /** p at each look, null where the look says nothing */
  p_instant: (number | null)[];
  /** The least p so far: valid at whatever look one stops */
  p_always_valid: number[];
  /** First look at which p is at most alpha */
  first: number | null;
}

/** p-values from log likelihood ratios or log e-values, whose mean under the hypothesis is at most 1 at all times (Ville). */
export function alwaysValid(logs: readonly (number | null)[], alpha: number): AlwaysValid {
  const p_instant = logs.map((log) => (log === null ? null : Math.min(1, Math.exp(-log))));
  let least = 1;
  const p_always_valid = p_instant.map((p) => {
    least = Math.min(least, p ?? 1);
    return least;
  });
  const first = p_always_valid.findIndex((p) => p <= alpha);
  return { p_instant, p_always_valid, first: first < 0 ? null : first };
}
