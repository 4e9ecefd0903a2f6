import { describe, expect, it } from 'vitest';
import { decide } from '../../../controller/decide.ts';
import type { ScopeState } from '../../../controller/decision.ts';
import type { CohortDay, PlatformWord } from '../../../controller/evidence.ts';
import { policySchema } from '../../../controller/policy.ts';
import { awaited, eachSignal, exposed, initialState } from '../../../controller/scope-state.ts';
import { campaign, day, evidence, hour, minute, noon, number, override, stream } from './control-counts.ts';

// Over 400 lines: the rules in their order are one specification.
/**
 * A budget of 4,000,000 / 72 messages makes lines of ln(1 + 4,000,000 · 0.1) = 12.9 nats for `undeliverable`, whose 72nd share it is
 * (6 kinds of scope · (10 signals + 2 guardrails)): an event gives ln 3 = 1.0986, a message takes 0.1.
 */
const policy = policySchema.parse({
  false_alarm_messages: 4_000_000 / 72,
  guardrails: { failure: null },
  window: { start: 200, campaign_start: 1000, most: 5000, growth: 2, probe: 20, step: 0.25 },
});
const h = 12.8992;
const state = (parts: Partial<ScopeState> = {}): ScopeState => ({ ...initialState(policy, stream, noon - hour), ...parts });
const braked = (mode: ScopeState['mode'], parts: Partial<ScopeState> = {}) =>
  state({ mode, cause: { code: 'alarm_paused', numbers: {} }, ...parts });
/** 20 of 80: 20 · 1.0986 − 8 = 13.97. */
const alarming = day({ sent: 80, matured: 20, events: 20, exposure: 80 });
/** 40 of 160: 27.9, more than twice the line. */
const overwhelming = day({ sent: 160, matured: 40, events: 40, exposure: 160 });
const clean = (matured: number, sent = 2 * matured): CohortDay => day({ sent, matured, exposure: sent });
const word = (parts: Partial<PlatformWord>): PlatformWord => ({
  scope: stream,
  action: 'stop',
  code: 'template_paused',
  at: noon,
  until: null,
  ...parts,
});

describe('growth', () => {
  it('begins with the start window, by kind of scope', () => {
    expect(decide(policy, state(), evidence([]), noon)).toMatchObject({
      rule: 'steady',
      limit: 200,
      per_second: null,
      reason: { code: 'new' },
    });
    const whole = initialState(policy, campaign, noon);
    expect(decide(policy, whole, evidence([], { scope: campaign }), noon).limit).toBe(1000);
  });

  it('adds twice what matured clean', () => {
    const verdict = decide(policy, state(), evidence([clean(50, 200)]), noon);
    expect(verdict).toMatchObject({
      rule: 'growth',
      limit: 300,
      reason: { code: 'growing', numbers: { window: 300, unobserved: 150 } },
    });
  });

  it('waits while a detector is past half of its line: such feedback is not clean', () => {
    // 8 · 1.0986 − 0.1 · 10 = 7.79 is past 12.90 / 2 = 6.45; 5 of 10 make 4.49.
    const bad = (events: number) => evidence([day({ sent: 200, matured: 50, events, exposure: 10 })]);
    expect(decide(policy, state(), bad(8), noon)).toMatchObject({ rule: 'steady', limit: 200, next: { clean: 0 } });
    expect(decide(policy, state(), bad(5), noon)).toMatchObject({ rule: 'growth', limit: 300, next: { clean: 50 } });
    const recovering = braked('recovering', { window: 20, clean: 3 });
    expect(decide(policy, recovering, bad(8), noon)).toMatchObject({ limit: 20, next: { mode: 'recovering', clean: 3 } });
  });

  it('counts what matured once', () => {
    const first = decide(policy, state(), evidence([clean(50, 200)]), noon);
    expect(decide(policy, first.next, evidence([clean(50, 200)]), noon + 1)).toMatchObject({ rule: 'steady', limit: 300 });
    expect(decide(policy, first.next, evidence([clean(51, 250)]), noon + 1)).toMatchObject({ limit: 302 });
  });

  it('goes only to twice what is out: an idle stream earns nothing', () => {
    expect(decide(policy, state(), evidence([clean(70, 180)]), noon).limit).toBe(220);
    expect(decide(policy, state(), evidence([clean(100, 200)]), noon)).toMatchObject({ rule: 'steady', limit: 200 });
  });

  it('ends at the most of the policy', () => {
    expect(decide(policy, state({ window: 4900 }), evidence([clean(4000, 8000)]), noon).limit).toBe(5000);
  });

  it('begins anew when nothing was sent for three days', () => {
    expect(decide(policy, state({ window: 3000 }), evidence([]), noon)).toMatchObject({ limit: 200, reason: { code: 'rested' } });
  });

  it('does not count a day again that left the evidence and came back, at midnight', () => {
    const yesterday = { ...clean(50, 200), day: '2026-11-25' };
    const first = decide(policy, state(), evidence([yesterday]), noon);
    const gone = decide(policy, first.next, evidence([day({ sent: 1 })]), noon + 1);
    expect(decide(policy, gone.next, evidence([yesterday, day({ sent: 1 })]), noon + 2).next.window).toBe(first.next.window);
  });
});

