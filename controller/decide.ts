import { type Brakes, brakesOf } from './brakes.ts';
import { lineOf } from './budget.ts';
import { step } from './cusum.ts';
import type { Decision, Reason, Rule, ScopeState } from './decision.ts';
import { type Alarm, alarmOf, guarded, headStarts, type Observation, observe, unguarded } from './detect.ts';
import { type Evidence, unobserved } from './evidence.ts';
import { guardrailNames, isHarm, type Policy, type SignalName } from './policy.ts';
import { policyHash } from './policy-hash.ts';
import { isSuspect, parseScope } from './scope.ts';
import { awaited, canaryWindow, eachSignal, exposed, isOnTrial, startWindow } from './scope-state.ts';

/** A decision before it has its place in the trail. */
export type Verdict = Omit<Decision, 'decision_id' | 'seq'>;

/** Share of a probe whose feedback must be in before it counts as passed. */
const probeShare = 0.8;
/** What was sent before a probe is in no evidence after so long. */
const evidenceReach = 72 * 3_600_000;
/** A braked scope is open again when this many of its windows matured without alarm. */
const cleanWindows = 2;

/**
 * The rules of the controller in their order: operator's stop, platform's stop, operator's hold or limit, evidence that cannot be
 * trusted, alarm, recovery, growth, steady. Protection never waits: the detectors count under every rule, and an alarm brakes a scope
 * that is stopped, held or blind. Growth does: it takes fresh, sound evidence and nobody's objection.
 *
 * Pure and total: the same arguments give the same answer, and none makes it throw. The named rule is the first that binds. How often
 * it is asked does not matter: windows grow by what matured, sums move by what was counted, pauses end by the clock.
 */
export function decide(policy: Policy, before: ScopeState, evidence: Evidence, now: number): Verdict {
  const brakes = brakesOf(policy, before, evidence, now);
  const bounds = { policy, before, evidence, now, brakes };
  const canary = evidence.novel ? canaryWindow(policy, before.scope) : null;
  if (before.window === null && canary === null && !isSuspect(before.scope)) return answer(bounds, withoutWindow(bounds));
  const { next, ...course } = withWindow(bounds, before.window ?? canary ?? Number.POSITIVE_INFINITY);
  return answer(bounds, { ...course, next: { ...next, window: Number.isFinite(next.window) ? next.window : null } });
}

interface Case {
  policy: Policy;
  before: ScopeState;
  evidence: Evidence;
  now: number;
  brakes: Brakes;
}

/** Where the scope goes, and what the controller itself would say of it. */
interface Course {
  next: ScopeState;
  rule: Rule;
  reason: Reason;
}

/** A number or an account with history: only words, operators and pace bind it. */
function withoutWindow({ before, brakes }: Case): Course {
  return {
    next: { ...before, resumed: brakes.resume ?? before.resumed },
    rule: 'steady',
    reason: { code: 'no_window', numbers: {} },
  };
}

/** `window` is infinite where nothing bounds the scope: it is watched, and gets a window by an alarm. */
function withWindow(given: Case, window: number): Course {
  const { policy, before, evidence, brakes } = given;
  const seen: Observation = brakes.countable
    ? observe(policy, before, evidence)
    : { cusum: before.cusum, guard: before.guard, counted: before.counted, matured: 0, clean: false };
  const { cusum, guard, counted } = seen;
  const { without, baseline } = brakes.countable ? evidence : before;
  const most = Number.isFinite(window) ? Math.min(window, policy.window.most) : window;
  const { out } = evidence;
  const proven = isOnTrial(before.mode) && brakes.countable && out.since === before.from ? out.matured : before.proven;
  const state = { ...before, window: most, cusum, guard, counted, without, baseline, proven };
  const alarm =
    before.mode === 'paused' || !brakes.countable ? null : (alarmOf(policy, state, evidence.cohorts) ?? accusation(given));
  if (alarm !== null) return braked(given, state, alarm);
  const free = brakes.operatorStop === null && brakes.platformStop === null && brakes.hold === null && brakes.distrust === null;
  if (!free) return { next: state, ...standing(given, state) };
  if (before.mode === 'open') return grown(given, state, seen);
  return recovered(given, { ...state, resumed: brakes.resume ?? before.resumed }, seen);
}

