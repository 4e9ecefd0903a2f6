import { SluiceError } from '../sql/errors.ts';
import { countsAnew, judge, lookBackHours } from './contact-rules.ts';
import { type Judged, judgeCount } from './judged.ts';
import { Lease, leaseMs, settleMs } from './lease.ts';
import { LedgerAccount, unknownPortfolio } from './ledger.ts';
import { type Limits, moved, sameMarkets } from './limits.ts';
import { NamedPeople } from './named-people.ts';
import type { Denial, Grant, PermitAnswer, PermitRequest, PersonFacts } from './permit.ts';
import { type Bound, type Place, type Policies, takePace, tightest, whyBound } from './permit-place.ts';
import type { Policy } from './policy.ts';
import { markOf, placeKey, placeMark } from './request-mark.ts';
import { RequestMemory } from './request-memory.ts';
import { type Address, type ScopeId, scopeId, scopesOf } from './scope.ts';
import { ScopeAccount } from './scope-account.ts';
import type { ControlBooks } from './snapshot.ts';

/** Addresses whose accounts are kept at hand, and scopes beyond which those at rest are forgotten. */
const mostPlaces = 20_000;
const mostScopes = 50_000;

/** What was done since the start, for monitoring. */
export interface PermitCounters {
  /** Requests judged, repeated ones not. */
  requests: number;
  /** Of these, those that got nothing. */
  refused: number;
  repeated: number;
  granted: number;
  returned: number;
  cancelled: number;
}

/**
 * The one owner of sending rights: a synchronous state machine without I/O. What is out in a scope is what the newest limits say was
 * sent and is not observed yet, and what is left of leases; a grant is never more than the smallest room of all its scopes. A lease
 * leaves the book only when counts that are complete to a time after its end have come, so that without counts the room drains to nothing.
 */
export class PermitBook {
  readonly counters: PermitCounters = { requests: 0, refused: 0, repeated: 0, granted: 0, returned: 0, cancelled: 0 };
  private limits: Limits | null = null;
  private readonly policyOf: (campaignId: string | null) => Policy;
  private readonly newId: () => string;
  private readonly scopes = new Map<ScopeId, ScopeAccount>();
  private readonly ledgers = new Map<string, LedgerAccount>();
  private readonly places = new Map<string, Place>();
  private readonly leases = new Map<string, Lease>();
  /** Leases by the second in which they end. */
  private readonly ends = new Map<number, Lease[]>();
  private readonly people = new NamedPeople();
  private readonly memory = new RequestMemory();
  /** What the books say of earlier processes, until there are limits: they say which markets a lease may mean. */
  private restored: ControlBooks | null;

  constructor(parts: { policyOf: (campaignId: string | null) => Policy; books: ControlBooks; newId: () => string }) {
    this.policyOf = parts.policyOf;
    this.newId = parts.newId;
    this.restored = parts.books;
  }

  /** Whether it knows what it may grant. Until it does, every answer is no. */
  get ready(): boolean {
    return this.limits !== null;
  }

  /** Goes by these from now on. */
  setLimits(limits: Limits, now: number): void {
    const { limits: last } = this;
    if (last === null || moved(last.accounts, limits.accounts) || !sameMarkets(last.markets, limits.markets)) this.places.clear();
    this.limits = limits;
    if (this.restored !== null) this.restore(this.restored);
    this.restored = null;
    for (const [permitId, used] of limits.used) {
      const lease = this.leases.get(permitId);
      if (lease === undefined || lease.used === used) continue;
      lease.used = used;
      lease.book();
    }
    if (limits.complete_to !== null) this.closeLeases(limits.complete_to - settleMs);
    this.people.prune(now);
    this.memory.prune(now);
    if (this.scopes.size > mostScopes) this.pruneScopes(now);
    for (const [id, account] of this.scopes) account.limit = limits.scopes.get(id);
    for (const account of this.ledgers.values()) account.observe(limits);
  }

