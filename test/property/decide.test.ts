import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../controller/decide.ts';
import { modes, type ScopeState } from '../../controller/decision.ts';
import type { CohortDay, Evidence, Override, PlatformWord } from '../../controller/evidence.ts';
import { harmNames, isHarm, policySchema, type SignalName, signalNames } from '../../controller/policy.ts';
import { replay } from '../../controller/replay.ts';
import { eachSignal } from '../../controller/scope-state.ts';

// Over 400 lines: half of it makes policies, states and evidence of every kind, which all the properties share.
const noon = Date.UTC(2026, 10, 26, 12);
const hour = 3_600_000;
const stream = 'stream:autumn/autumn_sale/vip';
const days = ['2026-11-24', '2026-11-25', '2026-11-26'];

const count = fc.oneof(fc.nat(60), fc.nat(5000));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const instant = fc.integer({ min: -3 * hour, max: 3 * hour }).map((off) => noon + off);
const end = fc.option(instant);

const policies = fc
  .record({
    window: fc.record({
      start: fc.integer({ min: 1, max: 500 }),
      most: fc.integer({ min: 500, max: 50_000 }),
      growth: fc.nat(10),
      probe: fc.integer({ min: 1, max: 50 }),
    }),
    mode: fc.constantFrom('shadow' as const, 'enforce' as const),
    false_alarm_messages: fc.constantFrom(1000, 1_000_000),
  })
  .map((parts) => policySchema.parse(parts));

const signals = (trials: number) =>
  fc.tuple(share, share).map(([events, due]) => ({ events: Math.round((events * trials) / 3), exposure: trials * due }));
const cohort = (day: string) =>
  count.chain((sent) =>
    fc.tuple(share, fc.tuple(...signalNames.map(() => signals(sent)))).map(
      ([matured, of]): CohortDay => ({
        day,
        sent,
        matured: sent * matured,
        signals: eachSignal((name) => of[signalNames.indexOf(name)] ?? { events: 0, exposure: 0 }),
      }),
    ),
  );
const cohorts = fc.subarray(days).chain((some) => fc.tuple(...some.map(cohort)));

const words = fc.array(
  fc.record<PlatformWord>({
    scope: fc.constantFrom(stream, 'template:autumn_sale'),
    action: fc.constantFrom('stop', 'no_growth'),
    code: fc.constantFrom('template_paused', 'error_131048'),
    at: instant,
    until: end,
  }),
  { maxLength: 2 },
);
const overrides = fc.array(
  fc.record<Override>({
    override_id: fc.constantFrom('a', 'b', 'c'),
    scope: fc.constant(stream),
    action: fc.constantFrom('pause', 'limit', 'hold', 'resume'),
    window: fc.option(fc.nat(1000)),
    per_second: fc.option(fc.integer({ min: 1, max: 80 })),
    reason: fc.constant('as agreed'),
    actor: fc.constant('ops'),
    at: instant,
    until: end,
  }),
  { maxLength: 3 },
);

const guard = count.chain((exposure) => fc.nat(exposure).map((events) => ({ events, exposure })));
const baseline = fc.constantFrom(null, 'a');

const states = fc
  .record({
    mode: fc.constantFrom(...modes),
    window: fc.double({ min: 1, max: 20_000, noNaN: true }),
    since: fc.integer({ min: -3 * hour, max: 0 }).map((off) => noon + off),
    until: instant,
    dwell: fc.constantFrom(hour, 8 * hour, 24 * hour),
    sums: fc.tuple(...signalNames.map(() => fc.double({ min: 0, max: 14, noNaN: true }))),
    counted: cohorts,
    clean: count,
    resumed: fc.constantFrom(null, 'a', 'b'),
    guard: fc.record({ failure: guard, refusal: guard }),
    baseline,
    alarmed: fc.subarray([...signalNames]),
    proven: count,
  })
  .map(({ mode, until, sums, counted, ...rest }): ScopeState => {
    const cusum = eachSignal((name) => sums[signalNames.indexOf(name)] ?? 0);
    const seen = counted.map(({ day, matured, signals }) => ({ day, matured, signals }));
    const bound = mode === 'paused' ? { until } : { until: null };
    const from = mode === 'probing' || mode === 'recovering' ? rest.since : null;
    const cause = mode === 'open' ? null : { code: 'alarm_paused', numbers: { signal: 'opt_out' } };
    return { scope: stream, mode, cusum, counted: seen, without: [], ...rest, ...bound, from, cause };
  });