/**
 * The alarm of another scope that this one explains: it brakes an open scope like a first alarm of its own, when its counts speak for
 * the rate that this policy must catch.
 */
function accusation({ policy, before, evidence }: Case): Alarm | null {
  const { accused } = evidence;
  if (accused === null || before.mode !== 'open') return null;
  const { signal, events, exposure } = accused;
  if (!(step(0, policy.detectors[signal], events, exposure) > 0)) return null;
  const line = lineOf(policy, signal);
  return { signal, sum: line, line, events, exposure };
}

/**
 * The first alarm halves an open window; a second one, one after a pause, one of twice the evidence, or a guardrail pauses. A shortfall
 * never pauses: silence narrows the window to that of a probe, and the probe goes on telling.
 */
function braked({ policy, before, evidence, now }: Case, state: ScopeState & { window: number }, alarm: Alarm): Course {
  const { signal, sum, line, events, exposure } = alarm;
  const guardrail = guardrailNames.find((name) => name === signal);
  const own = signal === 'failure' || signal === 'refusal' ? null : signal;
  const rates = own === null ? { accept: policy.guardrails[guardrail ?? 'failure'] ?? 0, reject: 0 } : policy.detectors[own];
  // A scope without a window is cut to half of what it has out.
  const whole = Number.isFinite(state.window) ? state.window : Math.max(policy.window.start, unobserved(evidence.out));
  const suspects = evidence.accused?.suspects ?? [];
  const numbers = {
    ...{ signal, events, exposure, ...rates, sum, line, window: whole },
    ...(suspects.length === 0 ? {} : { suspects: suspects.join(', ') }),
  };
  const quiet = own !== null && !isHarm(own);
  const parts: readonly SignalName[] = own === null ? guarded[guardrail ?? 'failure'] : [own];
  const alarmed = [...new Set([...before.alarmed, ...parts])].sort();
  const again = before.mode === 'open' ? whole / 2 : Math.min(whole, Math.max(policy.window.probe, whole / 2));
  if ((before.mode === 'open' && guardrail === undefined && sum < 2 * line) || quiet) {
    const window = Math.max(1, again);
    const cause: Reason = {
      code: quiet ? 'shortfall_throttled' : 'alarm_throttled',
      numbers: { ...numbers, to: Math.floor(window) },
    };
    const mode = before.mode === 'open' ? 'throttled' : before.mode;
    const since = before.mode === 'open' ? now : before.since;
    const next: ScopeState = { ...state, mode, window, since, clean: 0, alarmed, cusum: headStarts(policy), cause };
    return { next, rule: 'alarm', reason: cause };
  }
  const code = guardrail !== undefined ? 'guardrail' : isOnTrial(before.mode) ? 'alarm_again' : 'alarm_paused';
  const cause: Reason = { code, numbers: { ...numbers, minutes: Math.round(before.dwell / 60_000) } };
  const next: ScopeState = {
    ...state,
    mode: 'paused',
    window: whole,
    since: now,
    until: now + before.dwell,
    dwell: Math.min(2 * before.dwell, policy.most_dwell_minutes * 60_000),
    clean: 0,
    alarmed,
    cusum: eachSignal(() => 0),
    guard: unguarded(),
    cause,
  };
  return { next, rule: 'alarm', reason: cause };
}