  /**
   * The answer that this request got before; null when it is new.
   * @throws SluiceError `request_id_reused`
   */
  recall(request: PermitRequest, now: number): Grant | null {
    return this.memory.recall(request.request_id, markOf(request), now);
  }

  /** How far back messages to the people of a request matter, hours. */
  lookBackHours(request: PermitRequest): number {
    return lookBackHours(request, this.policyOf(request.address.campaign_id));
  }

  /**
   * Judges a request and reserves at once what it grants; the same request id gets the same grant for a day. For a list, `people` says
   * what is known of them.
   * @throws SluiceError `request_id_reused`, `control_starting` before there are limits
   */
  grant(request: PermitRequest, people: readonly PersonFacts[] | null, now: number): Grant {
    if (this.limits === null) throw new SluiceError('control_starting');
    const place = this.placeOf(request.address, request.contacts !== null);
    const asked = markOf(request, place.mark);
    const known = this.memory.recall(request.request_id, asked, now);
    if (known !== null) {
      this.counters.repeated += 1;
      return known;
    }
    const policies = { account: this.policyOf(null), campaign: this.policyOf(request.address.campaign_id) };
    const lease = leaseMs(request, policies.campaign);
    const expiresAt = now + lease;
    const shadow = policies.campaign.mode === 'shadow';
    const count = request.count ?? request.contacts?.length ?? 0;
    if (request.address.campaign_id !== null) {
      const claim = { count, policy: policies.campaign, now, expiresAt };
      for (const { contention } of place.accounts) contention?.ask(request.address.campaign_id, claim);
    }
    const bound = tightest(place, policies, { now, expiresAt, shadow });
    const ledgerRoom = this.ledgerRoom(place, request, policies);
    const judged =
      request.contacts === null
        ? judgeCount(request, bound.room, ledgerRoom, shadow)
        : this.judgeList(request, people ?? [], {
            policy: policies.campaign,
            accountPolicy: policies.account,
            room: bound.room,
            ledgerRoom,
            shadow,
            now,
            expiresAt,
          });
    const binding: Bound =
      judged.ledgerBound || (ledgerRoom !== null && ledgerRoom < bound.room && judged.anew > 0)
        ? { room: ledgerRoom ?? 0, kind: 'ledger', account: null }
        : bound;
    const tight = judged.granted < judged.asked || (judged.granted === 0 && binding.room === 0);
    const why = whyBound(binding, place, policies, { tight, asked: judged.asked, now, leaseMs: lease });
    const answer: PermitAnswer = {
      permit_id: this.newId(),
      granted: judged.granted,
      denied: judged.denied,
      expires_at: expiresAt,
      scope: why.scope,
      state: why.state,
      reason: why.reason,
      retry_after_ms: why.retry_after_ms,
      asked,
    };
    const grant: Grant = {
      permit_id: answer.permit_id,
      request_id: request.request_id,
      address: place.address,
      category: request.category,
      granted: judged.granted,
      people: judged.people,
      at: now,
      expires_at: expiresAt,
      shadow,
      answer,
    };
    this.memory.remember(grant);
    this.counters.requests += 1;
    if (grant.granted === 0) {
      this.counters.refused += 1;
      return grant;
    }
    this.counters.granted += grant.granted;
    this.open(grant, place, judged.anew);
    takePace(place, policies, grant.granted, now, expiresAt);
    return grant;
  }

  /** Takes a grant back that did not become durable: nobody was told of it. Its sending time is not given anew. */
  cancel(permitId: string): void {
    const lease = this.leases.get(permitId);
    if (lease === undefined) return;
    this.leases.delete(permitId);
    lease.close();
    this.people.remove(lease.grant);
    this.memory.forget(lease.grant);
    this.counters.cancelled += 1;
  }

  /** How many rights would come back if the holder used all but `count` of them; 0 once the lease is over. */
  returnable(permitId: string, count: number, now: number): number {
    const lease = this.leases.get(permitId);
    if (lease === undefined || now >= lease.grant.expires_at) return 0;
    return Math.max(0, Math.min(count, lease.grant.granted - lease.used) - lease.returned);
  }

