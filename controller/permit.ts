import type { Address, ScopeId } from './scope.ts';

/** A request for sending rights: so many, or for these people. Times are milliseconds since 1970. */
export interface PermitRequest {
  /** The caller's id: the same id gets the same answer, whenever it is asked again within a day. */
  request_id: string;
  address: Address;
  category: 'marketing' | 'utility' | 'authentication' | 'service';
  /** Either a count or a list. */
  count: number | null;
  contacts: readonly PermitContact[] | null;
  lease_seconds: number | null;
}

export interface PermitContact {
  contact_id: string | null;
  phone: string | null;
  user_id: string | null;
}

/** Why a person may not be written to. */
export const denials = [
  'no_consent',
  'opted_out',
  'suppressed',
  'frequency_cap',
  'quiet_hours',
  'us_marketing',
  'outside_window',
  'pair_rate',
  'duplicate',
  'no_room',
] as const;
export type Denial = (typeof denials)[number];

/** The answer, as `POST /v1/permits` gives it. */
export interface Permit {
  permit_id: string;
  granted: number;
  denied: readonly { contact_id: string; reason: Denial }[];
  expires_at: number;
  /** The scope that bound it most tightly, its state and why. */
  scope: ScopeId;
  state: string;
  reason: string;
  retry_after_ms: number | null;
}

/** A lease as the log keeps it: what a restart must know. */
export interface Grant {
  permit_id: string;
  request_id: string;
  address: Address;
  category: PermitRequest['category'];
  granted: number;
  /** Surrogate names (`kind:value` hashes) of the people, for lists; empty for counts. */
  people: readonly string[];
  at: number;
  expires_at: number;
  shadow: boolean;
  answer: PermitAnswer;
}

/** The answer with a mark of the whole request: one request id with two marks is a caller's mistake. */
export interface PermitAnswer extends Permit {
  asked: string;
}

/** What the warehouse knows of one person when a list is judged. */
export interface PersonFacts {
  /** Place in the list that was asked. */
  index: number;
  /** One stable name of the person over all their aliases. */
  person: string;
  country: string | null;
  time_zone: string | null;
  consent: 'granted' | 'withdrawn' | null;
  /** The platform said that this number cannot be reached (131026), at least twice in 30 days and never delivered since. */
  suppressed: boolean;
  /** Newest of the messages that matter to who asked: see `lookBackHours`. */
  last_marketing_at: number | null;
  last_message_at: number | null;
  /** The service window is open until; null when it is not. */
  window_until: number | null;
}