const calm = {
  words: fc.constant([]),
  overrides: fc.constant([]),
  contradictions: fc.constant([]),
  lateness: fc.constant(0),
  silence: fc.constant(0),
  held: fc.constant(0),
  accused: fc.constant(null),
  suspected: fc.constant(null),
};
const evidenceWith = (parts: Partial<Record<keyof typeof calm, fc.Arbitrary<unknown>>>) =>
  fc.record({ cohorts, outMatured: share, ...calm, ...parts }).map((given): Evidence => {
    const { cohorts, outMatured, lateness, silence, words, overrides, contradictions, held, accused, suspected } = given as {
      cohorts: CohortDay[];
      outMatured: number;
      lateness: number;
      silence: number;
      words: PlatformWord[];
      overrides: Override[];
      contradictions: string[];
      held: number;
      accused: Evidence['accused'];
      suspected: string | null;
    };
    const sent = cohorts.reduce((sum, day) => sum + day.sent, 0);
    const asOf = noon - lateness;
    const out = { since: null, sent, matured: sent * outMatured, slowest: (sent * outMatured) / 2 };
    return {
      scope: stream,
      as_of: asOf,
      watermark: asOf - silence,
      cohorts,
      out,
      without: [],
      held,
      novel: false,
      accused,
      suspected,
      baseline: 'a',
      seen: 0,
      permitted: 0,
      words,
      overrides,
      contradictions,
    };
  });
const ms = fc.oneof(fc.constant(0), fc.nat(2 * hour));
const anything = evidenceWith({
  words,
  overrides,
  lateness: ms,
  silence: ms,
  contradictions: fc.subarray(['unpermitted_sends', 'log_behind']),
  held: fc.oneof(fc.constant(0), fc.nat(500)),
  accused: fc.option(
    fc.record({
      by: fc.constant('campaign:autumn'),
      signal: fc.constantFrom(...harmNames),
      events: count,
      exposure: count,
      suspects: fc.subarray(['segment:vip', 'template:autumn_sale']),
    }),
  ),
  suspected: fc.constantFrom(null, 'stream:autumn/autumn_sale/new'),
});
const trusted = evidenceWith({});
/** The evidence of a scope that probes or recovers tells of what was sent since the probe. */
const sinceProbe = (evidence: Evidence, { from }: ScopeState): Evidence => ({
  ...evidence,
  out: { ...evidence.out, since: from },
});
const worsened = (name: SignalName, events: number, by: number) => (isHarm(name) ? events + by : Math.max(0, events - by));
const limitOf = (limit: number | null) => limit ?? Number.POSITIVE_INFINITY;
const runs = { numRuns: 500 };

