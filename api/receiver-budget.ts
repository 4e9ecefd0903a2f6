import type { Grant, Permit, PermitAnswer, PermitRequest } from '../controller/permit.ts';
import { markOf, placeKey } from '../controller/request-mark.ts';
import { RequestMemory } from '../controller/request-memory.ts';

/** A permit by count that the owner gave to this receiver, to be split among those who ask. Times in ms since 1970. */
interface Budget {
  permit_id: string;
  expires_at: number;
  /** From then on a new one should be asked for. */
  renew_at: number;
  scope: string;
  state: string;
  /** Rights not split yet. */
  rest: number;
  splits: number;
}

/** A part of a budget with a permit id of its own. */
export interface Split {
  grant: Grant;
  /** The budget's permit, of which as many rights are not used as the part has. */
  of: string;
}

/** A stream in use: what a budget for it would be asked with. */
export type Wanted = Pick<PermitRequest, 'address' | 'category'>;

/** Budgets are ended a little early, because the clocks of two machines differ. */
const skewMs = 1000;
/** So long after the newest request a stream is no longer in use. */
const wantedMs = 60_000;
const mostWanted = 200;
/** How long after an empty budget the owner is asked anew. */
const againMs = 5000;

/**
 * The rights that a receiver may grant on its own: never more than the owner gave it, none after their end, and nothing of it outlives
 * the process. A synchronous state machine without I/O; rights that were split once are never split again, whatever became of them.
 */
export class BudgetBook {
  /** By stream. */
  private readonly budgets = new Map<string, Budget>();
  private readonly wanted = new Map<string, Wanted & { at: number }>();
  private readonly splits = new Map<string, { grant: Grant; returned: number }>();
  private readonly memory = new RequestMemory();

  /** Notes that a stream is in use. */
  want({ address, category }: Wanted, now: number): void {
    const stream = streamOf({ address, category });
    this.wanted.delete(stream);
    this.wanted.set(stream, { address, category, at: now });
    const [oldest] = this.wanted.keys();
    if (this.wanted.size > mostWanted && oldest !== undefined) this.wanted.delete(oldest);
  }

  /** Streams in use whose budget is missing or near its end. */
  toRenew(now: number): Wanted[] {
    for (const [stream, { at }] of this.wanted) if (at + wantedMs <= now) this.wanted.delete(stream);
    return [...this.wanted]
      .filter(([stream]) => (this.budgets.get(stream)?.renew_at ?? 0) <= now)
      .map(([, { address, category }]) => ({ address, category }));
  }

  /** Takes in what the owner granted at `now`, and tells which rights of the one before are now to be given back. */
  add(
    wanted: Wanted,
    permit: Pick<Permit, 'permit_id' | 'granted' | 'expires_at' | 'scope' | 'state'>,
    now: number,
  ): GivenBack | null {
    const stream = streamOf(wanted);
    const { permit_id, granted, scope, state } = permit;
    const old = this.budgets.get(stream);
    if (granted === 0 && old !== undefined) {
      old.renew_at = now + againMs;
      return null;
    }
    const expires_at = permit.expires_at - skewMs;
    const renew_at = granted === 0 ? now + againMs : now + (2 * (expires_at - now)) / 3;
    this.budgets.set(stream, { permit_id, expires_at, renew_at, scope, state, rest: granted, splits: 0 });
    return old === undefined || old.rest === 0 || old.expires_at <= now ? null : { permit_id: old.permit_id, count: old.rest };
  }

  /** Remembers what the owner granted to a request that came by here: while the owner is away, it must not be granted anew. */
  remember(request: PermitRequest, permit: Permit, now: number): void {
    if (permit.granted > 0) this.memory.remember(grantOf(request, { ...permit, asked: markOf(request) }, now));
  }

  /**
   * The answer that a request got by way of this receiver before, null when it got none.
   * @throws SluiceError `request_id_reused`
   */
  recall(request: PermitRequest, now: number): Grant | null {
    return this.memory.recall(request.request_id, markOf(request), now);
  }

  /** Splits off what was asked, or what is left; null when nothing is. Reserved at once. */
  split(request: PermitRequest, leaseMs: number, now: number): Split | null {
    if (request.count === null) return null;
    const budget = this.budgets.get(streamOf(request));
    if (budget === undefined || budget.rest === 0 || budget.expires_at <= now) return null;
    const granted = Math.min(request.count, budget.rest);
    budget.rest -= granted;
    budget.splits += 1;
    const permit_id = `${budget.permit_id}.${budget.splits}`;
    const expires_at = Math.min(budget.expires_at, now + leaseMs);
    const { scope, state } = budget;
    const reason = 'granted out of what this receiver holds, while the warehouse is away';
    const asked = markOf(request);
    const answer = { permit_id, granted, denied: [], expires_at, scope, state, reason, retry_after_ms: null, asked };
    const grant = grantOf(request, answer, now);
    this.memory.remember(grant);
    this.splits.set(permit_id, { grant, returned: 0 });
    return { grant, of: budget.permit_id };
  }

  /** Forgets a part that did not become durable: nobody was told of it. Its rights are not split anew: the log may have it. */
  cancel(grant: Grant): void {
    this.memory.forget(grant);
    this.splits.delete(grant.permit_id);
  }

  /** A part that this receiver made and that is not over; null otherwise. */
  part(permitId: string, now: number): { granted: number; returned: number } | null {
    const split = this.splits.get(permitId);
    if (split === undefined || split.grant.expires_at <= now) return null;
    return { granted: split.grant.granted, returned: split.returned };
  }

  /** Notes that in all `count` rights of a part will not be used; answers how many of them are news. */
  giveBack(permitId: string, count: number, now: number): number {
    const split = this.splits.get(permitId);
    const part = this.part(permitId, now);
    if (split === undefined || part === null) return 0;
    const back = Math.max(0, Math.min(count, part.granted) - part.returned);
    split.returned += back;
    return back;
  }

  /** Lets go what is over. */
  prune(now: number): void {
    for (const [stream, { expires_at, renew_at }] of this.budgets) {
      if (expires_at <= now && renew_at <= now) this.budgets.delete(stream);
    }
    for (const [id, { grant }] of this.splits) if (grant.expires_at <= now) this.splits.delete(id);
    this.memory.prune(now);
  }

  /** Rights that could be split now, over all streams. */
  held(now: number): number {
    let sum = 0;
    for (const { rest, expires_at } of this.budgets.values()) if (expires_at > now) sum += rest;
    return sum;
  }
}

export interface GivenBack {
  permit_id: string;
  count: number;
}

const streamOf = ({ address, category }: Wanted): string => `${category}\n${placeKey(address)}`;

function grantOf({ request_id, address, category }: PermitRequest, answer: PermitAnswer, at: number): Grant {
  const { permit_id, granted, expires_at } = answer;
  return { permit_id, request_id, address, category, granted, people: [], at, expires_at, shadow: false, answer };
}
