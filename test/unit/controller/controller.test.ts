import { describe, expect, it } from 'vitest';
import { Controller } from '../../../controller/controller.ts';
import type { Decision } from '../../../controller/decision.ts';
import type { Override } from '../../../controller/evidence.ts';
import { type Policy, policySchema } from '../../../controller/policy.ts';
import { policyHash } from '../../../controller/policy-hash.ts';
import type { ControlSnapshot } from '../../../controller/snapshot.ts';
import {
  campaign,
  hour,
  minute,
  noon,
  number,
  override,
  segment,
  sends,
  snapshot,
  stream,
  template,
  undeliverable,
} from './control-counts.ts';

const second = 1000;

function freshController(latest: Decision[] = [], policy: Policy = policySchema.parse({})) {
  let made = 0;
  const seq = latest.reduce((last, decision) => Math.max(last, decision.seq), 0);
  const books = { seq, latest, overrides: [], grants: [], returned: [] };
  return new Controller({ policy, books, newId: () => `decision-${seq + ++made}` });
}

function tick(controller: Controller, counts: ControlSnapshot, overrides: Override[] = []) {
  const decisions = controller.propose(counts, overrides, counts.as_of);
  controller.accept(decisions);
  return decisions;
}

const places = (decisions: Decision[]) => decisions.map(({ seq, scope }) => [seq, scope]);
const few = (asOf: number) => snapshot(asOf, [sends({ sent_at: noon - minute, sent: 10, delivered: 10 })]);
/** 120 messages, 30 undeliverable, all settled: 30 · ln 3 − 0.1 · 120 = 21, past the line of 12.9 but not twice. */
const guilty = sends({ sent_at: noon - hour, sent: 120, delivered: 90, events: undeliverable(30) });

describe('the controller', () => {
  it('decides about each scope when it first sees it, narrow ones first, and numbers its decisions from 1', () => {
    expect(places(tick(freshController(), few(noon)))).toEqual([
      [1, stream],
      [2, segment],
      [3, campaign],
      [4, template],
      [5, number],
    ]);
  });

  it('changes nothing before its decisions are accepted', () => {
    const controller = freshController();
    const once = controller.propose(few(noon), [], noon);
    expect(controller.limits(few(noon), noon).scopes.size).toBe(0);
    expect(controller.views()).toEqual([]);
    expect(places(controller.propose(few(noon), [], noon))).toEqual(places(once));
  });

  it('hands the permits the windows, what is out, the ledgers and the leases', () => {
    const controller = freshController();
    const parts = { ledgers: [{ portfolio_id: null, people: 3, limit: 2000 }], used: [{ permit_id: 'lease', used: 7 }] };
    const counts = snapshot(noon, few(noon).cohorts, parts);
    tick(controller, counts);
    const limits = controller.limits(counts, noon);
    expect(limits.scopes.get(stream)).toMatchObject({ limit: 150, per_second: null, state: 'open', until: null, shadow: false });
    expect(limits.scopes.get(campaign)).toMatchObject({ limit: 1000 });
    expect(limits.scopes.get(number)).toMatchObject({ limit: null, per_second: 80 });
    // Sent evenly through the minute that ends now: mean age 30 s of an opt-out curve that rises 25 % in 600 s: 1.25 % of 10.
    expect(limits.scopes.get(stream)?.unobserved).toBeCloseTo(9.875, 3);
    expect(limits).toMatchObject({ as_of: noon, complete_to: noon });
    expect(limits.ledgers.get('-')).toEqual({ people: 3, limit: 2000 });
    expect(limits.used.get('lease')).toBe(7);
    expect(limits.accounts.get('555')).toEqual({ waba_id: 'w', portfolio_id: 'p' });
    expect(controller.limits({ ...counts, lag: 1, complete_to: noon - 900 }, noon).complete_to).toBe(noon - 900);
  });

  it('throttles a stream at the first alarm and pauses it at the second; what it alone explains is not braked for it', () => {
    const controller = freshController();
    const first = snapshot(noon, [guilty]);
    tick(controller, first);
    expect(controller.limits(first, noon).scopes.get(stream)).toMatchObject({ limit: 75, state: 'throttled' });
    const later = noon + 5 * minute;
    const second = snapshot(later, [guilty, sends({ sent_at: noon, sent: 60, delivered: 45, events: undeliverable(15) })]);
    tick(controller, second);
    const limits = controller.limits(second, later).scopes;
    expect(limits.get(stream)).toMatchObject({ limit: 0, state: 'paused', until: later + hour });
    for (const scope of [campaign, segment, template]) expect(limits.get(scope)?.state).toBe('open');
    // 45 of 180 over all the days that count.
    expect(limits.get(stream)?.reason).toContain('45 of 180 messages could not be delivered (25.0%');
  });

  it('brakes the narrowest guilty one: a bad segment, not the campaign it is the smaller part of', () => {
    const controller = freshController();
    const bad = { ...guilty, segment_id: 'bought' };
    const rest = sends({ sent_at: noon - hour, sent: 300, delivered: 295, events: undeliverable(5) });
    const counts = snapshot(noon, [bad, rest]);
    tick(controller, counts);
    const { scopes } = controller.limits(counts, noon);
    expect(scopes.get('stream:autumn/autumn_sale/bought')?.state).toBe('throttled');
    expect(scopes.get(stream)?.state).toBe('open');
    expect(scopes.get(campaign)?.state).toBe('open');
  });

  it('judges each campaign by its own counts, whatever the pace of the others', () => {
    const controller = freshController();
    const huge = sends({
      campaign_id: 'huge',
      sent_at: noon - 3 * hour,
      sent: 200_000,
      delivered: 196_000,
      events: undeliverable(4000),
    });
    tick(controller, snapshot(noon, [guilty, huge]));
    const state = (scope: string) => controller.views().find((view) => view.scope === scope)?.state;
    expect([state(stream), state('stream:huge/autumn_sale/vip'), state('campaign:huge')]).toEqual(['throttled', 'open', 'open']);
  });

  it('brakes nobody for a few failures among the first messages', () => {
    const controller = freshController();
    tick(controller, snapshot(noon, [sends({ sent_at: noon - hour, sent: 5, events: undeliverable(5) })]));
    expect(controller.views().map(({ state }) => state)).toEqual(Array(5).fill('open')); // 5 · ln 3 = 5.5
  });
});

