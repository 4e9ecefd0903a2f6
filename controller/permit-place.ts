import type { Begun } from './fingerprint.ts';
import { type LedgerAccount, unknownPortfolio } from './ledger.ts';
import type { Permit } from './permit.ts';
import type { Policy } from './policy.ts';
import { type Address, scopeId } from './scope.ts';
import type { ScopeAccount } from './scope-account.ts';

/** Everything that binds the sends of one address. */
export interface Place {
  address: Address;
  accounts: readonly ScopeAccount[];
  ledger: LedgerAccount;
  /** With which the marks of its requests begin. */
  mark: Begun;
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
    const campaign = place.address.campaign_id;
    const own = campaign === null ? null : account.contention?.room(campaign, rate, now, expiresAt);
    const pace = Math.min(account.pace.room(rate, now, expiresAt), own ?? Number.POSITIVE_INFINITY);
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
    if (rate === null) continue;
    account.pace.take(count, rate, now, expiresAt);
    const campaign = place.address.campaign_id;
    if (campaign !== null) account.contention?.take(campaign, count, rate, now, expiresAt);
  }
}

/** What the answer says of the bound. `tight`: it kept something back of what was asked. */
export function whyBound(
  { kind, account }: Bound,
  place: Place,
  policies: Policies,
  given: { tight: boolean; asked: number; now: number; leaseMs: number },
): Pick<Permit, 'scope' | 'state' | 'reason' | 'retry_after_ms'> {
  const { tight, asked, now } = given;
  if (kind === 'ledger') {
    const { ledger } = place;
    return {
      scope: scopeId('portfolio', ledger.portfolio === unknownPortfolio ? null : ledger.portfolio),
      state: tight ? 'ledger_full' : 'open',
      reason: ledger.reason(policies.account),
      retry_after_ms: null,
    };
  }
  const shown = account ?? place.accounts.at(-1);
  if (shown === undefined) throw new RangeError('an address always has a stream');
  const policy = shown.ofCampaign ? policies.campaign : policies.account;
  const rate = shown.rate(policy);
  if (kind === 'pace' && rate !== null && tight) {
    const retry_after_ms = shown.pace.retryAfter(asked, rate, now, given.leaseMs);
    return { scope: shown.id, state: 'paced', reason: `at most ${rate} messages a second`, retry_after_ms };
  }
  const until = tight ? (shown.limit?.until ?? null) : null;
  return {
    scope: shown.id,
    state: shown.state,
    reason: shown.reason(policy, tight),
    retry_after_ms: until === null ? null : Math.max(0, until - now),
  };
}
