import { createHash } from 'node:crypto';

/** An arm as assignment needs it. */
export interface WeighedArm {
  id: string;
  /** Share of people, relative to the other arms; 0 gets nobody. */
  weight: number;
}

/**
 * Where a contact stands between 0 (included) and 1 (not): the first 52 bits of the SHA-256 of `<salt>/<contact id>`. The macro
 * `assignment_position` of the warehouse gives the same number.
 */
export function assignmentPosition(salt: string, contactId: string): number {
  const digest = createHash('sha256').update(`${salt}/${contactId}`).digest('hex');
  return Number.parseInt(digest.slice(0, 13), 16) / 2 ** 52;
}

/**
 * The arm of a contact: arms share the range from 0 to 1 by their weights, in the order given. The same for ever, as long as salt,
 * order and weights stay.
 * @returns null when no arm has a weight
 */
export function assignedArm<A extends WeighedArm>(arms: readonly A[], salt: string, contactId: string): A | null {
  const total = arms.reduce((sum, { weight }) => sum + weight, 0);
  const position = assignmentPosition(salt, contactId) * total;
  let upTo = 0;
  for (const arm of arms) {
    upTo += arm.weight;
    if (arm.weight > 0 && position < upTo) return arm;
  }
  // Rounding of the sum may leave a crumb at the very end.
  return arms.findLast(({ weight }) => weight > 0) ?? null;
}