describe('the trail', () => {
  it('gets a decision at most every ten seconds when only counts are new, and none when nothing is', () => {
    const controller = freshController();
    const at = (asOf: number, failed: number) =>
      snapshot(asOf, [sends({ sent_at: noon - hour, sent: 100, delivered: 95 - failed, events: undeliverable(failed) })]);
    tick(controller, at(noon, 0));
    expect(places(tick(controller, at(noon + 9 * second, 1)))).toEqual([]);
    expect(tick(controller, at(noon + 10 * second, 1)).map(({ scope }) => scope)).toEqual([stream, campaign]);
    expect(places(tick(controller, at(noon + 30 * second, 1)))).toEqual([]);
  });

  it('waits for a hundredth of the window to mature when no event came', () => {
    const controller = freshController();
    // Windows of 150 and 1000. From 10 minutes to 2 hours 25 % of 600 mature evenly: 150 in 110 minutes.
    const at = (asOf: number) => snapshot(asOf, [sends({ sent_at: noon - 20 * minute, sent: 600, delivered: 600 })]);
    tick(controller, at(noon));
    const window = controller.views().find(({ scope }) => scope === stream)?.limit ?? 0;
    const wait = ((window / 100) * 110 * minute) / 150;
    // Of scopes without a window nobody waits for news: they have some once a minute.
    const early = places(tick(controller, at(noon + Math.floor(0.95 * wait)))).map(([, scope]) => scope);
    expect(early.filter((scope) => scope === stream || scope === campaign)).toEqual([]);
    expect(tick(controller, at(noon + Math.ceil(1.1 * wait))).map(({ scope }) => scope)).toContain(stream);
  });

  it('gets a decision at once when what is allowed changes', () => {
    const controller = freshController();
    tick(controller, few(noon));
    const paused = tick(controller, few(noon + second), [override({ action: 'pause' })]);
    expect(paused).toMatchObject([{ seq: 6, scope: stream, rule: 'operator_stop', limit: 0, owner: 'ops' }]);
    expect(places(tick(controller, few(noon + 2 * second), [override({ action: 'pause' })]))).toEqual([]);
    expect(tick(controller, few(noon + 3 * second))).toMatchObject([{ seq: 7, rule: 'steady', limit: 150 }]);
  });

  it('goes on after a restart where it was', () => {
    const before = freshController();
    const first = tick(before, snapshot(noon, [guilty]));
    const after = freshController(JSON.parse(JSON.stringify(first)) as Decision[]);
    expect(places(tick(after, snapshot(noon + second, [guilty])))).toEqual([]);
    tick(before, snapshot(noon + second, [guilty]));
    expect(after.views()).toEqual(before.views());
    const more = sends({ sent_at: noon, sent: 60, delivered: 45, events: undeliverable(15) });
    expect(tick(after, snapshot(noon + 5 * minute, [guilty, more]))[0]).toMatchObject({
      seq: 6,
      scope: stream,
      next: { mode: 'paused' },
    });
  });

  it('comes to the same with ticks a minute apart as with ticks five seconds apart', () => {
    const at = (asOf: number) => {
      const minutes = Math.floor((asOf - noon) / minute);
      return snapshot(
        asOf,
        Array.from({ length: minutes + 1 }, (_, i) => sends({ sent_at: noon + i * minute, sent: 8, delivered: 8 })),
      );
    };
    const windowAfter = (step: number) => {
      const controller = freshController();
      for (let now = noon + minute; now <= noon + 30 * minute; now += step) tick(controller, at(now));
      return controller.views().find(({ scope }) => scope === stream)?.limit ?? 0;
    };
    const [fine, coarse] = [windowAfter(5 * second), windowAfter(minute)];
    expect(fine).toBeGreaterThan(160);
    expect(Math.abs(fine - coarse)).toBeLessThanOrEqual(10);
  });
});

