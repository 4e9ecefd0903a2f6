import { logGuardrailE } from '../models/statistics/guardrail-eprocess.ts';
import { guardrailLine, lineOf } from './budget.ts';
import { headStart, step } from './cusum.ts';
import type { ScopeState } from './decision.ts';
import type { CohortDay, Evidence, Signal } from './evidence.ts';
import {
  failureNames,
  type GuardrailName,
  guardrailNames,
  harmNames,
  isHarm,
  type Policy,
  type SignalName,
  shortfallNames,
  signalNames,
} from './policy.ts';
import { isSuspect } from './scope.ts';
import { eachSignal } from './scope-state.ts';

/** Days whose counts are remembered: a day that leaves the evidence and comes back, as the watermark moves, is not counted anew. */
const rememberedDays = 6;

/** What is new in the evidence of a scope, counted into the detectors. */
export interface Observation {
  cusum: ScopeState['cusum'];
  guard: ScopeState['guard'];
  counted: ScopeState['counted'];
  /** Messages that matured since the last decision. */
  matured: number;
  /** No detector has gone further than half-way to its line: only then is feedback clean, and earns room. */
  clean: boolean;
}

/** A detector or guardrail past its line. */
export interface Alarm {
  signal: SignalName | GuardrailName;
  sum: number;
  line: number;
  /** Over the days of the evidence. */
  events: number;
  exposure: number;
}

/** Sums that begin with the head start of a braked scope. */
export function headStarts(policy: Policy): ScopeState['cusum'] {
  return eachSignal((name) => headStart(lineOf(policy, name)));
}

/** Counts what is new. Pure; the evidence must consist of numbers that are finite and not negative. */
export function observe(policy: Policy, before: ScopeState, evidence: Evidence): Observation {
  const known = new Map(before.counted.map((day) => [day.day, day]));
  const anew = before.without.join() !== evidence.without.join();
  const rebased = before.baseline !== evidence.baseline && before.counted.length > 0;
  const anewFor = (name: SignalName) => anew || (rebased && !isHarm(name));
  const fresh = eachSignal(() => ({ events: 0, exposure: 0 }));
  const none = eachSignal(() => ({ events: 0, exposure: 0 }));
  let matured = 0;
  for (const cohort of evidence.cohorts) {
    const { signals, matured: before } = known.get(cohort.day) ?? { signals: none, matured: 0 };
    const counts = eachSignal((name) => highest(name, anewFor(name) ? none[name] : signals[name], cohort.signals[name]));
    for (const name of signalNames) {
      if (anewFor(name)) continue;
      fresh[name].events += counts[name].events - signals[name].events;
      fresh[name].exposure += counts[name].exposure - signals[name].exposure;
    }
    matured += Math.max(0, cohort.matured - before);
    known.set(cohort.day, { day: cohort.day, matured: Math.max(before, cohort.matured), signals: counts });
  }
  const restart = before.mode === 'open' ? eachSignal(() => 0) : headStarts(policy);
  const cusum = !isSuspect(before.scope)
    ? before.cusum
    : anew
      ? restart
      : eachSignal((name) => step(before.cusum[name], policy.detectors[name], fresh[name].events, fresh[name].exposure));
  const guard = unguarded();
  for (const name of guardrailNames) {
    const was = anew ? guard[name] : before.guard[name];
    const parts = guarded[name].map((signal) => fresh[signal]);
    guard[name] = {
      events: Math.max(
        0,
        parts.reduce((sum, part) => sum + part.events, was.events),
      ),
      exposure: was.exposure + Math.max(0, ...parts.map((part) => part.exposure)),
    };
  }
  return {
    cusum,
    guard,
    clean: signalNames.every((name) => cusum[name] <= headStart(lineOf(policy, name))),
    counted: [...known.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-rememberedDays),
    matured,
  };
}

/**
 * What is furthest past its line, or null when nothing is. Harm that pauses by itself is named first, for it says what is wrong; then
 * the guardrails, other harm, and shortfalls: silence is the weakest word.
 */
export function alarmOf(
  policy: Policy,
  { scope, mode, cusum, guard }: Pick<ScopeState, 'scope' | 'mode' | 'cusum' | 'guard'>,
  cohorts: readonly CohortDay[],
): Alarm | null {
  if (!isSuspect(scope)) return null;
  const past = (names: readonly SignalName[]) =>
    furthest(names.map((signal) => ({ signal, sum: cusum[signal], line: lineOf(policy, signal), ...total(cohorts, signal) })));
  const harm = past(harmNames);
  if (harm !== null && (mode !== 'open' || harm.sum >= 2 * harm.line)) return harm;
  return (
    furthest(guardrailNames.map((name) => guardrailOf(policy, name, guard[name])).filter((one) => one !== null)) ??
    harm ??
    past(shortfallNames)
  );
}

function furthest(alarms: readonly Alarm[]): Alarm | null {
  return alarms.reduce<Alarm | null>(
    (worst, alarm) =>
      alarm.sum < alarm.line || (worst !== null && alarm.sum / alarm.line <= worst.sum / worst.line) ? worst : alarm,
    null,
  );
}

/** What each guardrail adds up. */
export const guarded = {
  failure: failureNames,
  refusal: ['opt_out', 'complaint'],
} as const satisfies Record<GuardrailName, readonly SignalName[]>;

/**
 * A guardrail since the scope was last braked: the e-value against "the rate is at most the policy's", as in the verdicts of
 * experiments (models/statistics/guardrail-eprocess.ts, prior Beta(1, 1)). Null when the policy has none.
 */
export function guardrailOf(policy: Policy, name: GuardrailName, { events, exposure }: Signal): Alarm | null {
  const most = policy.guardrails[name];
  if (most === null) return null;
  const n = Math.max(events, exposure);
  // Below the rate no e-value is worth its computing.
  const sum = events <= most * n ? 0 : Math.max(0, logGuardrailE(n, events, most, { alpha: 1, beta: 1 }));
  return { signal: name, sum, line: guardrailLine(policy, n), events, exposure: n };
}

/** Guardrails that have seen nothing yet. */
export function unguarded(): ScopeState['guard'] {
  return { failure: { events: 0, exposure: 0 }, refusal: { events: 0, exposure: 0 } };
}

/** Events and exposure of a signal over all days. */
export function total(cohorts: readonly CohortDay[], signal: SignalName): Signal {
  return cohorts.reduce(
    (sum, { signals }) => ({
      events: sum.events + signals[signal].events,
      exposure: sum.exposure + signals[signal].exposure,
    }),
    { events: 0, exposure: 0 },
  );
}

/**
 * Exposure that was counted stays counted: when the watermark steps back because webhooks fell silent, messages do not become
 * unobserved evidence of harm, and what was read does not become unread. Harm goes by what is known now, up or down. What comes before
 * it is expected (reads are awaited half an hour late) counts once it is: a sum that cannot fall below nothing would forget it.
 */
function highest(name: SignalName, before: Signal, now: Signal): Signal {
  const exposure = Math.max(before.exposure, now.exposure);
  const events = isHarm(name) ? now.events : Math.min(exposure, Math.max(before.events, now.events));
  return { events, exposure };
}