describe('alarms', () => {
  it('the first one halves an open window and starts the sums at half their lines', () => {
    const { next, ...verdict } = decide(policy, state(), evidence([alarming]), noon);
    expect(verdict).toMatchObject({
      rule: 'alarm',
      limit: 100,
      until: null,
      reason: { code: 'alarm_throttled', numbers: { signal: 'undeliverable', events: 20, exposure: 80, window: 200, to: 100 } },
    });
    expect(next).toMatchObject({ mode: 'throttled', since: noon, clean: 0 });
    expect(next.cusum.undeliverable).toBeCloseTo(h / 2, 4);
    expect(verdict.reason.numbers['sum']).toBeCloseTo(20 * 1.0986123 - 8, 5);
  });

  it('a second one, while it is throttled, pauses for the dwell', () => {
    const first = decide(policy, state(), evidence([alarming]), noon);
    // 6.45 + 10 · 1.0986 − 4 = 13.4
    const more = evidence([day({ sent: 120, matured: 20, events: 30, exposure: 120 })]);
    const second = decide(policy, first.next, more, noon + minute);
    expect(second).toMatchObject({ rule: 'alarm', limit: 0, until: noon + minute + hour, reason: { code: 'alarm_paused' } });
    expect(second.next).toMatchObject({ mode: 'paused', dwell: 2 * hour });
  });

  it('one of twice the evidence pauses at once', () => {
    expect(decide(policy, state(), evidence([overwhelming]), noon)).toMatchObject({ limit: 0, next: { mode: 'paused' } });
  });

  it('just below the line nothing happens', () => {
    // 19 of 80: 12.87
    expect(decide(policy, state(), evidence([day({ sent: 80, events: 19, exposure: 80 })]), noon).next.mode).toBe('open');
  });

  it('adds the days up: a stream that starts before midnight is not two', () => {
    const half = (date: string) => day({ day: date, sent: 40, events: 10, exposure: 40 });
    const verdict = decide(policy, state(), evidence([half('2026-11-25'), half('2026-11-26')]), noon);
    expect(verdict.reason).toMatchObject({ code: 'alarm_throttled', numbers: { events: 20, exposure: 80 } });
  });

  it('brakes also a scope that is blind, held, or stopped', () => {
    for (const parts of [
      { watermark: noon - hour },
      { contradictions: ['unpermitted_sends'] },
      { overrides: [override({ action: 'hold' })] },
      { overrides: [override({ action: 'pause' })] },
      { words: [word({})] },
    ]) {
      expect(decide(policy, state(), evidence([alarming], parts), noon).next).toMatchObject({ mode: 'throttled', window: 100 });
    }
  });

  it('does not mistake a step back of the watermark for harm', () => {
    const open = decide(policy, state(), evidence([day({ sent: 5000, exposure: 5000, events: 100 })]), noon).next;
    const silent = evidence([day({ sent: 5000, exposure: 1000, events: 100 })], { watermark: noon - hour });
    expect(decide(policy, open, silent, noon + 1).next).toMatchObject({ mode: 'open', cusum: { undeliverable: 0 } });
  });

  it('takes a failure back that proves delivered', () => {
    const ten = decide(policy, state(), evidence([day({ sent: 20, events: 10, exposure: 20 })]), noon);
    expect(ten.next.cusum.undeliverable).toBeCloseTo(10 * 1.0986123 - 2, 5);
    const nine = decide(policy, ten.next, evidence([day({ sent: 20, events: 9, exposure: 20 })]), noon + 1);
    expect(nine.next.cusum.undeliverable).toBeCloseTo(9 * 1.0986123 - 2, 5);
  });

  it('starts a campaign anew when one of its streams is found guilty alone, so that the others do not pay', () => {
    const whole = { ...initialState(policy, campaign, noon), cusum: { ...eachSignal(() => 0), undeliverable: 12 } };
    const others = evidence([day({ sent: 900, events: 20, exposure: 500 })], { scope: campaign, without: [stream] });
    const { next } = decide(policy, whole, others, noon);
    expect(next).toMatchObject({ mode: 'open', cusum: { undeliverable: 0 }, without: [stream] });
    const later = { ...others, cohorts: [day({ sent: 900, events: 25, exposure: 510 })] };
    expect(decide(policy, next, later, noon + 1).next.cusum.undeliverable).toBeCloseTo(5 * 1.0986123 - 1, 5);
  });
});