describe('operators and platforms', () => {
  it('may speak of scopes that nothing was sent from yet', () => {
    const controller = freshController();
    const words = [{ scope: 'template:autumn_sale', action: 'stop' as const, code: 'template_paused', at: noon, until: null }];
    const said = [
      override({ action: 'limit', scope: 'segment:vip', window: 7 }),
      override({ action: 'pause', scope: 'nonsense' }),
    ];
    tick(controller, snapshot(noon, [], { words }), said);
    const { scopes } = controller.limits(snapshot(noon, []), noon);
    expect(scopes.get('template:autumn_sale')).toMatchObject({ limit: 0, state: 'stopped' });
    expect(scopes.get('segment:vip')).toMatchObject({ limit: 7 });
    expect(scopes.has('nonsense')).toBe(false);
  });

  it('let go of them when they take their word back', () => {
    const controller = freshController();
    const words = [{ scope: 'template:autumn_sale', action: 'stop' as const, code: 'template_paused', at: noon, until: null }];
    tick(controller, snapshot(noon, [], { words }));
    tick(controller, snapshot(noon + second, []));
    expect(controller.limits(snapshot(noon + second, []), noon).scopes.get('template:autumn_sale')).toMatchObject({
      limit: null,
      state: 'open',
    });
  });

  it('who resumes a campaign lets it and its streams probe', () => {
    const controller = freshController();
    const twice = sends({ sent_at: noon - hour, sent: 240, delivered: 180, events: undeliverable(60) });
    tick(controller, snapshot(noon, [twice]));
    expect(
      controller
        .views()
        .filter(({ state }) => state === 'paused')
        .map(({ scope }) => scope),
    ).toEqual([stream]);
    tick(controller, snapshot(noon + second, [twice]), [override({ action: 'resume', scope: campaign, at: noon + second })]);
    const { scopes } = controller.limits(snapshot(noon + second, [twice]), noon);
    expect(scopes.get(stream)).toMatchObject({ limit: 20, unobserved: 0, state: 'probing' });
    expect(scopes.get(campaign)?.state).toBe('open');
  });
});