  /**
   * Gives rights back: `count` of this permit, in all, will not be used (so saying it again changes nothing). Answers how many came
   * back now.
   */
  giveBack(permitId: string, count: number, now: number): number {
    const back = this.returnable(permitId, count, now);
    const lease = this.leases.get(permitId);
    if (lease === undefined || back === 0) return 0;
    this.putBack(lease, back);
    this.counters.returned += back;
    return back;
  }

  /** A permit that the book still holds; null once it is over for long. */
  permit(permitId: string): Pick<Grant, 'granted' | 'expires_at'> | null {
    return this.leases.get(permitId)?.grant ?? null;
  }

  /** Rights of this scope that are out under leases which still count. */
  outstanding(scope: ScopeId): number {
    return this.scopes.get(scope)?.leased ?? 0;
  }

  /** Leases that still count. */
  get leaseCount(): number {
    return this.leases.size;
  }

  private judgeList(
    request: PermitRequest,
    people: readonly PersonFacts[],
    given: {
      policy: Policy;
      accountPolicy: Policy;
      room: number;
      ledgerRoom: number | null;
      shadow: boolean;
      now: number;
      expiresAt: number;
    },
  ): Judged {
    const { policy, shadow, now, expiresAt } = given;
    const granted: string[] = [];
    const denied: { contact_id: string; reason: Denial }[] = [];
    const judged: Judged = { people: granted, denied, granted: 0, asked: 0, anew: 0, ledgerBound: false };
    const facts = new Map(people.map((person) => [person.index, person]));
    const named = new Set<string>();
    const inMarket = new Map<string | null, number>();
    for (const [index, contact] of (request.contacts ?? []).entries()) {
      const person = facts.get(index);
      let denial: Denial | null = person === undefined ? 'no_consent' : judge(person, request, policy, this.people, now);
      if (person !== undefined && denial === null && named.has(person.person)) denial = 'duplicate';
      const anew = person !== undefined && request.category !== 'service' && countsAnew(person, now, expiresAt);
      if (person !== undefined && denial === null) {
        named.add(person.person);
        judged.asked += 1;
        const ledgerFull = anew && given.ledgerRoom !== null && judged.anew >= given.ledgerRoom;
        const marketRoom = this.marketRoom(person.country, given.accountPolicy);
        const marketFull = marketRoom !== null && (inMarket.get(person.country) ?? 0) >= marketRoom;
        if (judged.granted >= given.room || ledgerFull || marketFull) {
          denial = 'no_room';
          judged.ledgerBound ||= ledgerFull && judged.granted < given.room;
        }
      }
      if (denial !== null) {
        const contact_id = contact.contact_id ?? contact.phone ?? contact.user_id ?? String(index);
        denied.push({ contact_id, reason: denial });
      }
      if (denial !== null && !shadow) continue;
      judged.granted += 1;
      if (person !== undefined) inMarket.set(person.country, (inMarket.get(person.country) ?? 0) + 1);
      if (anew) judged.anew += 1;
      if (person !== undefined) granted.push(person.person);
    }
    return judged;
  }

  /** How many more people of a country may be written to; null while nothing binds its market. */
  private marketRoom(country: string | null, policy: Policy): number | null {
    if (country === null) return null;
    const id = scopeId('market', country);
    const limit = this.limits?.scopes.get(id);
    return limit === undefined || limit.shadow ? null : this.scope(id).room(policy);
  }

  private ledgerRoom(place: Place, request: PermitRequest, { account }: Policies): number | null {
    return request.category === 'service' || account.mode === 'shadow' ? null : place.ledger.room(account, request.category);
  }