describe('recovery', () => {
  const paused = braked('paused', { window: 200, since: noon - hour, until: noon, dwell: 2 * hour });

  it('waits for the end of the pause, saying why it is paused', () => {
    const verdict = decide(policy, paused, evidence([clean(50)]), noon - 1);
    expect(verdict).toMatchObject({
      rule: 'recovery',
      limit: 0,
      until: noon,
      reason: { code: 'alarm_paused' },
      next: { mode: 'paused' },
    });
  });

  it('then probes with a few, with the sums at half their lines', () => {
    const verdict = decide(policy, paused, evidence([clean(50)]), noon);
    expect(verdict).toMatchObject({
      rule: 'recovery',
      limit: 20,
      reason: { code: 'probe' },
      next: { mode: 'probing', from: noon },
    });
    expect(verdict.next.cusum.undeliverable).toBeCloseTo(h / 2, 4);
  });

  it('with never more than half of the window it had', () => {
    expect(decide(policy, { ...paused, window: 10 }, evidence([]), noon).limit).toBe(5);
    expect(decide(policy, { ...paused, window: 1 }, evidence([]), noon).limit).toBe(1);
  });

  it('not while blind: the pause goes on until the evidence is fresh', () => {
    const verdict = decide(policy, paused, evidence([], { watermark: noon - hour }), noon);
    expect(verdict).toMatchObject({
      limit: 0,
      next: { mode: 'paused' },
      rule: 'untrusted_evidence',
      reason: { code: 'webhooks_silent' },
    });
  });

  const probing = braked('probing', { window: 20, since: noon - minute, from: noon - minute });

  it('takes 80 % of the messages of the probe itself to pass it', () => {
    const out = { since: noon - minute, sent: 20, slowest: 0 };
    const old = clean(150, 200);
    expect(decide(policy, probing, evidence([old], { out: { ...out, matured: 15.9 } }), noon).next.mode).toBe('probing');
    expect(decide(policy, probing, evidence([old], { out: { ...out, matured: 16 } }), noon)).toMatchObject({
      limit: 20,
      next: { mode: 'recovering' },
      reason: { code: 'probe_passed' },
    });
  });

  it('pauses for longer at an alarm while probing or recovering, up to the most', () => {
    const worse = evidence([alarming]);
    for (const mode of ['probing', 'recovering'] as const) {
      const again = decide(policy, braked(mode, { window: 20, dwell: 2 * hour }), worse, noon);
      expect(again).toMatchObject({
        limit: 0,
        until: noon + 2 * hour,
        reason: { code: 'alarm_again' },
        next: { dwell: 4 * hour },
      });
    }
    expect(decide(policy, braked('probing', { window: 20, dwell: 20 * hour }), worse, noon).next.dwell).toBe(24 * hour);
  });

  it('grows in steps: a quarter of what matured', () => {
    const recovering = braked('recovering', { window: 20, clean: 0 });
    const verdict = decide(policy, recovering, evidence([clean(8, 40)]), noon);
    expect(verdict).toMatchObject({ rule: 'recovery', limit: 22, next: { mode: 'recovering', window: 22, clean: 8 } });
  });

  it('earns nothing by what was sent before the probe, however much of it matures', () => {
    const recovering = braked('recovering', { window: 20, clean: 0, from: noon - minute, proven: 16 });
    const out = { since: noon - minute, sent: 40, matured: 16, slowest: 1 };
    const verdict = decide(policy, recovering, evidence([clean(500, 1000)], { out }), noon);
    expect(verdict).toMatchObject({ limit: 20, next: { mode: 'recovering', clean: 0 } });
    const more = decide(policy, verdict.next, evidence([clean(500, 1000)], { out: { ...out, matured: 24 } }), noon + 1);
    expect(more).toMatchObject({ limit: 22, next: { clean: 8, proven: 24 } });
  });

  it('opens when two of its windows came back clean, with the first dwell again', () => {
    const from = noon - minute;
    const recovering = braked('recovering', { window: 30, clean: 55, dwell: 4 * hour, from });
    const out = (matured: number, sent: number) => ({ since: from, sent, matured, slowest: matured });
    const verdict = decide(policy, recovering, evidence([clean(8, 40)], { out: out(8, 40) }), noon); // window 32, clean 63
    expect(verdict.next.mode).toBe('recovering');
    const next = decide(policy, verdict.next, evidence([clean(12, 48)], { out: out(12, 48) }), noon + 1).next; // 33 and 67
    expect(next).toMatchObject({ mode: 'open', window: 33, cause: null, alarmed: [], dwell: hour });
  });

  it('goes on from the probe when it opens: what was sent before the pause stays out of the window until it is out of the evidence', () => {
    const open = state({ window: 200, from: noon - hour });
    expect(decide(policy, open, evidence([clean(50)]), noon).next.from).toBe(noon - hour);
    expect(decide(policy, { ...open, from: noon - 73 * hour }, evidence([clean(50)]), noon).next.from).toBeNull();
  });

  it('remembers all that alarmed since it was open: a failure on top does not make opt-outs known sooner', () => {
    const optedOut: CohortDay = {
      ...day({ sent: 200, matured: 200 }),
      signals: { ...eachSignal(() => ({ events: 0, exposure: 0 })), opt_out: { events: 12, exposure: 50 } },
    };
    // 12 · ln 3 − 50 · 0.02 = 12.2 of ln(1 + 4,000,000 · 0.02) = 11.3 nats.
    const unguarded = { ...policy, guardrails: { failure: null, refusal: null } };
    const throttled = decide(unguarded, state(), evidence([optedOut]), noon).next;
    expect(throttled).toMatchObject({ mode: 'throttled', alarmed: ['opt_out'] });
    const failing = { ...optedOut, signals: { ...optedOut.signals, undeliverable: { events: 40, exposure: 160 } } };
    const paused = decide(unguarded, throttled, evidence([failing]), noon + 1).next;
    expect(paused).toMatchObject({ mode: 'paused', alarmed: ['opt_out', 'undeliverable'] });
    expect(awaited({ ...paused, mode: 'probing' })).toEqual([]);
    expect(awaited({ mode: 'probing', alarmed: ['undeliverable'] })).toEqual(['undeliverable']);
    expect(awaited({ mode: 'open', alarmed: ['undeliverable'] })).toEqual([]);
  });

  it('begins also where a throttle for failures has hardly any room for as long as a pause: nothing else would tell that they are over', () => {
    const full = braked('throttled', { window: 100, since: noon - hour, dwell: hour, alarmed: ['undeliverable'] });
    const standing = evidence([clean(50, 200)]);
    expect(decide(policy, full, standing, noon - 1).next.mode).toBe('throttled');
    expect(decide(policy, full, standing, noon)).toMatchObject({
      limit: 20,
      reason: { code: 'probe_full' },
      next: { mode: 'probing' },
    });
    // 81 of 100 are out: there is less room than a probe of 20 needs. With that much there is evidence to come.
    expect(decide(policy, full, evidence([clean(50, 131)]), noon).next.mode).toBe('probing');
    expect(decide(policy, full, evidence([clean(50, 130)]), noon).next.mode).toBe('throttled');
    // Opt-outs take their time.
    expect(decide(policy, { ...full, alarmed: ['opt_out'] }, standing, noon).next.mode).toBe('throttled');
  });

  it('is as good as new for other harm when only failures alarmed: the start window bounds what may be out without it', () => {
    const out = { since: noon - minute, sent: 100, matured: 95, slowest: 10 };
    // 5 wait for failures; 90 for opt-outs, less the 200 − 20 that a new stream may have out beyond this window.
    expect(exposed(policy, { scope: stream, window: 20 }, out)).toBe(5);
    expect(exposed(policy, { scope: stream, window: 20 }, { ...out, sent: 205, matured: 205 })).toBe(15);
    // Templates, markets and the like leave that to the streams in them.
    expect(exposed(policy, { scope: 'market:BR', window: 20 }, { ...out, sent: 205, matured: 205 })).toBe(0);
    const recovering = braked('recovering', {
      window: 20,
      from: noon - minute,
      alarmed: ['undeliverable'],
      clean: 0,
      proven: 55,
    });
    expect(decide(policy, recovering, evidence([clean(100)], { out }), noon).next).toMatchObject({ mode: 'open', window: 200 });
  });

  it('opens when it is back at the start window; a throttled one only when clean windows say so', () => {
    const back = { window: 199, clean: 10 };
    expect(decide(policy, braked('recovering', back), evidence([clean(8, 400)]), noon).next.mode).toBe('open');
    expect(decide(policy, braked('throttled', back), evidence([clean(8, 400)]), noon).next.mode).toBe('throttled');
    // From half the window to the whole one: 100 + 0.25 · 400 = 200 = 400 / 2.
    expect(decide(policy, braked('throttled', { window: 100 }), evidence([clean(400, 600)]), noon).next).toMatchObject({
      mode: 'open',
      window: 200,
    });
  });
});