/** From a pause to a probe, from a good probe to steps, from clean windows to open. */
function recovered(
  { policy, before, evidence, now, brakes }: Case,
  state: ScopeState & { window: number },
  seen: Observation,
): Course {
  if (before.mode === 'paused') {
    const over = before.until === null || now >= before.until;
    if (!over && brakes.resume === null) return { next: state, rule: 'recovery', reason: before.cause ?? waiting };
    return probed(policy, state, now, brakes.resume === null ? 'probe' : 'probe_resumed');
  }
  if (isStuck(policy, state, evidence, now)) return probed(policy, state, now, 'probe_full');
  if (before.mode === 'probing') {
    // The probe's own messages: those from before the pause have had their say.
    const passed = seen.clean && evidence.out.since === before.from && evidence.out.matured >= probeShare * state.window;
    if (!passed) return { next: state, rule: 'recovery', reason: { code: 'probing', numbers: { window: state.window } } };
    const next: ScopeState = { ...state, mode: 'recovering', since: now, clean: 0 };
    return { next, rule: 'recovery', reason: { code: 'probe_passed', numbers: { window: state.window } } };
  }
  // After a probe only what was sent since then earns anything.
  const matured = before.mode === 'recovering' ? Math.max(0, state.proven - before.proven) : seen.matured;
  const fresh = seen.clean ? matured : 0;
  const clean = before.clean + fresh;
  const window = grow(policy, state, policy.window.step * fresh, evidence);
  const whole = startWindow(policy, before.scope) ?? policy.window.start;
  if (clean >= cleanWindows * window || (before.mode === 'recovering' && window >= whole)) {
    const dwell = policy.dwell_minutes * 60_000;
    const lent = startWindow(policy, before.scope) === null && !evidence.novel;
    const next: ScopeState = {
      ...state,
      mode: 'open',
      // Where failures alone were in question, a scope is for all other harm as good as new.
      window: lent ? Number.POSITIVE_INFINITY : awaited(before).length > 0 ? Math.max(window, whole) : window,
      since: now,
      clean: 0,
      alarmed: [],
      dwell,
      cause: null,
    };
    return {
      next,
      rule: 'recovery',
      reason: { code: 'open_again', numbers: { clean: Math.floor(clean), window: Math.floor(window) } },
    };
  }
  const reason = { code: before.mode, numbers: { clean: Math.floor(clean), window: Math.floor(window) } };
  return { next: { ...state, window, clean }, rule: 'recovery', reason };
}

/**
 * Throttled for failures alone, with less room than a probe has, and that for as long as a pause: only new messages can tell whether
 * the failures are over, and few go out before opt-outs of the old ones are due. So it ends as the worse alarm would have, by a probe.
 */
function isStuck(policy: Policy, state: ScopeState & { window: number }, { out }: Evidence, now: number): boolean {
  return (
    state.mode === 'throttled' &&
    now >= state.since + state.dwell &&
    awaited({ mode: 'probing', alarmed: state.alarmed }).length > 0 &&
    Math.floor(state.window) - exposed(policy, state, out) < probeWindow(policy, state.window)
  );
}

/** Messages of a probe of a scope with this window. */
function probeWindow(policy: Policy, window: number): number {
  return Math.max(1, Math.min(policy.window.probe, window / 2));
}

/** Sends a few to see. */
function probed(policy: Policy, state: ScopeState & { window: number }, now: number, code: string): Course {
  const window = probeWindow(policy, state.window);
  const fresh = { mode: 'probing' as const, window, since: now, until: null, from: now, clean: 0, proven: 0 };
  return { next: { ...state, ...fresh, cusum: headStarts(policy) }, rule: 'recovery', reason: { code, numbers: { window } } };
}

const waiting: Reason = { code: 'waiting', numbers: {} };

function grown(
  { policy, before, evidence, now, brakes }: Case,
  state: ScopeState & { window: number },
  seen: Observation,
): Course {
  const resumed = brakes.resume ?? before.resumed;
  const own = startWindow(policy, before.scope);
  // A canary is over once there is history.
  const from = before.from !== null && now - before.from > evidenceReach ? null : before.from;
  const bounded = own !== null || evidence.novel ? state.window : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(bounded)) {
    return { next: { ...state, resumed, from, window: bounded }, rule: 'steady', reason: { code: 'no_window', numbers: {} } };
  }
  const first = own ?? state.window;
  if (evidence.cohorts.length === 0 && state.window > first) {
    return {
      next: { ...state, resumed, from, window: first },
      rule: 'steady',
      reason: { code: 'rested', numbers: { window: first } },
    };
  }
  const fresh = seen.clean ? seen.matured : 0;
  const window = grow(policy, state, policy.window.growth * fresh, evidence);
  const next = { ...state, resumed, window, from, clean: before.clean + fresh };
  const numbers = { window: Math.floor(window), unobserved: Math.round(exposed(policy, state, evidence.out)) };
  if (window > state.window) return { next, rule: 'growth', reason: { code: 'growing', numbers } };
  return { next, rule: 'steady', reason: { code: evidence.out.sent > 0 ? 'steady' : 'new', numbers } };
}

