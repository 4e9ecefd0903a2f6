import type { LedgerAccount } from './ledger.ts';
import type { Policy } from './policy.ts';
import type { Address } from './scope.ts';
import type { ScopeAccount } from './scope-account.ts';

/** Everything that binds the sends of one address. */
export interface Place {
  address: Address;
  accounts: readonly ScopeAccount[];
  ledger: LedgerAccount;
}

/** The account whose room is the smallest, and why it is. */
export interface Bound {
  room: number;
  kind: 'window' | 'pace' | 'ledger';
  account: ScopeAccount | null;
}

export interface Policies {
  account: Policy;
  campaign: Policy;
}

/** The tightest of windows and paces for a lease. Scopes in shadow bind nobody, and are looked at only to say what would bind. */
export function tightest(place: Place, policies: Policies, given: { now: number; expiresAt: number; shadow: boolean }): Bound {
  const { now, expiresAt } = given;
  const bound: Bound = { room: Number.POSITIVE_INFINITY, kind: 'window', account: null };
  for (const account of place.accounts) {
    const policy = account.ofCampaign ? policies.campaign : policies.account;
    if (!given.shadow && (account.limit?.shadow ?? policy.mode === 'shadow')) continue;
    const window = account.room(policy);
    // Of equals the window is named: a pace is free again in a moment.
    if (window !== null && (window < bound.room || (window === bound.room && bound.kind === 'pace'))) {
      take(bound, window, 'window', account);
    }
    const rate = account.rate(policy);
    if (rate === null) continue;
    const pace = account.pace.room(rate, now, expiresAt);
    if (pace < bound.room) take(bound, pace, 'pace', account);
  }
  return bound;
}

function take(bound: Bound, room: number, kind: Bound['kind'], account: ScopeAccount): void {
  bound.room = room;
  bound.kind = kind;
  bound.account = account;
}

/** Gives the sending time of `count` rights away in every pace. */
export function takePace(place: Place, policies: Policies, count: number, now: number, expiresAt: number): void {
  for (const account of place.accounts) {
    const rate = account.rate(account.ofCampaign ? policies.campaign : policies.account);
    if (rate !== null) account.pace.take(count, rate, now, expiresAt);
  }
}