describe('the operator', () => {
  it('stops everything, before the platform does, and says why', () => {
    const verdict = decide(
      policy,
      state(),
      evidence([], { overrides: [override({ action: 'pause', until: noon + hour })], words: [word({})] }),
      noon,
    );
    expect(verdict).toMatchObject({
      rule: 'operator_stop',
      limit: 0,
      until: noon + hour,
      owner: 'ops',
      reason: { code: 'operator_pause', numbers: { actor: 'ops', why: 'as agreed' } },
    });
    expect(decide(policy, verdict.next, { ...verdict.evidence, words: [] }, noon + hour)).toMatchObject({
      limit: 200,
      owner: 'controller',
    });
  });

  it('resumes: that lifts the pause, and puts one of the controller into a probe at once, once', () => {
    const overrides = [
      override({ action: 'pause', override_id: 'a' }),
      override({ action: 'resume', override_id: 'b', at: noon }),
    ];
    expect(decide(policy, state(), evidence([], { overrides }), noon)).toMatchObject({ limit: 200, next: { resumed: 'b' } });
    const paused = braked('paused', { since: noon - 1, until: noon + hour });
    const probe = decide(policy, paused, evidence([], { overrides }), noon + 1);
    expect(probe).toMatchObject({ limit: 20, reason: { code: 'probe_resumed' }, next: { mode: 'probing', resumed: 'b' } });
    const again = decide(policy, probe.next, evidence([overwhelming], { overrides }), noon + 2);
    expect(decide(policy, again.next, evidence([overwhelming], { overrides }), noon + 3)).toMatchObject({
      limit: 0,
      next: { mode: 'paused' },
    });
  });

  it('does not lift with an old word what came after it', () => {
    const overrides = [override({ action: 'resume', at: noon - hour })];
    const paused = braked('paused', { since: noon - minute, until: noon + hour });
    expect(decide(policy, paused, evidence([], { overrides }), noon).next.mode).toBe('paused');
  });

  it('limits window and pace, the tightest of each; the controller may be tighter', () => {
    const overrides = [
      override({ action: 'limit', window: 50, override_id: 'a' }),
      override({ action: 'limit', window: 80, per_second: 5, override_id: 'b' }),
    ];
    const limited = evidence([], { overrides });
    expect(decide(policy, state(), limited, noon)).toMatchObject({
      rule: 'operator_limit',
      limit: 50,
      per_second: 5,
      owner: 'ops',
    });
    expect(decide(policy, braked('throttled', { window: 30 }), limited, noon).limit).toBe(30);
  });

  it('holds: nothing grows or begins to recover', () => {
    const overrides = [override({ action: 'hold' })];
    expect(decide(policy, state(), evidence([clean(50, 200)], { overrides }), noon)).toMatchObject({
      rule: 'operator_limit',
      limit: 200,
    });
    const paused = braked('paused', { since: noon - hour, until: noon });
    expect(decide(policy, paused, evidence([], { overrides }), noon).limit).toBe(0);
  });
});

