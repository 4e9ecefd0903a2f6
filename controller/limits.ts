import type { ScopeId } from './scope.ts';

/** What the book of permits goes by until the next decision; made by the controller, replaced as a whole. Times in ms since 1970. */
export interface Limits {
  /** When the snapshot behind it was read, and up to when everything that was in the log is in it; null where that is not known. */
  as_of: number;
  complete_to: number | null;
  scopes: ReadonlyMap<ScopeId, ScopeLimit>;
  /** Markets that are bound now, and of each stream those among them in which it has sent: whoever names no market may mean them. */
  markets?: ReadonlyMap<ScopeId, readonly ScopeId[]>;
  ledgers: ReadonlyMap<string, { people: number; limit: number | null }>;
  /** Messages seen per permit, as of the snapshot: what is left of a lease counts as out until it ends. */
  used: ReadonlyMap<string, number>;
  /** Where a number belongs. */
  accounts: ReadonlyMap<string, { waba_id: string | null; portfolio_id: string | null }>;
}

export interface ScopeLimit {
  /** Most messages out without matured feedback; 0 stops, null sets no bound. */
  limit: number | null;
  /** How many are out, leases not counted. */
  unobserved: number;
  per_second: number | null;
  /** For the answer: `open`, `throttled`, `paused`, `stopped` ..., and the sentence. */
  state: string;
  reason: string;
  /** When it is worth asking again; null when nobody knows. */
  until: number | null;
  /** A shadow decision binds nobody. */
  shadow: boolean;
}

/** Whether a number belongs elsewhere than it did. */
export function moved(before: Limits['accounts'], after: Limits['accounts']): boolean {
  if (before.size !== after.size) return true;
  for (const [number, { waba_id, portfolio_id }] of after) {
    const known = before.get(number);
    if (known?.waba_id !== waba_id || known.portfolio_id !== portfolio_id) return true;
  }
  return false;
}

/** Whether the streams that bound markets concern are the same ones. */
export function sameMarkets(before: Limits['markets'] = none, after: Limits['markets'] = none): boolean {
  if (before.size === 0 && after.size === 0) return true;
  return JSON.stringify([...before]) === JSON.stringify([...after]);
}

const none: NonNullable<Limits['markets']> = new Map();
