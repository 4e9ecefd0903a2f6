import { Pace } from './pace.ts';
import type { Policy } from './policy.ts';

/** What a campaign wants of a number, for the sharing of its capacity. */
export interface Claim {
  campaign: string;
  /** Messages a second that it asked for of late. */
  wants: number;
  /** What it needs to be in time, messages a second; 0 without a deadline. */
  needs: number;
  weight: number;
}

/** Each step of priority counts four times the one below. */
const weights: Record<Policy['priority'], number> = { low: 1, normal: 4, high: 16 };

/**
 * Shares a number's messages a second among the campaigns that ask for them: first what each needs to be in time, as far as it goes, by
 * weight; then the rest by weight. Nobody gets more than it wants, and what it leaves goes to the others (weighted max-min fairness:
 * Bertsekas and Gallager, Data Networks, 2nd ed. 1992, section 6.5.2). Pure; the shares sum to the rate or to all wants.
 */
export function shareRate(claims: readonly Claim[], rate: number): Map<string, number> {
  const needed = fill(
    claims.map(({ wants, needs, weight }) => ({ most: Math.min(wants, needs), weight })),
    rate,
  );
  const left = rate - needed.reduce((sum, one) => sum + one, 0);
  const more = fill(
    claims.map(({ wants, weight }, i) => ({ most: wants - (needed[i] ?? 0), weight })),
    left,
  );
  return new Map(claims.map(({ campaign }, i) => [campaign, (needed[i] ?? 0) + (more[i] ?? 0)]));
}

/** Fills each up to its most, in proportion to the weights. */
function fill(shares: readonly { most: number; weight: number }[], rate: number): number[] {
  const got = shares.map(() => 0);
  const open = new Set(shares.keys());
  let left = Math.max(0, rate);
  while (open.size > 0 && left > 0) {
    const weight = [...open].reduce((sum, i) => sum + (shares[i]?.weight ?? 0), 0);
    const full = [...open].filter((i) => (shares[i]?.most ?? 0) <= (left * (shares[i]?.weight ?? 0)) / weight);
    if (full.length === 0) {
      for (const i of open) got[i] = (left * (shares[i]?.weight ?? 0)) / weight;
      break;
    }
    for (const i of full) {
      got[i] = Math.max(0, shares[i]?.most ?? 0);
      left -= got[i] ?? 0;
      open.delete(i);
    }
  }
  return got;
}

/** So long after its last request a campaign still counts as asking, ms. */
const askingMs = 15_000;

/** One campaign that asks for a number's capacity. */
interface Asking {
  at: number;
  /** Messages a second that it wants, one at the least. */
  wants: number;
  granted: number;
  policy: Policy;
  /** Its own part of the number's sending time. */
  pace: Pace;
}

/** Who asks for a number's capacity: as long as several do, each is held to its share. All times in ms. */
export class Contention {
  private readonly asking = new Map<string, Asking>();
  /** What they want together, messages a second. */
  private wanted = 0;
  /** Until then nobody in it has been silent for too long. */
  private allAskUntil = Number.NEGATIVE_INFINITY;

  /** A campaign asks for so many messages, to be sent by then. */
  ask(campaign: string, given: { count: number; policy: Policy; now: number; expiresAt: number }): void {
    const { count, policy, now, expiresAt } = given;
    const wants = Math.max(1, (count * 1000) / Math.max(1, expiresAt - now));
    const known = this.asking.get(campaign);
    if (known === undefined || now - known.at > askingMs) {
      this.asking.set(campaign, { at: now, wants, granted: 0, policy, pace: new Pace() });
    } else {
      known.at = now;
      known.policy = policy;
      // Of those who asked as before, the sum stays: it is made anew only when somebody's part of it changes.
      if (known.wants === wants && now <= this.allAskUntil) return;
      known.wants = wants;
    }
    this.countIn(now);
  }

  private countIn(now: number): void {
    this.wanted = 0;
    this.allAskUntil = Number.POSITIVE_INFINITY;
    for (const [name, one] of this.asking) {
      if (now - one.at > askingMs) this.asking.delete(name);
      else {
        this.wanted += one.wants;
        this.allAskUntil = Math.min(this.allAskUntil, one.at + askingMs);
      }
    }
  }

  /** How many messages its share leaves for a campaign until then; no bound while nobody else asks, or while there is enough for all. */
  room(campaign: string, rate: number, now: number, expiresAt: number): number {
    if (this.asking.size < 2 || this.wanted <= rate) return Number.POSITIVE_INFINITY;
    const known = this.asking.get(campaign);
    return known === undefined
      ? Number.POSITIVE_INFINITY
      : known.pace.room(this.share(campaign, known, rate, now), now, expiresAt);
  }

  /** Takes what was granted out of the share. */
  take(campaign: string, count: number, rate: number, now: number, expiresAt: number): void {
    const known = this.asking.get(campaign);
    if (known === undefined) return;
    known.granted += count;
    known.pace.take(count, this.share(campaign, known, rate, now), now, expiresAt);
  }

  private share(campaign: string, own: Asking, rate: number, now: number): number {
    // Where there is enough for all, everybody's share is what they want.
    if (this.wanted <= rate) return own.wants;
    const claims = [...this.asking].map(([name, { wants, granted, policy }]): Claim => {
      const { deadline, priority } = policy;
      const left = deadline === null ? 0 : Math.max(0, deadline.messages - granted);
      const seconds = deadline === null ? 1 : Math.max(1, (Date.parse(deadline.at) - now) / 1000);
      return { campaign: name, wants, needs: left / seconds, weight: weights[priority] };
    });
    return shareRate(claims, rate).get(campaign) ?? rate;
  }
}
