/** A range of time that a batch touches; both ends are in it. Microseconds since 1970 UTC. */
export interface Lane {
  first: bigint;
  last: bigint;
}

/**
 * Joins ranges that lie no further apart than `gap`. Recent rows and the late tail of a batch thus take separate lanes, and each is
 * looked up with bounds of its own.
 * @param ranges in order of time, none overlapping
 */
export function lanesOf(ranges: readonly Lane[], gap: bigint): Lane[] {
  const lanes: Lane[] = [];
  for (const { first, last } of ranges) {
    const before = lanes.at(-1);
    if (before !== undefined && first - before.last <= gap) before.last = last;
    else lanes.push({ first, last });
  }
  return lanes;
}
