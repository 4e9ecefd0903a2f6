import type { HarmName, SignalName } from './policy.ts';
import type { ScopeId } from './scope.ts';

/** All times here are milliseconds since 1970 UTC. Counts of messages may be fractions: shares of messages by age. */

/**
 * Events among trials of one detector. Of harm, `exposure` is the trials' share of feedback expected by the watermark, Σ F(age); of a
 * shortfall, the events that the baseline expects by now, and both count only messages that have one.
 */
export interface Signal {
  events: number;
  exposure: number;
}

/** The messages of a scope that were sent on one UTC day (`YYYY-MM-DD`), as seen at the watermark. */
export interface CohortDay {
  day: string;
  /** Messages that were sent, refused ones too. */
  sent: number;
  /** Σ F(age): how many of them count as observed. `sent - matured` is the unobserved exposure. */
  matured: number;
  signals: Record<SignalName, Signal>;
}

/** One word of the platform that stops or slows: a template paused, a number limited, an account restricted. */
export interface PlatformWord {
  /** Scopes it stops: usually one. */
  scope: ScopeId;
  action: 'stop' | 'no_growth';
  /** Stable, e.g. `template_paused`, `error_131048`. */
  code: string;
  at: number;
  /** When it ends by itself; null until the platform says so. */
  until: number | null;
}

/** These words and those of `more` that are not among them. */
export function withWords(words: readonly PlatformWord[], more: readonly PlatformWord[]): PlatformWord[] {
  const known = new Set(words.map((word) => JSON.stringify(word)));
  return [...words, ...more.filter((word) => !known.has(JSON.stringify(word)))];
}

/** What an operator set on a scope. */
export interface Override {
  override_id: string;
  scope: ScopeId;
  /** `pause` stops; `limit` caps the window or pace; `hold` freezes growth; `resume` lifts pauses and lets it begin anew, with a probe. */
  action: 'pause' | 'limit' | 'hold' | 'resume';
  /** Only for `limit`: most unobserved messages, or most a second; either may be null. */
  window: number | null;
  per_second: number | null;
  reason: string;
  actor: string;
  at: number;
  /** Null: until it is lifted. */
  until: number | null;
}

/** Everything that `decide` sees of one scope. Stored whole with the decision. */
export interface Evidence {
  scope: ScopeId;
  /** When it was taken. */
  as_of: number;
  /** Up to when feedback is known. It stands still when the webhooks fall silent. */
  watermark: number;
  /** The UTC day it was taken and the two before it, those with messages, oldest first. Whole days: none slides out bit by bit. */
  cohorts: readonly CohortDay[];
  out: Out;
  /** Guilty scopes that it shares messages with: those are left out of the signals, so that the guilty one alone is braked. */
  without: readonly ScopeId[];
  /** Messages of it that the platform holds under pacing: they count as out, and nothing grows before they are released. */
  held: number;
  /** It has no history: the platform paces it, and it begins as a canary. */
  novel: boolean;
  /** An alarm elsewhere that this scope explains best. */
  accused: Accusation | null;
  /** The guilty scope that it cannot be told apart from yet; nothing grows until probes have separated them. */
  suspected: ScopeId | null;
  /** Names the baseline of the shortfalls. */
  baseline: string | null;
  /** Sends in webhooks and events since permits are used, and rights granted for them. */
  seen: number;
  permitted: number;
  words: readonly PlatformWord[];
  /** In force on the scope, newest last; of a stream also what resumed its campaign. */
  overrides: readonly Override[];
  /** Reasons why the evidence cannot be trusted, e.g. `unpermitted_sends`, `more_feedback_than_messages`. */
  contradictions: readonly string[];
}

/** Messages that count against the window: all of the cohorts, or what was sent since the newest probe began. */
export interface Out {
  since: number | null;
  sent: number;
  /** Of them, whose feedback is due: on what a probe waits for (scope-state.ts), otherwise on the harm that shows last. */
  matured: number;
  /** Whose feedback is due on the harm that shows last, opt-outs. */
  slowest: number;
}

/** What a scope is found guilty of: the alarm of another scope, which its own messages explain best. */
export interface Accusation {
  /** Whose detector raised it. */
  by: ScopeId;
  signal: HarmName;
  /** Of the accused, in the time that tells most. */
  events: number;
  exposure: number;
  /** Scopes that explain it about as well: the smallest of them was taken. */
  suspects: readonly ScopeId[];
}

/** Messages that were sent, and their feedback is not yet due. */
export function unobserved({ sent, matured }: Pick<Out, 'sent' | 'matured'>): number {
  return Math.max(0, sent - matured);
}
