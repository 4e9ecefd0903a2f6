import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limits, ScopeLimit } from '../../controller/limits.ts';
import type { Grant, PermitRequest, PersonFacts } from '../../controller/permit.ts';
import type { PermitBook } from '../../controller/permit-book.ts';
import { type Address, type ScopeId, scopesOf } from '../../controller/scope.ts';
import { addressOf, bookOf, limitsOf, listOf, personOf, policyWith, requestOf, scopeLimit } from '../permit-books.ts';

const start = Date.parse('2026-11-21T10:00:00Z');
const day = 86_400_000;
const policy = policyWith({
  window: { start: 40, campaign_start: 70 },
  pace: { number_per_second: 3, campaign_per_second: 5 },
  quiet_hours: null,
});
const accounts = new Map([
  ['n1', { waba_id: 'w1', portfolio_id: 'f1' }],
  ['n2', { waba_id: 'w1', portfolio_id: 'f1' }],
  ['n3', { waba_id: null, portfolio_id: null }],
]);
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

const address: fc.Arbitrary<Address> = fc
  .record({
    phone_number_id: fc.constantFrom('n1', 'n2', 'n3'),
    campaign_id: fc.constantFrom('c1', 'c2', null),
    template_name: fc.constantFrom('t1', 't2'),
    segment_id: fc.constantFrom('s1', null),
    market: fc.constantFrom('FR', null),
  })
  .map(addressOf);
const request = fc.record({
  address,
  category: fc.constantFrom('marketing', 'utility', 'service'),
  lease_seconds: fc.constantFrom(1, 20, 60, 600, null),
  count: fc.integer({ min: 1, max: 120 }),
  list: fc.option(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 }), { freq: 2 }),
});
/** Every scope that a request here can match. */
const allScopes = [
  ...new Set(
    ['n1', 'n2', 'n3'].flatMap((phone_number_id) =>
      ['c1', 'c2', null].flatMap((campaign_id) =>
        ['t1', 't2'].flatMap((template_name) =>
          ['s1', null].flatMap((segment_id) => {
            const parts = { phone_number_id, campaign_id, template_name, segment_id, market: 'FR' };
            return scopesOf(addressOf({ ...parts, ...accounts.get(phone_number_id) }));
          }),
        ),
      ),
    ),
  ),
];
const limit = fc.record({
  limit: fc.option(fc.integer({ min: 0, max: 150 }), { freq: 4 }),
  unobserved: fc.double({ min: 0, max: 60, noNaN: true }),
  per_second: fc.option(fc.constantFrom(0, 0.5, 2, 10), { freq: 1 }),
});
const op = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('ask' as const), request }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('again' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('back' as const), which: fc.nat(), count: fc.integer({ min: 1, max: 80 }) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('wait' as const), ms: fc.constantFrom(1, 300, 5000, 45_000, 700_000, day / 2) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('limits' as const),
      /** All that was in the log so long ago is in the counts, ms; null where that is not known. */
      complete: fc.constantFrom(null, 0, 0, 7000),
      scopes: fc.dictionary(fc.constantFrom(...allScopes), limit, { maxKeys: 6 }),
      people: fc.integer({ min: 0, max: 60 }),
      most: fc.option(fc.integer({ min: 1, max: 200 })),
      seen: fc.constantFrom(0, 0, 0, 1, 4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('restart' as const) }) },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** One grant as the model knows it: nothing is kept incrementally, every sum is made anew from these. */
interface Known {
  grant: Grant;
  scopes: ReadonlySet<ScopeId>;
  request: PermitRequest;
  people: PersonFacts[] | null;
  used: number;
  returned: number;
  cancelled: boolean;
  over: boolean;
}

class World {
  now = start;
  limits: Limits = limitsOf({ as_of: start, accounts });
  known: Known[] = [];
  book: PermitBook = this.restarted();
  private made = 0;

  left(one: Known): number {
    return one.cancelled || one.over ? 0 : Math.max(0, one.grant.granted - one.used - one.returned);
  }

  out(scope: ScopeId): number {
    return this.known.filter(({ scopes }) => scopes.has(scope)).reduce((sum, one) => sum + this.left(one), 0);
  }

  window(scope: ScopeId): number | null {
    const said = this.limits.scopes.get(scope);
    if (said !== undefined) return said.limit;
    return scope.startsWith('stream:') ? 40 : scope.startsWith('campaign:') ? 70 : null;
  }

  /** People whom the leases may still add to a portfolio's ledger. */
  debit(portfolio: string | null): number {
    return this.known
      .filter(({ grant }) => grant.address.portfolio_id === portfolio && grant.category !== 'service')
      .reduce((sum, one) => sum + this.left(one), 0);
  }

