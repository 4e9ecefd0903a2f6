import { describe, expect, it } from 'vitest';
import { backtest } from '../../../controller/backtest.ts';
import { Controller } from '../../../controller/controller.ts';
import type { Decision } from '../../../controller/decision.ts';
import { defaultPolicy, policySchema } from '../../../controller/policy.ts';
import type { CohortRow, ControlSnapshot } from '../../../controller/snapshot.ts';
import { emptyBooks } from '../../permit-books.ts';

const at = Date.parse('2026-11-21T10:00:00Z');
const minute = 60_000;
const stream = 'stream:autumn/t/-';

/** The trail of a campaign of which 48 of 120 messages, sent an hour ago, could not be delivered: paused at 10:00 for an hour. */
function trailOf(): Decision[] {
  const row: CohortRow = {
    ...{ campaign_id: 'autumn', template_name: 't', segment_id: null, variant_id: null, market: null, phone_number_id: '1' },
    ...{ category: 'marketing', sent_at: at - 60 * minute, sent: 120, held: 0, delivered: 72, read: 0, replied: 0, clicked: 0 },
    events: { undeliverable: 48, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 },
  };
  const none = {
    lag: 0,
    complete_to: null,
    numbers: [],
    ledgers: [],
    words: [],
    used: [],
    policies: [],
    curves: [],
    baselines: null,
    established: null,
  };
  const snapshot: ControlSnapshot = { ...none, as_of: at, cohorts: [row] };
  let ids = 0;
  const controller = new Controller({ policy: defaultPolicy, books: emptyBooks, newId: () => `d${++ids}` });
  return controller.propose(snapshot, [], at);
}

describe('a back-test', () => {
  const trail = trailOf();
  const until = at + 30 * minute;
  const of = (parts: object) =>
    backtest(trail, () => policySchema.parse(parts), until).scopes.find(({ scope }) => scope === stream);

  it('finds no difference under the policy that was in force', () => {
    expect(backtest(trail, () => defaultPolicy, until).scopes.filter(({ first }) => first !== null)).toEqual([]);
    // From 10:00 to 10:30 nothing went out.
    expect(of({})).toMatchObject({ was: { closed_minutes: 30, alarms: 1, first_alarm_at: at, limit: 0, state: 'paused' } });
  });

  it('tells how long a looser policy would have left it open, and where it first differs', () => {
    const loose = { guardrails: { failure: null }, detectors: { undeliverable: { accept: 0.5, reject: 0.9 } } };
    const found = of(loose);
    expect(found?.would).toMatchObject({ closed_minutes: 0, alarms: 0, first_alarm_at: null, state: 'open' });
    expect(found?.first).toMatchObject({
      at,
      was: expect.stringContaining('paused by alarm'),
      would: expect.stringContaining('open'),
    });
  });

  it('leaves out decisions that it cannot read, and says how many', () => {
    const broken = trail.map((decision) => ({ ...decision, evidence: null as never }));
    expect(backtest(broken, () => defaultPolicy, until)).toMatchObject({ scopes: [], skipped: trail.length });
  });
});
