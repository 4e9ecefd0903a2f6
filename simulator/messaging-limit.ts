import { day } from './emission.ts';
import type { Person } from './person.ts';

/** Documented levels: different people written to outside a service window in 24 h. */
const levels = [
  { tier: 'TIER_250', people: 250 },
  { tier: 'TIER_2K', people: 2_000 },
  { tier: 'TIER_10K', people: 10_000 },
  { tier: 'TIER_100K', people: 100_000 },
  { tier: 'TIER_UNLIMITED', people: Number.POSITIVE_INFINITY },
] as const;

/** The messaging limit of the portfolio. It begins at the lowest level that holds all its people, so that it never refuses. */
export class MessagingLimit {
  private level: number;
  private readonly reachedAt = new Map<Person, number>();

  constructor(contacts: number) {
    this.level = levels.findIndex(({ people }) => people >= contacts);
  }

  get tier(): string {
    return (levels[this.level] ?? levels[4]).tier;
  }

  /** A message outside a service window reached this person. */
  reached(person: Person, at: number): void {
    this.reachedAt.set(person, at);
  }

  /** At least half as many different people as the limit were reached in the last seven days. */
  isHalfUsed(now: number): boolean {
    for (const [person, at] of this.reachedAt) if (at <= now - 7 * day) this.reachedAt.delete(person);
    return this.reachedAt.size >= (levels[this.level] ?? levels[4]).people / 2;
  }

  /** One level up; false at the top. */
  raise(): boolean {
    if (this.level + 1 >= levels.length) return false;
    this.level++;
    return true;
  }
}
