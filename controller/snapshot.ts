import type { Decision } from './decision.ts';
import type { Override, PlatformWord } from './evidence.ts';
import type { Grant } from './permit.ts';
import type { HarmName, ShortfallName } from './policy.ts';
import type { ScopeId } from './scope.ts';

/** What the warehouse hands to the controller, as counts; times in milliseconds since 1970 UTC. Plain values: it crosses a thread. */

/** Messages of one stream, variant and market on one number, grouped by minute of sending. */
export interface CohortRow {
  campaign_id: string | null;
  template_name: string | null;
  segment_id: string | null;
  variant_id: string | null;
  /** Country of the recipients, ISO 3166-1 alpha-2. */
  market: string | null;
  phone_number_id: string | null;
  category: string | null;
  /** Start of the group: a minute for the newest two hours, a quarter hour for older ones. */
  sent_at: number;
  /** Messages sent, refused ones too; held ones not. A request that names a permit is as good as sent. */
  sent: number;
  /** Messages that the platform holds under pacing, by their request; not among the sent. */
  held: number;
  /** Of the sent, with any proof of delivery; and of these read, answered (complaints too) and clicked. */
  delivered: number;
  read: number;
  replied: number;
  clicked: number;
  /** Events of harm; trials of failures are `sent`, of opt-outs and complaints those without a failure. */
  events: Record<HarmName, number>;
  /** When the group was counted, where that was before the snapshot. */
  counted_at?: number;
}

/**
 * What is usual for a stream that began in an hour of the day (UTC): of `messages` that had the chance, the share with the event by each
 * age. For `delivery` the chance is to have been sent without failure, for the others to have been delivered.
 */
export interface Baseline {
  campaign_id: string | null;
  template_name: string | null;
  segment_id: string | null;
  signal: ShortfallName;
  hour: number;
  messages: number;
  ages: readonly number[];
  shares: readonly number[];
}

/** How feedback arrives, as shares by age: `shares[i]` of all that comes is there by `ages[i]` ms. Ascending, 0 to 1. */
export interface DelayCurve {
  signal: HarmName | 'any';
  /** null: pooled over all categories. */
  category: string | null;
  /** Events it was learned from; 0 for the built-in one. */
  events: number;
  ages: readonly number[];
  shares: readonly number[];
}

export interface NumberRow {
  phone_number_id: string;
  waba_id: string | null;
  portfolio_id: string | null;
  /** Newest status or inbound message about this number. */
  last_feedback_at: number | null;
  /** Within 72 hours: messages of a category other than service since the first permit of this number, and rights granted since then. */
  seen: number;
  permitted: number;
}

export interface LedgerRow {
  portfolio_id: string | null;
  /** Different people written to outside a service window in the last 24 h. */
  people: number;
  /** What the platform or the registry said; null when nobody did. */
  limit: number | null;
}

export interface ControlSnapshot {
  /** When it was read, by the controller's clock. */
  as_of: number;
  /** Records of the log that were not applied yet when it was read. */
  lag: number;
  /** All that was durable in the log at this moment is in the counts; null where that is not known. */
  complete_to: number | null;
  cohorts: CohortRow[];
  numbers: NumberRow[];
  ledgers: LedgerRow[];
  words: PlatformWord[];
  /** Per permit with an unexpired or recently expired lease: messages seen that named it. */
  used: { permit_id: string; used: number }[];
  /** Campaign policies as registered, newest of each: parts of a policy that stand over the account's. */
  policies: { campaign_id: string; policy: Record<string, unknown> }[];
  /** Learned delay curves; the built-in ones stand in where there are none. */
  curves: DelayCurve[];
  /** Only campaigns with harm were counted anew, all else is as the snapshot before had it. */
  brief?: boolean;
  /** What reading it cost, ms: less than the call took when that waited for the log to be applied. Absent where all of the call is meant. */
  took_ms?: number;
  /** Learned baselines, under the name of their reading; without one a stream is not judged by what it lacks. */
  baselines: { name: string; of: readonly Baseline[] } | null;
  /** Templates, numbers and portfolios with history; null until it was read: then nobody is taken for new. */
  established: readonly string[] | null;
}

/** A snapshot on its way between threads: baselines that the asker has already are only named, for they are most of it. */
export type ControlReading = Omit<ControlSnapshot, 'baselines'> & {
  baselines: { name: string; of: readonly Baseline[] | null } | null;
};

/** What should not wait for the next snapshot. */
export interface ControlNews {
  /** The platform's words as they stand now; null before the first snapshot and while nothing was said anew. */
  words: PlatformWord[] | null;
  /** The facts since the last snapshot hold harm that one should be taken for at once: see Urgency. */
  urgent: boolean;
}

/** What a restart must know, from the facts. */
export interface ControlBooks {
  seq: number;
  /** The newest decision of each scope. */
  latest: Decision[];
  overrides: Override[];
  /** Leases that are not over for long, and grants that name people of the last 24 h. */
  grants: Grant[];
  returned: { permit_id: string; count: number }[];
}

/** Filter of the trail. */
export interface DecisionQuery {
  /** Of these alone; null for all. */
  scopes: readonly ScopeId[] | null;
  /** Only decisions that changed what is allowed. */
  changes: boolean;
  limit: number;
  before_seq: number | null;
}
