import type { Evidence, Signal } from './evidence.ts';
import type { GuardrailName, SignalName } from './policy.ts';
import type { ScopeId } from './scope.ts';

/**
 * Where a scope stands. `open` grows on clean evidence; `throttled` was halved by an alarm and grows in steps; `paused` waits for its
 * dwell to end; `probing` sends a few to see; `recovering` grows in steps after a good probe.
 */
export const modes = ['open', 'throttled', 'paused', 'probing', 'recovering'] as const;
export type Mode = (typeof modes)[number];

/** What the controller remembers of a scope between decisions. The `next` of one decision is the `before` of the following one. */
export interface ScopeState {
  scope: ScopeId;
  mode: Mode;
  /** Most unobserved messages; null for scopes without one: nothing but words, operators and pace binds them. */
  window: number | null;
  /** Since when it has this mode. */
  since: number;
  /** When a pause may end; null otherwise. */
  until: number | null;
  /** Length of the next pause, ms. */
  dwell: number;
  /** The detectors' sums, in nats of evidence. */
  cusum: Record<SignalName, number>;
  /** What the guardrails add up, since it was last braked. */
  guard: Record<GuardrailName, Signal>;
  /** What was counted already, by day: only what is new moves a sum. */
  counted: readonly { day: string; matured: number; signals: Record<SignalName, Signal> }[];
  /** Matured messages without alarm since the mode began. */
  clean: number;
  /** Signals that alarmed since it was last open: its probes and steps are judged when the feedback on these is due. */
  alarmed: readonly SignalName[];
  /** Messages since the newest probe that were observed by the last decision: each earns room once. */
  proven: number;
  /** The newest `resume` that was followed. */
  resumed: string | null;
  /** When the newest probe began: what was sent before it no longer counts against the window. Null once nothing of that is in the evidence. */
  from: number | null;
  /** Why it is braked, as long as it is; null while it is open. */
  cause: Reason | null;
  /** The guilty scopes that were left out of the sums, as in the evidence. */
  without: readonly ScopeId[];
  /** The baseline that shortfalls were counted against, as in the evidence: counts against two of them cannot be compared. */
  baseline: string | null;
}

/** The rules of the controller, in their order. */
export const rules = [
  'operator_stop',
  'platform_stop',
  'operator_limit',
  'untrusted_evidence',
  'alarm',
  'recovery',
  'growth',
  'steady',
] as const;
export type Rule = (typeof rules)[number];

/** One decision about one scope, with all that it saw: `decide` gives it again from policy, before, evidence and at. */
export interface Decision {
  decision_id: string;
  /** Counts up by one over all decisions of the controller, from 1: a gap in the trail shows. */
  seq: number;
  scope: ScopeId;
  at: number;
  /** `shadow` decisions refuse nothing. */
  policy_mode: 'shadow' | 'enforce';
  /** Hash of the policy, whose text is a record of its own. */
  policy_hash: string;
  rule: Rule;
  /** Most unobserved messages from now on: 0 stops, null sets no bound. */
  limit: number | null;
  /** Most messages a second; null sets no bound. */
  per_second: number | null;
  reason: Reason;
  /** When it ends by itself; null: when the evidence or somebody changes it. */
  until: number | null;
  /** Who set it: `controller`, or the operator. */
  owner: string;
  before: ScopeState;
  evidence: Evidence;
  next: ScopeState;
}

/** Why, as a stable code with its numbers; `explain.ts` makes the sentence. */
export interface Reason {
  code: string;
  numbers: Record<string, number | string>;
}
