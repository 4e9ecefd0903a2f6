import type { SignalName } from './policy.ts';
import type { ScopeId } from './scope.ts';

/** All times here are milliseconds since 1970 UTC. Counts of messages may be fractions: shares of messages by age. */

/** Events among trials of one detector. `exposure` is the trials' share of feedback expected by the watermark, Σ F(age). */
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
  /** What counts against the window: all of the cohorts, or what was sent since the newest probe began (`since`, ms). */
  out: { since: number | null; sent: number; matured: number };
  /** Of a campaign: its streams that are braked by themselves and left out of the signals, so that the guilty one alone is braked. */
  without: readonly ScopeId[];
  /** Sends in webhooks and events since permits are used, and rights granted for them. */
  seen: number;
  permitted: number;
  words: readonly PlatformWord[];
  /** In force on the scope, newest last; of a stream also what resumed its campaign. */
  overrides: readonly Override[];
  /** Reasons why the evidence cannot be trusted, e.g. `unpermitted_sends`, `more_feedback_than_messages`. */
  contradictions: readonly string[];
}

/** Messages that count against the window: sent, and their feedback not yet due. */
export function unobserved({ sent, matured }: Evidence['out']): number {
  return Math.max(0, sent - matured);
}