  private restore({ grants, returned }: ControlBooks): void {
    const back = new Map<string, number>();
    for (const { permit_id, count } of returned) back.set(permit_id, (back.get(permit_id) ?? 0) + count);
    for (const grant of [...grants].sort((a, b) => a.at - b.at)) {
      this.memory.remember(grant);
      if (this.leases.has(grant.permit_id)) continue;
      const place = this.placeOf(grant.address, grant.people.length > 0);
      const lease = this.open(grant, place, grant.category === 'service' ? 0 : grant.granted);
      for (const { pace } of place.accounts) pace.restore(grant.at, grant.expires_at);
      this.putBack(lease, back.get(grant.permit_id) ?? 0);
    }
  }

  private open(grant: Grant, place: Place, anew: number): Lease {
    const lease = new Lease(grant, place.accounts, place.ledger, anew);
    this.leases.set(grant.permit_id, lease);
    const second = Math.floor(grant.expires_at / 1000);
    const ending = this.ends.get(second);
    if (ending === undefined) this.ends.set(second, [lease]);
    else ending.push(lease);
    this.people.add(grant);
    return lease;
  }

  private putBack(lease: Lease, count: number): void {
    lease.returned += count;
    lease.book();
    if (lease.returned >= lease.grant.granted) this.people.remove(lease.grant);
  }

  /** Takes every lease that ended by then out of the book. */
  private closeLeases(until: number): void {
    for (const [second, leases] of this.ends) {
      if (second * 1000 > until) continue;
      const rest = leases.filter((lease) => lease.grant.expires_at > until);
      if (rest.length === 0) this.ends.delete(second);
      else this.ends.set(second, rest);
      for (const lease of leases) if (lease.grant.expires_at <= until) this.close(lease);
    }
  }

  private close(lease: Lease): void {
    // The facts know of everybody whom it named when all its rights were seen or came back; else the names stay for the day.
    if (lease.used + lease.returned >= lease.grant.granted) {
      this.people.remove(lease.grant);
      this.memory.slim(lease.grant);
    }
    lease.close();
    this.leases.delete(lease.grant.permit_id);
  }

  /** Forgets scopes in which nothing is out. */
  private pruneScopes(now: number): void {
    this.places.clear();
    for (const [id, account] of this.scopes) if (account.leased === 0 && account.pace.idle(now)) this.scopes.delete(id);
  }

  /** @param judged of a list each person's own market counts, see judgeList */
  private placeOf(address: Address, judged: boolean): Place {
    const plainKey = placeKey(address);
    const key = judged ? `${plainKey}\nlist` : plainKey;
    const found = this.places.get(key);
    if (found !== undefined) return found;
    const accounts = address.phone_number_id === null ? undefined : this.limits?.accounts.get(address.phone_number_id);
    const whole: Address = {
      ...address,
      waba_id: address.waba_id ?? accounts?.waba_id ?? null,
      portfolio_id: address.portfolio_id ?? accounts?.portfolio_id ?? null,
    };
    const scopes = scopesOf(whole);
    const stream = scopes.at(-1) ?? '';
    const markets = whole.market == null && !judged ? (this.limits?.markets?.get(stream) ?? []) : [];
    const place: Place = {
      address: whole,
      accounts: [...markets, ...scopes].map((id) => this.scope(id)),
      ledger: this.ledger(whole.portfolio_id ?? unknownPortfolio),
      mark: placeMark(plainKey),
    };
    if (this.places.size >= mostPlaces) this.places.clear();
    this.places.set(key, place);
    return place;
  }

  private scope(id: ScopeId): ScopeAccount {
    const found = this.scopes.get(id);
    if (found !== undefined) return found;
    const account = new ScopeAccount(id);
    account.limit = this.limits?.scopes.get(id);
    this.scopes.set(id, account);
    return account;
  }

  private ledger(portfolio: string): LedgerAccount {
    const found = this.ledgers.get(portfolio);
    if (found !== undefined) return found;
    const account = new LedgerAccount(portfolio);
    if (this.limits !== null) account.observe(this.limits);
    this.ledgers.set(portfolio, account);
    return account;
  }
}
