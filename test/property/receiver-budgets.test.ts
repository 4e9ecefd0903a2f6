import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetBook } from '../../api/receiver-budget.ts';
import type { Grant, PermitRequest } from '../../controller/permit.ts';
import type { PermitBook } from '../../controller/permit-book.ts';
import { scopesOf } from '../../controller/scope.ts';
import { addressOf, bookOf, limitsOf, policyWith, requestOf } from '../permit-books.ts';

const start = Date.parse('2026-11-21T10:00:00Z');
const window = 120;
const policy = policyWith({ window: { start: window, campaign_start: 100_000 }, pace: { number_per_second: 100_000 } });
const address = addressOf();
const stream = scopesOf(address).at(-1) ?? '';
const wanted = { address, category: 'marketing' } as const;

const receiver = fc.integer({ min: 0, max: 2 });
const count = fc.integer({ min: 1, max: 60 });
const step = fc.oneof(
  /** The owner answers: for a client, or a receiver that wants a budget. */
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), count }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('budget' as const), receiver, count, heard: fc.boolean() }) },
  /** The owner is away: a receiver splits, and the log takes it or not. */
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('split' as const),
      receiver,
      count,
      lease: fc.constantFrom(1000, 20_000, 600_000),
      durable: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 900, 15_000, 45_000, 70_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), receiver }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeover' as const) }) },
  /** Counts that were complete at this moment. */
  { weight: 1, arbitrary: fc.record({ do: fc.constant('counts' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An owner, three receivers, and a log of which nothing is lost. What clients were told is kept beside, to be summed anew. */
class World {
  now = start;
  receivers = [new BudgetBook(), new BudgetBook(), new BudgetBook()];
  /** Grants that a client was told of, and budgets by what was given. */
  readonly told: { request: PermitRequest; grant: Grant; receiver: number | null }[] = [];
  readonly budgets = new Map<string, { granted: number; expires_at: number }>();
  private readonly granted: Grant[] = [];
  private readonly returned: { permit_id: string; count: number }[] = [];
  private made = 0;
  owner: PermitBook = this.takenOver();

  takenOver(): PermitBook {
    this.made += 1000;
    const book = bookOf({ policy, books: { grants: this.granted, returned: this.returned }, first: this.made });
    book.setLimits(limitsOf({ as_of: start - 1, complete_to: null }), this.now);
    return book;
  }

  do(step: Step): void {
    const { now, owner } = this;
    if (step.do === 'wait') this.now += step.ms;
    else if (step.do === 'counts') owner.setLimits(limitsOf({ as_of: now }), now);
    else if (step.do === 'takeover') this.owner = this.takenOver();
    else if (step.do === 'restart') this.receivers[step.receiver] = new BudgetBook();
    else if (step.do === 'pass') {
      const request = requestOf({ address, count: step.count });
      const grant = owner.grant(request, null, now);
      if (grant.granted === 0) return;
      this.granted.push(grant);
      this.told.push({ request, grant, receiver: null });
    } else if (step.do === 'budget') {
      const grant = owner.grant(requestOf({ address, count: step.count }), null, now);
      if (grant.granted > 0) this.granted.push(grant);
      if (!step.heard) return;
      this.budgets.set(grant.permit_id, { granted: grant.granted, expires_at: grant.expires_at });
      const old = this.receivers[step.receiver]?.add(wanted, grant.answer, now) ?? null;
      if (old === null) return;
      const back = owner.giveBack(old.permit_id, old.count, now);
      if (back > 0) this.returned.push({ permit_id: old.permit_id, count: back });
    } else if (step.do === 'split') {
      const book = this.receivers[step.receiver];
      const request = requestOf({ address, count: step.count });
      const part = book?.split(request, step.lease, now) ?? null;
      if (book === undefined || part === null) return;
      // A record that got no acknowledgement may be in the log all the same.
      this.granted.push(part.grant);
      if (!step.durable) {
        book.cancel(part.grant);
        return;
      }
      this.returned.push({ permit_id: part.of, count: part.grant.granted });
      this.told.push({ request, grant: part.grant, receiver: step.receiver });
    } else {
      const one = this.told[step.which % Math.max(1, this.told.length)];
      if (one?.receiver == null) return;
      const again = this.receivers[one.receiver]?.recall(one.request, now) ?? null;
      if (again !== null) expect(again.answer).toEqual(one.grant.answer);
    }
  }

  /** Rights that clients hold now, and those that receivers could still grant them. */
  live(): number {
    const held = this.receivers.reduce((sum, book) => sum + book.held(this.now), 0);
    return this.told.filter(({ grant }) => grant.expires_at > this.now).reduce((sum, { grant }) => sum + grant.granted, held);
  }

  /** Parts of a budget that clients were told of. */
  partsOf(budget: string): Grant[] {
    return this.told.flatMap(({ grant }) => (grant.permit_id.startsWith(`${budget}.`) ? [grant] : []));
  }
}

describe('what receivers grant while the owner is away', () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 60 });

  it('is never more than the owner gave them, and never outlives it: under any order, loss, end and restart', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new World();
        for (const one of all) world.do(one);
        for (const [id, budget] of world.budgets) {
          const parts = world.partsOf(id);
          expect(parts.reduce((sum, { granted }) => sum + granted, 0)).toBeLessThanOrEqual(budget.granted);
          for (const part of parts) {
            expect(part.at).toBeLessThan(budget.expires_at);
            expect(part.expires_at).toBeLessThanOrEqual(budget.expires_at);
          }
        }
        const ofBudgets = world.told.filter(({ receiver }) => receiver !== null).length;
        expect([...world.budgets.keys()].flatMap((id) => world.partsOf(id))).toHaveLength(ofBudgets);
      }),
      { numRuns: 300 },
    );
  });

  it('stays within the window of the stream together with what the owner grants itself, before and after a takeover', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new World();
        for (const one of all) {
          world.do(one);
          expect(world.live()).toBeLessThanOrEqual(window);
          expect(world.owner.outstanding(stream)).toBeGreaterThanOrEqual(world.live());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is remembered by the one who takes over: each request gets the answer that it got', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const world = new World();
        for (const one of all) world.do(one);
        const owner = world.takenOver();
        for (const { request, grant } of world.told) expect(owner.recall(request, world.now)?.answer).toEqual(grant.answer);
      }),
      { numRuns: 100 },
    );
  });
});
