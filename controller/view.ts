import { betaQuantile } from '../models/statistics/special.ts';
import { lineOf } from './budget.ts';
import type { Decision, Mode, Reason, Rule } from './decision.ts';
import { total } from './detect.ts';
import type { Evidence, Override, PlatformWord, Signal } from './evidence.ts';
import { explain } from './explain.ts';
import { isHarm, type Policy, type SignalName, signalNames } from './policy.ts';
import { isSuspect, parseScope, type ScopeId, type ScopeKind } from './scope.ts';
import { exposed } from './scope-state.ts';

/** One scope as people see it. Times in ms since 1970; `null` bounds nothing. */
export interface ScopeView {
  scope: ScopeId;
  kind: ScopeKind;
  mode: Mode;
  /** `open`, `throttled`, `paused`, `probing`, `recovering`, or `stopped` by the operator or the platform. */
  state: string;
  rule: Rule;
  limit: number | null;
  /** How many are out. */
  unobserved: number;
  per_second: number | null;
  reason: Reason;
  /** The reason in English; `explain` has the other languages. */
  sentence: string;
  at: number;
  since: number;
  until: number | null;
  owner: string;
  shadow: boolean;
  detectors: DetectorView[];
  /** Counts over the days of the evidence. */
  sent: number;
  matured: number;
  seen: number;
  permitted: number;
  as_of: number;
  watermark: number;
  words: readonly PlatformWord[];
  overrides: readonly Override[];
  /** What somebody should look at: sends without a permit, silent webhooks, contradictions, detectors past their line. */
  alarms: Reason[];
}

/** A detector with its line: `sum` in nats alarms at `line`. */
export interface DetectorView {
  signal: SignalName;
  events: number;
  exposure: number;
  accept: number;
  reject: number;
  sum: number;
  line: number;
  /** Of harm that came: the rate by its posterior Beta(½ + events, ½ + rest) after Jeffreys' prior, with its 95 % credible interval. */
  posterior: { mean: number; low: number; high: number } | null;
}

function posteriorOf({ events, exposure }: Signal): DetectorView['posterior'] {
  if (!(events > 0)) return null;
  const [a, b] = [events + 0.5, Math.max(0, exposure - events) + 0.5];
  return { mean: a / (a + b), low: betaQuantile(0.025, a, b), high: betaQuantile(0.975, a, b) };
}

/** The word for where a scope stands. */
export function stateOf({ rule, next }: Pick<Decision, 'rule' | 'next'>): string {
  return rule === 'operator_stop' || rule === 'platform_stop' ? 'stopped' : next.mode;
}

/** What is shown of a scope: its newest decision, with the newest evidence. */
export function viewOf(policy: Policy, decision: Decision, evidence: Evidence): ScopeView {
  const { next, reason } = decision;
  const alarms: Reason[] = evidence.contradictions.map((what) =>
    what === 'unpermitted_sends'
      ? { code: what, numbers: { seen: evidence.seen, permitted: evidence.permitted } }
      : { code: 'contradiction', numbers: { what } },
  );
  if (decision.rule === 'untrusted_evidence' && !alarms.some(({ code }) => code === reason.code)) alarms.push(reason);
  if (next.cause !== null) alarms.push(next.cause);
  return {
    scope: decision.scope,
    kind: parseScope(decision.scope)?.kind ?? 'stream',
    mode: next.mode,
    state: stateOf(decision),
    rule: decision.rule,
    limit: decision.limit,
    unobserved: exposed(policy, next, evidence.out),
    per_second: decision.per_second,
    reason,
    sentence: explain(decision),
    at: decision.at,
    since: next.since,
    until: decision.until,
    owner: decision.owner,
    shadow: decision.policy_mode === 'shadow',
    detectors: !isSuspect(decision.scope)
      ? []
      : signalNames.map((signal) => ({
          signal,
          ...total(evidence.cohorts, signal),
          ...policy.detectors[signal],
          sum: next.cusum[signal],
          line: lineOf(policy, signal),
          posterior: isHarm(signal) ? posteriorOf(total(evidence.cohorts, signal)) : null,
        })),
    sent: evidence.cohorts.reduce((sum, day) => sum + day.sent, 0),
    matured: evidence.cohorts.reduce((sum, day) => sum + day.matured, 0),
    seen: evidence.seen,
    permitted: evidence.permitted,
    as_of: evidence.as_of,
    watermark: evidence.watermark,
    words: evidence.words,
    overrides: evidence.overrides,
    alarms,
  };
}