  /** What the facts tell of a person: messages of lists of which nothing is out any more. Who of them got none, the model does not know. */
  facts(name: string): PersonFacts {
    const seen = this.known.filter(
      (one) => !one.cancelled && one.grant.people.includes(name) && one.used > 0 && one.used + one.returned >= one.grant.granted,
    );
    const last = (list: Known[]) => list.reduce<number | null>((at, { grant }) => Math.max(at ?? 0, grant.at), null);
    // Long ago for the ledger: each is a new person there.
    return personOf(name, {
      last_marketing_at: last(seen.filter(({ grant }) => grant.category === 'marketing')),
      window_until: null,
    });
  }

  restarted(): PermitBook {
    const kept = this.known.filter((one) => !one.cancelled && one.grant.granted > 0);
    const returned = kept
      .filter((one) => one.returned > 0)
      .map((one) => ({ permit_id: one.grant.permit_id, count: one.returned }));
    const grants = JSON.parse(JSON.stringify(kept.map(({ grant }) => grant))) as Grant[];
    return bookOf({ policy, books: { grants, returned }, limits: this.limits, first: this.known.length });
  }

  ask(given: {
    address: Address;
    category: 'marketing' | 'utility' | 'service';
    lease_seconds: number | null;
    count: number;
    list: string[] | null;
  }): Known {
    const { list, count, ...parts } = given;
    const facts = list === null ? null : listOf(...list.map((name) => this.facts(name)));
    const one = requestOf({
      ...parts,
      request_id: `q${++this.made}`,
      ...(facts === null ? { count } : { contacts: facts.contacts }),
    });
    const grant = this.book.grant(one, facts?.people ?? null, this.now);
    const scopes = new Set(scopesOf(grant.address));
    const known = {
      grant,
      scopes,
      request: one,
      people: facts?.people ?? null,
      used: 0,
      returned: 0,
      cancelled: false,
      over: false,
    };
    this.known.push(known);
    this.holds(known);
    return known;
  }

  /** What must be true of every grant. */
  private holds({ grant, scopes, request }: Known): void {
    expect(grant.granted).toBeLessThanOrEqual(request.count ?? request.contacts?.length ?? 0);
    expect(grant.granted + grant.answer.denied.length).toBe(request.contacts === null ? grant.granted : request.contacts.length);
    if (grant.granted === 0) return;
    for (const scope of scopes) {
      const window = this.window(scope);
      const unobserved = this.limits.scopes.get(scope)?.unobserved ?? 0;
      if (window !== null) expect(unobserved + this.out(scope)).toBeLessThanOrEqual(window);
    }
    const ledger = this.limits.ledgers.get(grant.address.portfolio_id ?? '-');
    if (grant.category !== 'service' && ledger?.limit != null) {
      expect(ledger.people + this.debit(grant.address.portfolio_id)).toBeLessThanOrEqual(
        // Marketing leaves 5 % to all other traffic.
        Math.floor(ledger.limit * (grant.category === 'marketing' ? 0.95 : 1)),
      );
    }
    if (grant.category === 'marketing') {
      for (const person of grant.people) {
        const others = this.known.filter(
          (other) =>
            other.grant !== grant &&
            !other.cancelled &&
            other.grant.category === 'marketing' &&
            other.grant.people.includes(person) &&
            other.returned < other.grant.granted,
        );
        for (const other of others) expect(grant.at - other.grant.at).toBeGreaterThanOrEqual(day);
      }
      expect(new Set(grant.people).size).toBe(grant.people.length);
    }
  }

  do(step: Op): void {
    switch (step.op) {
      case 'ask':
        this.ask(step.request);
        return;
      case 'again': {
        const one = this.pick(step.which);
        if (one === undefined || one.cancelled || this.now - one.grant.at >= day || one.grant.granted === 0) return;
        const outs = allScopes.map((scope) => this.book.outstanding(scope));
        const { answer } = this.book.grant(one.request, one.people, this.now);
        expect(answer).toEqual(one.grant.answer);
        expect(allScopes.map((scope) => this.book.outstanding(scope))).toEqual(outs);
        return;
      }
      case 'back': {
        const one = this.pick(step.which);
        if (one === undefined) return;
        const alive = !one.cancelled && !one.over && this.now < one.grant.expires_at;
        const back = alive ? Math.max(0, Math.min(step.count, one.grant.granted - one.used) - one.returned) : 0;
        expect(this.book.giveBack(one.grant.permit_id, step.count, this.now)).toBe(back);
        one.returned += back;
        return;
      }
      case 'cancel': {
        // The log refuses what was asked last.
        const one = this.known.at(-1);
        if (one === undefined || one.over || one.returned > 0 || one.used > 0 || one.grant.granted === 0) return;
        this.book.cancel(one.grant.permit_id);
        one.cancelled = true;
        return;
      }
      case 'wait':
        this.now += step.ms;
        return;
      case 'limits': {
        const alive = this.known.filter((one) => !one.cancelled && !one.over);
        for (const one of alive) one.used = Math.min(one.grant.granted - one.returned, one.used + step.seen * 5);
        const scopes = new Map<ScopeId, ScopeLimit>(Object.entries(step.scopes).map(([id, parts]) => [id, scopeLimit(parts)]));
        this.limits = limitsOf({
          as_of: this.now,
          complete_to: step.complete === null ? null : this.now - step.complete,
          scopes,
          ledgers: new Map(['f1', '-'].map((id) => [id, { people: step.people, limit: step.most }])),
          used: new Map(alive.map((one) => [one.grant.permit_id, one.used])),
          accounts,
        });
        this.book.setLimits(this.limits, this.now);
        const { complete_to } = this.limits;
        if (complete_to !== null) for (const one of alive) one.over ||= one.grant.expires_at + 10_000 <= complete_to;
        return;
      }
      case 'restart':
        // What a complete snapshot let go stays gone: the newest one may not be complete to that time.
        if (this.limits.complete_to !== this.now) return;
        this.book = this.restarted();
    }
  }