/** A window grows only as far as it is used, to twice what is out: an idle stream earns nothing. Never beyond the policy's most. */
function grow(policy: Policy, state: ScopeState & { window: number }, by: number, { out }: Evidence): number {
  return Math.min(policy.window.most, Math.max(state.window, Math.min(state.window + by, 2 * exposed(policy, state, out))));
}

/** What the controller says of a scope that may not move. */
function standing({ policy, before, evidence, brakes, now }: Case, state: ScopeState): { rule: Rule; reason: Reason } {
  const over = before.until === null || now >= before.until;
  if (before.mode === 'paused' && !(over && brakes.distrust !== null))
    return { rule: 'recovery', reason: before.cause ?? waiting };
  if (brakes.distrust !== null) return { rule: 'untrusted_evidence', reason: brakes.distrust };
  if (!Number.isFinite(state.window ?? 0)) return { rule: 'steady', reason: { code: 'no_window', numbers: {} } };
  const numbers = { window: Math.floor(state.window ?? 0), unobserved: Math.round(exposed(policy, state, evidence.out)) };
  return { rule: 'steady', reason: before.cause ?? { code: 'steady', numbers } };
}

/** Lays the operator's and the platform's bounds over the course and names the first rule that binds. */
function answer({ policy, before, evidence, now, brakes }: Case, { next, rule, reason }: Course): Verdict {
  const kind = parseScope(before.scope)?.kind;
  const own = next.mode === 'paused' ? 0 : next.window === null ? null : Math.floor(next.window);
  const pace = kind === 'number' ? policy.pace.number_per_second : kind === 'campaign' ? policy.pace.campaign_per_second : null;
  const limit = least(own, brakes.window?.window ?? null);
  const perSecond = least(pace, brakes.pace?.per_second ?? null);
  const verdict: Verdict = {
    scope: before.scope,
    at: now,
    policy_mode: policy.mode,
    policy_hash: policyHash(policy),
    rule,
    limit,
    per_second: perSecond,
    reason,
    until: next.mode === 'paused' ? next.until : null,
    owner: 'controller',
    before,
    evidence,
    next,
  };
  const { operatorStop, platformStop, hold } = brakes;
  if (operatorStop !== null) {
    const said = { code: 'operator_pause', numbers: saidBy(operatorStop.actor, operatorStop.reason) };
    return { ...verdict, rule: 'operator_stop', limit: 0, reason: said, until: operatorStop.until, owner: operatorStop.actor };
  }
  if (platformStop !== null) {
    const word = { code: 'platform_stop', numbers: { word: platformStop.code } };
    return { ...verdict, rule: 'platform_stop', limit: 0, reason: word, until: platformStop.until };
  }
  const bound = limit !== own ? brakes.window : perSecond !== pace ? brakes.pace : hold;
  if (bound !== null && rule !== 'alarm' && next.mode !== 'paused') {
    const code = bound.action === 'hold' ? 'operator_hold' : 'operator_limit';
    const numbers = { ...saidBy(bound.actor, bound.reason), limit: limit ?? '-', per_second: perSecond ?? '-' };
    return { ...verdict, rule: 'operator_limit', reason: { code, numbers }, until: bound.until, owner: bound.actor };
  }
  if (next.window === null && next.mode !== 'paused' && brakes.distrust !== null) {
    return { ...verdict, rule: 'untrusted_evidence', reason: brakes.distrust };
  }
  return verdict;
}

function saidBy(actor: string, why: string): Record<string, string> {
  return { actor, why };
}

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
