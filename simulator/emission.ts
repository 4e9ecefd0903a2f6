import type { PermitRequest } from './permit-desk.ts';

/** What the simulated business and platform put on the wire. */

/** A first-party event, as `POST /v1/events` takes it. */
export interface EventBody {
  id: string;
  type: string;
  /** ISO 8601, UTC. */
  at: string;
  [field: string]: unknown;
}

export interface WebhookChange {
  field: string;
  value: Record<string, unknown>;
}

export interface WebhookEntry {
  id: string;
  /** Epoch seconds; only for fields other than `messages`. */
  time?: number;
  changes: WebhookChange[];
}

/** One webhook POST of the platform. */
export interface WebhookBody {
  object: 'whatsapp_business_account';
  entry: WebhookEntry[];
}

/**
 * What goes out. `permit` asks for sending rights (`POST /v1/permits`): whoever plays the world hands the answer to `World.permit`.
 * `return` gives back rights that are not needed.
 * `at` is when it is put on the wire, milliseconds since 1970 of simulated time.
 */
export type Emission =
  | { kind: 'command'; at: number; path: string; body: Record<string, unknown> }
  | { kind: 'event'; at: number; event: EventBody }
  | { kind: 'webhook'; at: number; body: WebhookBody; updates: number }
  | { kind: 'permit'; at: number; request: PermitRequest }
  | { kind: 'return'; at: number; permit_id: string; count: number };

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