describe('after a pause', () => {
  const probe = sends({ sent_at: noon + hour, sent: 20, delivered: 20 });
  const more = sends({ sent_at: noon + hour + 2 * minute, sent: 42, delivered: 42 });
  const states = (bad: ReturnType<typeof sends>) => {
    const controller = freshController();
    const look = (asOf: number, rows: ReturnType<typeof sends>[]) => {
      const counts = snapshot(asOf, [bad, ...rows]);
      tick(controller, counts);
      return controller.limits(counts, asOf).scopes.get(stream);
    };
    return [
      look(noon, []),
      look(noon + hour, []),
      look(noon + hour + 2 * minute, [probe]),
      look(noon + hour + 4 * minute, [probe, more]),
    ];
  };

  it('a stream whose failures are over is open within minutes, with the window of a new one', () => {
    // 60 · ln 3 − 16 = 50 nats, more than twice the line: paused at once.
    const failing = sends({ sent_at: noon - hour, sent: 160, delivered: 100, events: undeliverable(60) });
    const [paused, probing, recovering, open] = states(failing);
    expect([paused?.state, probing?.state, recovering?.state, open?.state]).toEqual(['paused', 'probing', 'recovering', 'open']);
    expect([paused?.limit, probing?.limit, recovering?.limit, open?.limit]).toEqual([0, 20, 20, 150]);
    // Opt-outs of all 62 are still to come but for the first minutes: F(4 min) = 0.1.
    expect(open?.unobserved).toBeGreaterThan(0.9 * 62);
  });

  it('one whose readers left waits for the readers of its probe', () => {
    const annoying = sends({ sent_at: noon - hour, sent: 200, delivered: 200, events: { ...undeliverable(0), opt_out: 30 } });
    const [paused, probing, ...later] = states(annoying);
    expect([paused?.state, probing?.state]).toEqual(['paused', 'probing']);
    expect(later.map((limit) => limit?.state)).toEqual(['probing', 'probing']);
  });
});

describe('what people see', () => {
  it('shows sends without a permit as an alarm of the number, and its streams do not grow', () => {
    const controller = freshController();
    const numbers = [
      { phone_number_id: '555', waba_id: null, portfolio_id: null, last_feedback_at: noon, seen: 60, permitted: 10 },
    ];
    tick(controller, snapshot(noon, few(noon).cohorts, { numbers }));
    const views = controller.views();
    expect(views.map(({ kind }) => kind)).toEqual(['number', 'template', 'campaign', 'segment', 'stream']);
    expect(views[0]).toMatchObject({
      rule: 'untrusted_evidence',
      alarms: [{ code: 'unpermitted_sends', numbers: { seen: 60, permitted: 10 } }],
    });
    expect(views[4]).toMatchObject({ rule: 'untrusted_evidence', limit: 150 });
    expect(views[0]?.sentence).toContain('60 messages were seen');
  });

  it('shows every detector with its sum and its line', () => {
    const controller = freshController();
    tick(controller, snapshot(noon, [sends({ sent_at: noon - hour, sent: 20, delivered: 15, events: undeliverable(5) })]));
    const view = controller.views().find(({ scope }) => scope === stream);
    expect(view?.detectors[0]).toMatchObject({ signal: 'undeliverable', events: 5, exposure: 20, accept: 0.05, reject: 0.15 });
    expect(view?.detectors[0]?.sum).toBeCloseTo(5 * 1.0986123 - 2, 5);
    expect(view?.detectors[0]?.line).toBeCloseTo(15.7896, 3); // ln(1 + 1,000,000 · 72 · 0.1)
  });

  it('says when a decision is a shadow', () => {
    const controller = freshController([], policySchema.parse({ mode: 'shadow' }));
    tick(controller, snapshot(noon, [guilty]));
    const limit = controller.limits(snapshot(noon, [guilty]), noon).scopes.get(stream);
    expect(limit).toMatchObject({ shadow: true, limit: 75, state: 'throttled' });
    expect(limit?.reason).toMatch(/^Shadow mode/);
  });
});

describe('policies', () => {
  const own = (policy: Record<string, unknown>) => ({ policies: [{ campaign_id: 'autumn', policy }] });

  it("of a campaign stand over the account's, part by part, also for its streams", () => {
    const controller = freshController();
    const [first] = tick(controller, snapshot(noon, few(noon).cohorts, own({ window: { start: 30 } })));
    expect(controller.policyOf('autumn').window).toMatchObject({ start: 30, campaign_start: 1000 });
    expect(controller.policyOf(null).window.start).toBe(150);
    expect(first).toMatchObject({ scope: stream, limit: 30 });
    expect(controller.policyByHash(first?.policy_hash ?? '')?.window.start).toBe(30);
  });

  it('that do not fit leave the campaign with the account’s', () => {
    const controller = freshController();
    tick(controller, snapshot(noon, [], own({ window: { start: -1 } })));
    expect(controller.policyOf('autumn').window.start).toBe(150);
  });

  it('are named by their content, not by the order it is written in', () => {
    const [a, b] = [policySchema.parse({}), policySchema.parse({ window: { probe: 20, start: 150 } })];
    expect(policyHash(b)).toBe(policyHash(a));
    expect(policyHash(policySchema.parse({ dwell_minutes: 61 }))).not.toBe(policyHash(a));
  });
});
