import type { LedgerAccount } from './ledger.ts';
import type { Grant, PermitRequest } from './permit.ts';
import type { Policy } from './policy.ts';
import type { ScopeAccount } from './scope-account.ts';

/** How long a lease lasts, ms. */
export function leaseMs(request: Pick<PermitRequest, 'lease_seconds'>, { lease }: Policy): number {
  return Math.min(request.lease_seconds ?? lease.seconds, lease.most_seconds) * 1000;
}

/** A lease counts until a snapshot is complete to so long after its end: by then what was sent under it is in the counts. */
export const settleMs = 10_000;

/** One grant while it counts: what is left of it stands in the accounts of all its scopes and of its portfolio. */
export class Lease {
  used = 0;
  returned = 0;
  private left = 0;
  private debited = 0;

  constructor(
    readonly grant: Grant,
    private readonly accounts: readonly ScopeAccount[],
    private readonly ledger: LedgerAccount,
    /** Most people whom it may add to the portfolio's ledger. */
    private readonly newPeople: number,
  ) {
    this.book();
  }

  /** Rights that may still be used or come back. */
  get rest(): number {
    return this.left;
  }

  /** Puts what changed into the accounts. */
  book(): void {
    this.set(Math.max(0, this.grant.granted - this.used - this.returned));
  }

  /** Takes it out of all accounts. */
  close(): void {
    this.set(0);
  }

  private set(left: number): void {
    if (left === this.left) return;
    for (const account of this.accounts) account.leased += left - this.left;
    this.left = left;
    const debited = Math.min(left, this.newPeople);
    this.ledger.leased += debited - this.debited;
    this.debited = debited;
  }
}
