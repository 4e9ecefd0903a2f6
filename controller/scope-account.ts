import { Contention } from './capacity.ts';
import type { ScopeLimit } from './limits.ts';
import { Pace } from './pace.ts';
import type { Policy } from './policy.ts';
import type { ScopeId, ScopeKind } from './scope.ts';

/** What is out in one scope, and what binds it. */
export class ScopeAccount {
  /** Rights of leases that still count. */
  leased = 0;
  readonly pace = new Pace();
  /** Of a number: the campaigns that ask for its capacity. */
  readonly contention: Contention | null;
  limit: ScopeLimit | undefined;
  /** Whose policy binds it: the campaign's own for a campaign, its variants and streams, the account's for all others. */
  readonly ofCampaign: boolean;
  private readonly kind: ScopeKind;

  constructor(readonly id: ScopeId) {
    this.kind = id.slice(0, id.indexOf(':')) as ScopeKind;
    this.contention = this.kind === 'number' ? new Contention() : null;
    this.ofCampaign = this.kind === 'campaign' || this.kind === 'stream' || this.kind === 'variant';
  }

  /** Most messages out without matured feedback; null sets no bound. A stream or campaign that nobody has seen yet starts small. */
  window(policy: Policy): number | null {
    if (this.limit !== undefined) return this.limit.limit;
    if (this.kind === 'stream') return policy.window.start;
    return this.kind === 'campaign' ? policy.window.campaign_start : null;
  }

  /** How many more may go out; null when nothing binds. */
  room(policy: Policy): number | null {
    const window = this.window(policy);
    return window === null ? null : Math.max(0, Math.floor(window - (this.limit?.unobserved ?? 0) - this.leased));
  }

  /** Messages a second; null sets no bound. */
  rate(policy: Policy): number | null {
    const said = this.limit?.per_second ?? null;
    if (said !== null) return said;
    if (this.kind === 'number') return policy.pace.number_per_second;
    return this.kind === 'campaign' ? policy.pace.campaign_per_second : null;
  }

  get state(): string {
    return this.limit?.state ?? 'open';
  }

  /** Why it is so, with the figures when they are what binds. */
  reason(policy: Policy, binds: boolean): string {
    const window = this.window(policy);
    const said = this.limit?.reason ?? 'new: it starts small';
    if (!binds || window === null || window <= 0) return said;
    const unobserved = Math.ceil(this.limit?.unobserved ?? 0);
    return `${said.replace(/\.$/, '')}; ${window} may be out without feedback, and ${unobserved} are, with ${this.leased} under permits that are out`;
  }
}
