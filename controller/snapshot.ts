import type { Decision } from './decision.ts';
import type { Override, PlatformWord } from './evidence.ts';
import type { Grant } from './permit.ts';
import type { SignalName } from './policy.ts';
import type { ScopeId } from './scope.ts';

/** What the warehouse hands to the controller, as counts; times in milliseconds since 1970 UTC. Plain values: it crosses a thread. */

/** Messages of one stream on one number, grouped by minute of sending. */
export interface CohortRow {
  campaign_id: string | null;
  template_name: string | null;
  segment_id: string | null;
  phone_number_id: string | null;
  category: string | null;
  /** Start of the group: a minute for the newest two hours, a quarter hour for older ones. */
  sent_at: number;
  /** Messages sent, refused ones too; held ones not. A request that names a permit is as good as sent. */
  sent: number;
  /** Of these, with any proof of delivery. */
  delivered: number;
  /** Events of each signal; trials of all but `opt_out` are `sent`, of `opt_out` those without a failure. */
  events: Record<SignalName, number>;
}

/** How feedback arrives, as shares by age: `shares[i]` of all that comes is there by `ages[i]` ms. Ascending, 0 to 1. */
export interface DelayCurve {
  signal: SignalName | 'any';
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
  scope: ScopeId | null;
  /** Only decisions that changed what is allowed. */
  changes: boolean;
  limit: number;
  before_seq: number | null;
}
