import type { Limits } from './limits.ts';
import type { PermitRequest } from './permit.ts';
import type { Policy } from './policy.ts';

/** Numbers of which nobody said where they belong share one ledger: they may be of one portfolio. */
export const unknownPortfolio = '-';

/** One portfolio's unique people in the rolling 24 h outside service windows, against its messaging limit (platform-facts §8). */
export class LedgerAccount {
  /** People whom the leases that are out may still add: at worst one for each right. */
  leased = 0;
  private people = 0;
  private limit: number | null = null;

  constructor(readonly portfolio: string) {}

  observe(limits: Limits): void {
    const seen = limits.ledgers.get(this.portfolio);
    this.people = seen?.people ?? 0;
    this.limit = seen?.limit ?? null;
  }

  /** How many more people may be written to; null when nobody limits them. Marketing leaves the head-room to everything else. */
  room(policy: Policy, category: PermitRequest['category']): number | null {
    const limit = this.limitUnder(policy);
    if (limit === null) return null;
    const kept = category === 'marketing' ? policy.limit_headroom : 0;
    return Math.max(0, Math.floor(limit * (1 - kept)) - this.people - this.leased);
  }

  reason(policy: Policy): string {
    const kept = Math.round(policy.limit_headroom * 100);
    return `the portfolio may write to ${this.limitUnder(policy)} people in 24 h, ${kept} % of them not by marketing; ${this.people} were written to and ${this.leased} may be under permits that are out`;
  }

  private limitUnder(policy: Policy): number | null {
    return this.limit ?? policy.messaging_limit;
  }
}
