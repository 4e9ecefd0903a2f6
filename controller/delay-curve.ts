import type { HarmName } from './policy.ts';
import type { DelayCurve } from './snapshot.ts';

/** A delay distribution F as straight lines between points: `shares[i]` of all that comes is there by `ages[i]` ms. */
export interface Curve {
  ages: readonly number[];
  shares: readonly number[];
  /** ∫ F from 0 to `ages[i]`, ms. */
  areas: readonly number[];
}

export type CurveName = HarmName | 'any';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Before anything was learned. Failures come fast, statuses with the phones that are on, opt-outs with the people who read. */
const failure = { ages: [second, 3 * second, 15 * second, minute, 10 * minute, hour], shares: [0.2, 0.5, 0.8, 0.93, 0.99, 1] };
const answer = { ages: [10 * minute, 2 * hour, 8 * hour, 24 * hour, 72 * hour], shares: [0.25, 0.5, 0.8, 0.95, 1] };
const builtIn: Record<CurveName, { ages: number[]; shares: number[] }> = {
  undeliverable: failure,
  marketing_limit: failure,
  platform_block: failure,
  other_failure: failure,
  any: { ages: [5 * second, minute, hour, 24 * hour, 72 * hour], shares: [0.4, 0.7, 0.9, 0.99, 1] },
  opt_out: answer,
  complaint: answer,
};

/** A curve learned from this many events weighs as much as what stands behind it. */
const priorEvents = 50;

/** A curve from points in any state: sorted, within 0 to 1, never falling, beginning at (0, 0). What is not a number is left out. */
export function curve(ages: readonly number[], shares: readonly number[]): Curve {
  const points = ages
    .map((age, i) => ({ age, share: shares[i] ?? Number.NaN }))
    .filter(({ age, share }) => Number.isFinite(age) && Number.isFinite(share) && age >= 0)
    .sort((a, b) => a.age - b.age);
  const smooth = { ages: [0], shares: [0], areas: [0] };
  let [lastAge, lastShare, area] = [0, 0, 0];
  for (const { age, share } of points) {
    const next = Math.min(1, Math.max(lastShare, share));
    area += ((age - lastAge) * (lastShare + next)) / 2;
    smooth.ages.push(age);
    smooth.shares.push(next);
    smooth.areas.push(area);
    [lastAge, lastShare] = [age, next];
  }
  return smooth;
}

/** F(age): the share of feedback due by this age, 0 before the message went out, the last share after the last point. */
export function shareBy(c: Curve, age: number): number {
  const { left, t } = place(c, age);
  const from = c.shares[left] ?? 0;
  return from + t * ((c.shares[left + 1] ?? from) - from);
}

/** The mean of F over ages spread evenly from `young` to `old`: the share due for messages sent evenly through a while. */
export function meanShare(c: Curve, young: number, old: number): number {
  return old - young < 1 ? shareBy(c, old) : Math.min(1, (areaBy(c, old) - areaBy(c, young)) / (old - young));
}

/** ∫ F from 0 to age, by trapezia. */
function areaBy(c: Curve, age: number): number {
  if (!(age > 0)) return 0;
  const { left } = place(c, age);
  return (c.areas[left] ?? 0) + ((age - (c.ages[left] ?? 0)) * ((c.shares[left] ?? 0) + shareBy(c, age))) / 2;
}

/** The last point at or before an age, and how far it is to the next one, 0 to 1. */
function place(c: Curve, age: number): { left: number; t: number } {
  if (!(age > 0)) return { left: 0, t: 0 };
  let left = 0;
  while (left + 1 < c.ages.length && (c.ages[left + 1] ?? 0) <= age) left++;
  const [from, to] = [c.ages[left] ?? 0, c.ages[left + 1] ?? Number.POSITIVE_INFINITY];
  return { left, t: Number.isFinite(to) && to > from ? (age - from) / (to - from) : 0 };
}

/** (n · learned + 50 · behind) / (n + 50) at every point of both. */
function blend(learned: DelayCurve, behind: Curve): Curve {
  const own = curve(learned.ages, learned.shares);
  const weight = Number.isFinite(learned.events) && learned.events > 0 ? learned.events / (learned.events + priorEvents) : 0;
  if (own.ages.length < 2 || weight === 0) return behind;
  const ages = [...new Set([...own.ages, ...behind.ages])];
  return curve(
    ages,
    ages.map((age) => weight * shareBy(own, age) + (1 - weight) * shareBy(behind, age)),
  );
}

/**
 * The curve of a signal for a category: what was learned of the category, leaning on what was learned over all categories, leaning on
 * the built-in one, each in proportion to its events.
 */
export function curveBook(learned: readonly DelayCurve[]): (name: CurveName, category: string | null) => Curve {
  const made = new Map<string, Curve>();
  const find = (name: CurveName, category: string | null): Curve => {
    const key = `${name} ${category ?? ''}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const own = learned.find((c) => c.signal === name && c.category === category);
    const behind = category === null ? curve(builtIn[name].ages, builtIn[name].shares) : find(name, null);
    const answer = own === undefined ? behind : blend(own, behind);
    made.set(key, answer);
    return answer;
  };
  return find;
}
