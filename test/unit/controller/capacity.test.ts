import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, Contention, shareRate } from '../../../controller/capacity.ts';
import { policySchema } from '../../../controller/policy.ts';
import { noon } from './control-counts.ts';

const claim = (campaign: string, parts: Partial<Claim> = {}): Claim => ({ campaign, wants: 100, needs: 0, weight: 1, ...parts });
const shares = (claims: Claim[], rate: number) => Object.fromEntries(shareRate(claims, rate));

describe("a number's messages a second", () => {
  it('are shared by weight, and what one does not want goes to the others', () => {
    expect(shares([claim('a', { weight: 3 }), claim('b')], 80)).toEqual({ a: 60, b: 20 });
    expect(shares([claim('a', { wants: 10, weight: 3 }), claim('b')], 80)).toEqual({ a: 10, b: 70 });
  });

  it('go first to what a campaign needs to be in time', () => {
    // 50 for the deadline, then 30 in halves.
    expect(shares([claim('late', { needs: 50 }), claim('b')], 80)).toEqual({ late: 65, b: 15 });
    // Two deadlines that do not fit: by weight.
    expect(shares([claim('x', { needs: 90, weight: 3 }), claim('y', { needs: 90 })], 80)).toEqual({ x: 60, y: 20 });
  });

  it('are never more than there are, nor than anybody wants, and none is left while somebody wants it', () => {
    const claims = fc.array(fc.record({ wants: fc.nat(200), needs: fc.nat(200), weight: fc.constantFrom(1, 4, 16) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(claims, fc.integer({ min: 1, max: 500 }), (some, rate) => {
        const all = some.map((one, i) => ({ campaign: `c${i}`, ...one }));
        const got = shareRate(all, rate);
        const sum = [...got.values()].reduce((a, b) => a + b, 0);
        const wanted = all.reduce((a, { wants }) => a + wants, 0);
        expect(sum).toBeCloseTo(Math.min(rate, wanted), 6);
        for (const { campaign, wants } of all) {
          expect(got.get(campaign)).toBeLessThanOrEqual(wants + 1e-9);
          if (wanted <= rate) expect(got.get(campaign)).toBeCloseTo(wants, 9);
        }
      }),
    );
  });
});

describe('campaigns that ask for one number', () => {
  const minute = { now: noon, expiresAt: noon + 60_000 };
  const normal = policySchema.parse({});
  const ask = (contention: Contention, campaign: string, policy = normal) =>
    contention.ask(campaign, { count: 10_000, policy, ...minute });
  const room = (contention: Contention, campaign: string, now = noon) => contention.room(campaign, 80, now, noon + 60_000);

  it('have no share while they are alone', () => {
    const contention = new Contention();
    ask(contention, 'a');
    expect(room(contention, 'a')).toBe(Number.POSITIVE_INFINITY);
  });

  it('have no share while there is enough for all: who asks in small pieces is not held to one of them', () => {
    const contention = new Contention();
    for (const campaign of ['a', 'b']) contention.ask(campaign, { count: 15, policy: normal, ...minute });
    // A quarter of a message a second each, taken for one: 2 of 80.
    expect([room(contention, 'a'), room(contention, 'b')]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('have four times the messages with each step of priority', () => {
    const contention = new Contention();
    ask(contention, 'a', policySchema.parse({ priority: 'high' }));
    ask(contention, 'b');
    // 80 a second for a minute: 4800, four fifths and one fifth.
    expect([room(contention, 'a'), room(contention, 'b')]).toEqual([3840, 960]);
    contention.take('b', 960, 80, noon, noon + 60_000);
    expect([room(contention, 'a'), room(contention, 'b')]).toEqual([3840, 0]);
  });

  it('get what a deadline needs', () => {
    const contention = new Contention();
    // 216,000 in an hour: 60 a second, and half of the 20 that are left.
    const deadline = { at: new Date(noon + 3_600_000).toISOString(), messages: 216_000 };
    ask(contention, 'a', policySchema.parse({ deadline }));
    ask(contention, 'b');
    expect([room(contention, 'a'), room(contention, 'b')]).toEqual([4200, 600]);
  });
});