describe('the platform', () => {
  it('stops a scope until it says otherwise', () => {
    const verdict = decide(policy, state(), evidence([], { words: [word({})] }), noon);
    expect(verdict).toMatchObject({
      rule: 'platform_stop',
      limit: 0,
      until: null,
      reason: { code: 'platform_stop', numbers: { word: 'template_paused' } },
    });
    expect(decide(policy, state(), evidence([], { words: [word({ until: noon })] }), noon).limit).toBe(200);
  });

  it('rests a number that was limited for spam (131048) as long as the policy says', () => {
    const own = initialState(policy, number, noon);
    const spam = evidence([], { scope: number, words: [word({ scope: number, code: 'error_131048' })] });
    expect(decide(policy, own, spam, noon + 24 * hour - 1)).toMatchObject({
      rule: 'platform_stop',
      limit: 0,
      until: noon + 24 * hour,
    });
    const rested = { ...spam, as_of: noon + 24 * hour, watermark: noon + 24 * hour };
    expect(decide(policy, own, rested, noon + 24 * hour)).toMatchObject({ rule: 'steady', limit: null, per_second: 80 });
  });

  it('warns, and then nothing grows', () => {
    const words = [word({ scope: 'template:autumn_sale', action: 'no_growth', code: 'template_flagged' })];
    const verdict = decide(policy, state(), evidence([clean(50, 200)], { words }), noon);
    expect(verdict).toMatchObject({ rule: 'untrusted_evidence', limit: 200, reason: { code: 'platform_caution' } });
  });
});

