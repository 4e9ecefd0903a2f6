import { headStart, line, step } from './cusum.ts';
import type { ScopeState } from './decision.ts';
import type { CohortDay, Evidence, Signal } from './evidence.ts';
import { type Policy, type SignalName, signalNames } from './policy.ts';
import { eachSignal } from './scope-state.ts';

/** Days whose counts are remembered: a day that leaves the evidence and comes back, as the watermark moves, is not counted anew. */
const rememberedDays = 6;

/** What is new in the evidence of a scope, counted into the detectors. */
export interface Observation {
  cusum: ScopeState['cusum'];
  counted: ScopeState['counted'];
  /** Messages that matured since the last decision. */
  matured: number;
  /** No detector has gone further than half-way to its line: only then is feedback clean, and earns room. */
  clean: boolean;
}

/** A detector past its line. */
export interface Alarm {
  signal: SignalName;
  sum: number;
  line: number;
  /** Over the days of the evidence. */
  events: number;
  exposure: number;
}

/** The alarm line of a signal under a policy, nats. */
export function lineOf(policy: Policy, signal: SignalName): number {
  return line(policy.detectors[signal], policy.false_alarm_messages, signalNames.length);
}

/** Sums that begin with the head start of a braked scope. */
export function headStarts(policy: Policy): ScopeState['cusum'] {
  return eachSignal((name) => headStart(lineOf(policy, name)));
}

/** Counts what is new. Pure; the evidence must consist of numbers that are finite and not negative. */
export function observe(policy: Policy, before: ScopeState, evidence: Evidence): Observation {
  const known = new Map(before.counted.map((day) => [day.day, day]));
  const anew = before.without.join() !== evidence.without.join();
  const fresh = eachSignal(() => ({ events: 0, exposure: 0 }));
  const none = eachSignal(() => ({ events: 0, exposure: 0 }));
  let matured = 0;
  for (const cohort of evidence.cohorts) {
    const { signals, matured: before } = known.get(cohort.day) ?? { signals: none, matured: 0 };
    const counts = eachSignal((name) => (anew ? cohort.signals[name] : highest(signals[name], cohort.signals[name])));
    if (!anew) {
      for (const name of signalNames) {
        fresh[name].events += counts[name].events - signals[name].events;
        fresh[name].exposure += counts[name].exposure - signals[name].exposure;
      }
    }
    matured += Math.max(0, cohort.matured - before);
    known.set(cohort.day, { day: cohort.day, matured: Math.max(before, cohort.matured), signals: counts });
  }
  const restart = before.mode === 'open' ? eachSignal(() => 0) : headStarts(policy);
  const cusum = anew
    ? restart
    : eachSignal((name) => step(before.cusum[name], policy.detectors[name], fresh[name].events, fresh[name].exposure));
  return {
    cusum,
    clean: signalNames.every((name) => cusum[name] <= headStart(lineOf(policy, name))),
    counted: [...known.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-rememberedDays),
    matured,
  };
}

/** The detector that is furthest past its line, or null when none is. */
export function alarmOf(policy: Policy, cusum: ScopeState['cusum'], cohorts: readonly CohortDay[]): Alarm | null {
  let worst: Alarm | null = null;
  for (const signal of signalNames) {
    const [sum, h] = [cusum[signal], lineOf(policy, signal)];
    if (sum < h || (worst !== null && sum / h <= worst.sum / worst.line)) continue;
    worst = { signal, sum, line: h, ...total(cohorts, signal) };
  }
  return worst;
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
 * unobserved evidence of harm. Events go by what is known now, up or down.
 */
function highest(before: Signal, now: Signal): Signal {
  return { events: now.events, exposure: Math.max(before.exposure, now.exposure) };
}
