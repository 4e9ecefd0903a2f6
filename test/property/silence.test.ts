import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Controller } from '../../controller/controller.ts';
import { policySchema } from '../../controller/policy.ts';
import type { CohortRow } from '../../controller/snapshot.ts';
import { minute, noon, sends, snapshot, stream } from '../unit/controller/control-counts.ts';

/** A sender that always takes all the room there is, on a number whose webhooks stopped at noon. */
function play(before: number, ticks: readonly number[]) {
  const policy = policySchema.parse({});
  let ids = 0;
  const books = { seq: 0, latest: [], overrides: [], grants: [], returned: [] };
  const controller = new Controller({ policy, books, newId: () => `d${++ids}` });
  const rows: CohortRow[] = [sends({ sent_at: noon - 10 * minute, sent: before, delivered: before })];
  const numbers = [{ phone_number_id: '555', waba_id: null, portfolio_id: null, last_feedback_at: noon, seen: 0, permitted: 0 }];
  const seen: { out: number; limit: number; sent: number }[] = [];
  let [now, sent] = [noon, 0];
  for (const rest of [0, ...ticks]) {
    now += rest;
    const counts = snapshot(now, [...rows], { numbers });
    controller.accept(controller.propose(counts, [], now));
    const limit = controller.limits(counts, now).scopes.get(stream);
    const [most, out] = [limit?.limit ?? 0, limit?.unobserved ?? 0];
    const room = Math.max(0, Math.floor(most - out));
    seen.push({ out, limit: most, sent });
    sent += room;
    if (room > 0) rows.push(sends({ sent_at: now, sent: room }));
  }
  return seen;
}

// Within the three days that are counted.
const ticks = fc.array(fc.oneof(fc.integer({ min: 1000, max: minute }), fc.integer({ min: minute, max: 240 * minute })), {
  maxLength: 15,
});

describe('when the webhooks fall silent', () => {
  it('what may still be sent is the window, once: nothing that is out becomes observed by waiting', () => {
    fc.assert(
      fc.property(fc.nat(150), ticks, (before, rests) => {
        const seen = play(before, rests);
        const [first] = seen;
        const window = first?.limit ?? 0;
        for (const { limit, sent } of seen) {
          expect(limit).toBeLessThanOrEqual(window);
          // Before silence is told from quiet at most ln 1000 = 6.9 first statuses were due, the work of a few messages.
          expect(sent).toBeLessThanOrEqual(window + 20);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('what is out only rises to the window, and stays there', () => {
    fc.assert(
      fc.property(ticks, (rests) => {
        const seen = play(0, [minute, ...rests]).slice(1);
        for (const [i, { out }] of seen.entries()) expect(out).toBeGreaterThanOrEqual((seen[i - 1]?.out ?? 0) - 1e-6);
        expect(seen.at(-1)?.out).toBeLessThanOrEqual(seen.at(-1)?.limit ?? 0);
      }),
      { numRuns: 100 },
    );
  });
});
