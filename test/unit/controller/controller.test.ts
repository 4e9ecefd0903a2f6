import { describe, expect, it } from 'vitest';
import { Controller } from '../../../controller/controller.ts';
import type { Decision } from '../../../controller/decision.ts';
import type { Override } from '../../../controller/evidence.ts';
import { defaultPolicy } from '../../../controller/policy.ts';
import type { CohortRow, ControlSnapshot } from '../../../controller/snapshot.ts';

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 26, 12);
const stream = 'stream:autumn/autumn_sale/vip';
const campaign = 'campaign:autumn';

const sends = (parts: Partial<CohortRow> & Pick<CohortRow, 'sent' | 'sent_at'>): CohortRow => ({
  campaign_id: 'autumn',
  template_name: 'autumn_sale',
  segment_id: 'vip',
  phone_number_id: '555',
  category: 'marketing',
  delivered: 0,
  ...parts,
  events: { undeliverable: 0, platform_block: 0, other_failure: 0, opt_out: 0, ...parts.events },
});
const undeliverable = (count: number) => ({ undeliverable: count, platform_block: 0, other_failure: 0, opt_out: 0 });

function snapshot(asOf: number, cohorts: CohortRow[], parts: Partial<ControlSnapshot> = {}): ControlSnapshot {
  const number = { phone_number_id: '555', waba_id: 'w', portfolio_id: 'p', last_feedback_at: asOf, seen: 0, permitted: 0 };
  return {
    as_of: asOf,
    lag: 0,
    cohorts,
    numbers: [number],
    ledgers: [{ portfolio_id: null, people: 3, limit: 2000 }],
    words: [],
    used: [{ permit_id: 'lease', used: 7 }],
    policies: [],
    curves: [],
    ...parts,
  };
}

function freshController(latest: Decision[] = [], seq = 0) {
  let made = 0;
  const books = { seq, latest, overrides: [], grants: [], returned: [] };
  return new Controller({ policy: defaultPolicy, books, newId: () => `decision-${seq + ++made}` });
}

function tick(controller: Controller, counts: ControlSnapshot, overrides: Override[] = []) {
  const decisions = controller.propose(counts, overrides, counts.as_of);
  controller.accept(decisions);
  return decisions;
}

describe('the controller', () => {
  it('decides about each stream, campaign and number when it first sees it, and numbers its decisions from 1', () => {
    const decisions = tick(freshController(), snapshot(noon, [sends({ sent_at: noon - minute, sent: 10 })]));
    expect(decisions.map(({ seq, scope, decision_id }) => [seq, scope, decision_id])).toEqual([
      [1, stream, 'decision-1'],
      [2, campaign, 'decision-2'],
      [3, 'number:555', 'decision-3'],
    ]);
  });

  it('changes nothing before its decisions are accepted', () => {
    const controller = freshController();
    const counts = snapshot(noon, [sends({ sent_at: noon - minute, sent: 10 })]);
    const once = controller.propose(counts, [], noon);
    expect(controller.limits(counts, noon).scopes.size).toBe(0);
    expect(controller.propose(counts, [], noon).map(({ seq, scope }) => [seq, scope])).toEqual(
      once.map(({ seq, scope }) => [seq, scope]),
    );
  });

  it('hands the permits the windows, what is out, the ledgers and the leases', () => {
    const controller = freshController();
    const counts = snapshot(noon, [sends({ sent_at: noon - minute, sent: 10 })]);
    tick(controller, counts);
    const limits = controller.limits(counts, noon);
    expect(limits.scopes.get(stream)).toMatchObject({ limit: 150, per_second: null, state: 'open', until: null, shadow: false });
    expect(limits.scopes.get(campaign)).toMatchObject({ limit: 1000 });
    expect(limits.scopes.get('number:555')).toMatchObject({ limit: null, per_second: 80 });
    // Sent evenly through the minute that ends now: mean age 30 s of an opt-out curve that rises 25 % in 600 s: 1.25 % of 10.
    expect(limits.scopes.get(stream)?.unobserved).toBeCloseTo(9.875, 3);
    expect(limits.ledgers.get('-')).toEqual({ people: 3, limit: 2000 });
    expect(limits.used.get('lease')).toBe(7);
    expect(limits.accounts.get('555')).toEqual({ waba_id: 'w', portfolio_id: 'p' });
  });

  it('throttles a stream at the first alarm and pauses it at the second, with its only campaign', () => {
    const controller = freshController();
    // 120 messages, 30 undeliverable, all settled: 30 · ln 3 − 0.1 · 120 = 21, past the line of 12.9 but not twice.
    const first = snapshot(noon, [sends({ sent_at: noon - hour, sent: 120, delivered: 90, events: undeliverable(30) })]);
    tick(controller, first);
    expect(controller.limits(first, noon).scopes.get(stream)).toMatchObject({ limit: 75, state: 'throttled' });
    const later = noon + 5 * minute;
    const second = snapshot(later, [
      ...first.cohorts,
      sends({ sent_at: noon, sent: 60, delivered: 45, events: undeliverable(15) }),
    ]);
    tick(controller, second);
    const limits = controller.limits(second, later).scopes;
    expect(limits.get(stream)).toMatchObject({ limit: 0, state: 'paused', until: later + hour });
    expect(limits.get(campaign)).toMatchObject({ limit: 0, state: 'paused' });
  });
});