describe('decide', () => {
  it('is deterministic, and a replay of the record gives the same decision', () => {
    fc.assert(
      fc.property(policies, states, anything, (policy, before, evidence) => {
        const verdict = decide(policy, before, evidence, noon);
        expect(decide(policy, structuredClone(before), structuredClone(evidence), noon)).toEqual(verdict);
        const recorded = JSON.parse(JSON.stringify(verdict)) as typeof verdict;
        expect(JSON.parse(JSON.stringify(replay(recorded, policy)))).toEqual(recorded);
      }),
      runs,
    );
  });

  it('changes nothing that it is given', () => {
    fc.assert(
      fc.property(policies, states, anything, (policy, before, evidence) => {
        const copies = structuredClone([before, evidence]);
        decide(policy, before, evidence, noon);
        expect([before, evidence]).toEqual(copies);
      }),
      runs,
    );
  });

  it('never throws, and lets nothing grow, on counts that are no counts', () => {
    const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1);
    const place = fc.constantFrom('sent', 'matured', 'events', 'exposure', 'out', 'watermark', 'as_of', 'now');
    fc.assert(
      fc.property(
        policies,
        states,
        trusted,
        cohort('2026-11-26'),
        broken,
        place,
        (policy, before, evidence, day, wrong, where) => {
          if (where === 'now' && wrong === -1) return;
          const signals = {
            ...day.signals,
            opt_out: { ...day.signals.opt_out, ...(where === 'events' || where === 'exposure' ? { [where]: wrong } : {}) },
          };
          const spoilt = { ...day, signals, ...(where === 'sent' || where === 'matured' ? { [where]: wrong } : {}) };
          const given: Evidence = {
            ...evidence,
            cohorts: [spoilt],
            ...(where === 'out' ? { out: { since: null, sent: 10, matured: wrong, slowest: 0 } } : {}),
            ...(where === 'as_of' ? { as_of: wrong } : {}),
            ...(where === 'watermark' ? { watermark: wrong } : {}),
          };
          const verdict = decide(policy, before, given, where === 'now' ? wrong : noon);
          expect(verdict.next.window).toBeLessThanOrEqual(before.window ?? 0);
          expect(limitOf(verdict.limit)).toBeLessThanOrEqual(before.window ?? 0);
          expect(before.mode === 'paused' ? verdict.limit : 0).toBe(0);
        },
      ),
      runs,
    );
  });

  it('lets nothing grow or recover on evidence that is old, blind or contradictory', () => {
    const doubtful = fc.oneof(
      evidenceWith({ lateness: fc.integer({ min: 120_001, max: 2 * hour }) }),
      evidenceWith({ silence: fc.integer({ min: 120_001, max: 2 * hour }) }),
      evidenceWith({ contradictions: fc.constant(['unpermitted_sends']) }),
      evidenceWith({ held: fc.integer({ min: 3000, max: 5000 }) }),
      evidenceWith({ suspected: fc.constant('stream:autumn/autumn_sale/new') }),
    );
    fc.assert(
      fc.property(policies, states, doubtful, overrides, (policy, before, evidence, said) => {
        const { next, limit } = decide(policy, before, { ...sinceProbe(evidence, before), overrides: said }, noon);
        expect(next.window).toBeLessThanOrEqual(before.window ?? 0);
        expect(limitOf(limit)).toBeLessThanOrEqual(before.mode === 'paused' ? 0 : (before.window ?? 0));
        expect(next.mode === before.mode || next.mode === 'throttled' || next.mode === 'paused').toBe(true);
      }),
      runs,
    );
  });

  it('never allows more on worse evidence: more harm, or fewer answers, among the same messages', () => {
    const more = fc.tuple(...signalNames.map(() => fc.nat(40)));
    fc.assert(
      fc.property(policies, states, anything, more, fc.nat(2), (policy, before, given, extra, which) => {
        const evidence = sinceProbe(given, before);
        const worse = {
          ...evidence,
          cohorts: evidence.cohorts.map((day, i) => ({
            ...day,
            signals: eachSignal((name) => ({
              ...day.signals[name],
              events: worsened(name, day.signals[name].events, i === which ? (extra[signalNames.indexOf(name)] ?? 0) : 0),
            })),
          })),
        };
        const [good, bad] = [decide(policy, before, evidence, noon), decide(policy, before, worse, noon)];
        expect(limitOf(bad.limit)).toBeLessThanOrEqual(limitOf(good.limit));
        expect(bad.next.mode === 'open' && good.next.mode !== 'open').toBe(false);
      }),
      runs,
    );
  });

  it("obeys the operator's stop first, the platform's stop second, whatever else is said", () => {
    fc.assert(
      fc.property(policies, states, anything, (policy, before, evidence) => {
        const pause: Override = {
          override_id: 'z',
          scope: stream,
          action: 'pause',
          window: null,
          per_second: null,
          reason: 'no',
          actor: 'ops',
          at: noon,
          until: null,
        };
        const stop: PlatformWord = { scope: stream, action: 'stop', code: 'template_paused', at: noon, until: null };
        const stopped = { ...evidence, words: [...evidence.words, stop] };
        const both = { ...stopped, overrides: [...evidence.overrides, pause] };
        expect(decide(policy, before, both, noon)).toMatchObject({ rule: 'operator_stop', limit: 0, owner: 'ops' });
        const free = { ...stopped, overrides: evidence.overrides.filter(({ action }) => action !== 'pause') };
        expect(decide(policy, before, free, noon)).toMatchObject({ rule: 'platform_stop', limit: 0 });
      }),
      runs,
    );
  });

  it("never allows more than the policy's most or the operator's bound", () => {
    fc.assert(
      fc.property(policies, states, anything, (policy, before, evidence) => {
        const { limit, per_second } = decide(policy, before, evidence, noon);
        const standing = evidence.overrides.filter(({ action, until }) => action === 'limit' && (until === null || until > noon));
        expect(limitOf(limit)).toBeLessThanOrEqual(policy.window.most);
        for (const bound of standing) {
          expect(limitOf(limit)).toBeLessThanOrEqual(limitOf(bound.window));
          expect(limitOf(per_second)).toBeLessThanOrEqual(limitOf(bound.per_second));
        }
      }),
      runs,
    );
  });

  it('opens no pause without a probe, and no probe without its own feedback', () => {
    fc.assert(
      fc.property(policies, states, anything, fc.boolean(), (policy, before, given, own) => {
        const evidence = own ? sinceProbe(given, before) : given;
        const { next } = decide(policy, before, evidence, noon);
        if (before.mode === 'paused') expect(['paused', 'probing']).toContain(next.mode);
        if (before.mode === 'probing') expect(['probing', 'recovering', 'paused']).toContain(next.mode);
        if (next.mode === 'recovering' && before.mode === 'probing') expect(evidence.out.since).toBe(before.from);
        if (next.mode === 'probing' && before.mode === 'paused')
          expect(next.window).toBeLessThanOrEqual(Math.max(1, (before.window ?? 0) / 2));
      }),
      runs,
    );
  });

  it('says the same again when asked again with nothing new', () => {
    fc.assert(
      fc.property(policies, states, trusted, (policy, before, evidence) => {
        const first = decide(policy, before, evidence, noon).next;
        const second = decide(policy, first, evidence, noon).next;
        const third = decide(policy, second, evidence, noon).next;
        if (first.mode === 'open' && second.mode === 'open') expect(third).toEqual(second);
      }),
      runs,
    );
  });

  it('does not depend on how often it is asked: windows and sums are those of one look, when nothing is cut off', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ sent: fc.nat(40), part: share }), { minLength: 1, maxLength: 8 }), (looks) => {
        const policy = policySchema.parse({});
        const start: ScopeState = {
          scope: stream,
          mode: 'open',
          window: 150,
          since: noon,
          until: null,
          dwell: hour,
          cusum: eachSignal((name) => (isHarm(name) ? 6 : 0)),
          guard: { failure: { events: 0, exposure: 0 }, refusal: { events: 0, exposure: 0 } },
          baseline: null,
          counted: [],
          clean: 0,
          alarmed: [],
          proven: 0,
          resumed: null,
          from: null,
          cause: null,
          without: [],
        };
        const at = (sent: number, matured: number): Evidence => ({
          scope: stream,
          as_of: noon,
          watermark: noon,
          cohorts: [
            {
              day: '2026-11-26',
              sent,
              matured,
              signals: eachSignal((name) => ({ events: 0, exposure: isHarm(name) ? matured / 100 : 0 })),
            },
          ],
          // Plenty out, so that usage never holds growth back.
          out: { since: null, sent: sent + 10_000, matured: 0, slowest: 0 },
          without: [],
          held: 0,
          novel: false,
          accused: null,
          suspected: null,
          baseline: null,
          seen: 0,
          permitted: 0,
          words: [],
          overrides: [],
          contradictions: [],
        });
        let [state, sent, matured] = [start, 0, 0];
        for (const look of looks) {
          sent += look.sent;
          matured += look.sent * look.part;
          state = decide(policy, state, at(sent, matured), noon).next;
        }
        const once = decide(policy, start, at(sent, matured), noon).next;
        expect(state.window).toBeCloseTo(once.window ?? 0, 6);
        for (const name of signalNames) expect(state.cusum[name]).toBeCloseTo(once.cusum[name], 6);
      }),
    );
  });
});
