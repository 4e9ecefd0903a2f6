import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Controller } from '../../../controller/controller.ts';
import type { Decision } from '../../../controller/decision.ts';
import { policySchema } from '../../../controller/policy.ts';
import { checkTrail, replay } from '../../../controller/replay.ts';
import { minute, none, noon, override, sends, snapshot, stream } from './control-counts.ts';

const policy = policySchema.parse({});

/** A run of a controller over counts that grow, with its trail as the log keeps it. */
function trailOf(ticks: readonly { sent: number; failed: number; rest: number; silent: boolean; pause: boolean }[]): Decision[] {
  let ids = 0;
  const fresh = (latest: Decision[], seq: number) =>
    new Controller({ policy, books: { seq, latest, overrides: [], grants: [], returned: [] }, newId: () => `d${++ids}` });
  let controller = fresh([], 0);
  const trail: Decision[] = [];
  const rows: ReturnType<typeof sends>[] = [];
  let now = noon;
  let heard = noon;
  for (const { sent, failed, rest, silent, pause } of ticks) {
    now += rest;
    if (!silent) heard = now;
    const undeliverable = Math.min(sent, failed);
    rows.push(sends({ sent_at: now - minute, sent, delivered: sent - undeliverable, events: { ...none, undeliverable } }));
    const numbers = [
      { phone_number_id: '555', waba_id: null, portfolio_id: null, last_feedback_at: heard, seen: 0, permitted: 0 },
    ];
    const said = pause ? [override({ action: 'pause', until: now + minute })] : [];
    const decisions = controller.propose(snapshot(now, [...rows], { numbers }), said, now);
    controller.accept(decisions);
    trail.push(...(JSON.parse(JSON.stringify(decisions)) as Decision[]));
    if (pause) {
      const newest = new Map(trail.map((decision) => [decision.scope, decision]));
      controller = fresh([...newest.values()], trail.length);
    }
  }
  return trail;
}

const ticks = fc.array(
  fc.record({
    sent: fc.nat(120),
    failed: fc.nat(30),
    rest: fc.integer({ min: 1000, max: 40 * minute }),
    silent: fc.boolean(),
    pause: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);
const known = () => policy;

describe('a trail', () => {
  it('is unbroken and replays to itself, through silence, stops and restarts', () => {
    fc.assert(
      fc.property(ticks, (all) => {
        expect(checkTrail(trailOf(all), known)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  const trail = trailOf([
    { sent: 40, failed: 0, rest: minute, silent: false, pause: false },
    { sent: 120, failed: 30, rest: minute, silent: false, pause: false },
    { sent: 60, failed: 20, rest: minute, silent: false, pause: false },
  ]);
  const faults = (changed: Decision[]) => checkTrail(changed, known).map(({ fault, scope }) => [fault, scope]);
  const streams = trail.filter(({ scope }) => scope === stream);

  it('shows a decision that is missing', () => {
    const gone = streams[1];
    expect(faults(trail.filter((decision) => decision !== gone))).toContainEqual(['broken_chain', stream]);
    expect(faults(trail.filter((decision) => decision !== gone)).some(([fault]) => fault === 'gap')).toBe(true);
  });

  it('shows a decision that was altered', () => {
    const altered = trail.map((decision) => (decision === streams[1] ? { ...decision, limit: 1_000_000 } : decision));
    expect(faults(altered)).toEqual([['decided_otherwise', stream]]);
  });

  it('shows a policy that nobody recorded', () => {
    expect(checkTrail(trail.slice(0, 1), () => null)).toMatchObject([{ fault: 'unknown_policy', seq: 1 }]);
  });

  it('answers what another policy would have decided', () => {
    const throttled = streams.find(({ next }) => next.mode !== 'open');
    expect(throttled).toBeDefined();
    if (throttled === undefined) return;
    const patient = policySchema.parse({
      guardrails: { failure: null },
      detectors: { undeliverable: { accept: 0.4, reject: 0.6 } },
    });
    expect(replay(throttled, policy).next.mode).toBe(throttled.next.mode);
    expect(replay(throttled, patient).next.mode).toBe('open');
  });
});