  private pick(which: number): Known | undefined {
    return this.known[which % Math.max(1, this.known.length)];
  }
}

const ops = fc.array(op, { maxLength: 60, size: 'max' });
const runs = { numRuns: 100 };

describe('the permit book, whatever comes in whatever order', () => {
  it('grants within every window and ledger, the same once, takes back what is left, and knows what is out', () => {
    fc.assert(
      fc.property(ops, (steps) => {
        const world = new World();
        for (const step of steps) {
          world.do(step);
          expect(allScopes.map((scope) => world.book.outstanding(scope))).toEqual(allScopes.map((scope) => world.out(scope)));
        }
      }),
      runs,
    );
  });

  it('grants within every pace: between any two grants no more than could be sent until the lease ends', () => {
    fc.assert(
      fc.property(ops, (steps) => {
        const world = new World();
        for (const step of steps) if (step.op !== 'limits') world.do(step);
        for (const [scope, rate] of [
          ['phone_number_id', 3],
          ['campaign_id', 5],
        ] as const) {
          for (const value of ['n1', 'n2', 'n3', 'c1', 'c2']) {
            const grants = world.known
              .filter((one) => !one.cancelled && one.grant.address[scope] === value)
              .map(({ grant }) => grant);
            for (const [from, first] of grants.entries()) {
              let sum = 0;
              for (const grant of grants.slice(from)) {
                sum += grant.granted;
                if (grant.granted > 0) expect(sum).toBeLessThanOrEqual((rate * (grant.expires_at - first.at)) / 1000 + 1e-6);
              }
            }
          }
        }
      }),
      runs,
    );
  });

  it('after a restart there is no more room than before, and every answer is as it was', () => {
    fc.assert(
      fc.property(ops, request, (steps, probe) => {
        const world = new World();
        for (const step of steps) world.do(step);
        const book = world.restarted();
        for (const scope of allScopes) expect(book.outstanding(scope)).toBeGreaterThanOrEqual(world.book.outstanding(scope));
        for (const one of world.known) {
          if (one.cancelled || one.grant.granted === 0 || world.now - one.grant.at >= day) continue;
          expect(book.grant(one.request, one.people, world.now).answer).toEqual(one.grant.answer);
        }
        // What a cancelled grant took of a pace is forgotten by a restart, as is who shared a number with whom in the last seconds.
        if (world.known.some(({ cancelled }) => cancelled)) return;
        world.now += 20_000;
        const { list: _, ...parts } = probe;
        const one = requestOf({ ...parts, request_id: 'probe' });
        expect(book.grant(one, null, world.now).granted).toBeLessThanOrEqual(world.book.grant(one, null, world.now).granted);
      }),
      runs,
    );
  });

  it('when counts stop coming, what may go out drains to nothing', () => {
    fc.assert(
      fc.property(ops, fc.array(request, { minLength: 1, maxLength: 5 }), (steps, asks) => {
        const world = new World();
        for (const step of steps) world.do(step);
        const silent = asks.map((one) => ({ ...one, list: null, count: 1000 }));
        // Two hours are enough to spend 150 rights at any pace that is not very slow.
        for (let time = 0; time < 12; time += 1) {
          world.now += 600_000;
          for (const one of silent) world.ask(one);
        }
        const windowed = silent.filter(({ address: to }) => world.window(scopesOf(to).at(-1) ?? '') !== null);
        const slow = (to: Address) =>
          scopesOf({ ...to, ...accounts.get(to.phone_number_id ?? '') }).some(
            (scope) => (world.limits.scopes.get(scope)?.per_second ?? 9) < 1,
          );
        for (const one of windowed) if (!slow(one.address)) expect(world.ask(one).grant.granted).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('is deterministic', () => {
    fc.assert(
      fc.property(ops, (steps) => {
        const [one, two] = [new World(), new World()];
        for (const step of steps) {
          one.do(step);
          two.do(step);
        }
        expect(two.known.map(({ grant }) => grant)).toEqual(one.known.map(({ grant }) => grant));
      }),
      { numRuns: 50 },
    );
  });
});