describe('evidence that cannot be trusted', () => {
  const reasonOf = (parts: Parameters<typeof evidence>[1], now = noon) => {
    const verdict = decide(policy, state(), evidence([clean(50, 200)], parts), now);
    expect(verdict).toMatchObject({ rule: 'untrusted_evidence', limit: 200 });
    return verdict.reason;
  };

  it('because it is old, or the webhooks are silent', () => {
    expect(reasonOf({}, noon + 121_000)).toEqual({ code: 'evidence_old', numbers: { seconds: 121 } });
    expect(reasonOf({ watermark: noon - 5 * minute })).toEqual({ code: 'webhooks_silent', numbers: { minutes: 5 } });
    expect(decide(policy, state(), evidence([clean(50, 200)], { watermark: noon - 2 * minute }), noon).rule).toBe('growth');
  });

  it('because it contradicts itself', () => {
    expect(reasonOf({ contradictions: ['unpermitted_sends'], seen: 9, permitted: 1 })).toEqual({
      code: 'unpermitted_sends',
      numbers: { seen: 9, permitted: 1 },
    });
    expect(reasonOf({ watermark: noon + 1 }).numbers).toEqual({ what: 'clock_went_back' });
    expect(reasonOf({ as_of: noon - 2 * hour, watermark: noon - 2 * hour }, noon - 2 * hour).numbers).toEqual({
      what: 'clock_went_back',
    });
    expect(reasonOf({ out: { since: null, sent: Number.NaN, matured: 0, slowest: 0 } }).numbers).toEqual({ what: 'not_a_count' });
  });

  it('counts nothing of counts that are none, and everything once they are', () => {
    const broken = evidence([{ ...alarming, sent: -1 }]);
    const still = decide(policy, state(), broken, noon);
    expect(still.next).toMatchObject({ mode: 'open', cusum: { undeliverable: 0 }, counted: [] });
    expect(decide(policy, still.next, evidence([alarming]), noon + 1).next.mode).toBe('throttled');
  });
});

describe('scopes without a window', () => {
  it('have the pace of a number, and no bound on what is out', () => {
    const verdict = decide(policy, initialState(policy, number, noon), evidence([overwhelming], { scope: number }), noon);
    expect(verdict).toMatchObject({ rule: 'steady', limit: null, per_second: 80, next: { mode: 'open', counted: [] } });
  });

  it('tell of sends without permits', () => {
    const seen = evidence([], { scope: number, contradictions: ['unpermitted_sends'], seen: 9, permitted: 1 });
    expect(decide(policy, initialState(policy, number, noon), seen, noon)).toMatchObject({
      rule: 'untrusted_evidence',
      limit: null,
    });
  });
});
