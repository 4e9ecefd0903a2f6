import type { HarmName } from '../../../controller/policy.ts';

/** One person, by any of their names. */
export interface HeardPerson {
  names: string[];
  messages: HeardMessage[];
  optOuts: number[];
  /** When they wrote to the business. */
  wroteAt: number[];
  /** When a message last went to them outside a service window; −Infinity when none did. */
  chargedAt: number;
}

/** What is known of one outbound message: the first time of each state, by the clocks of platform and sender. */
export class HeardMessage {
  person: HeardPerson | undefined;
  campaign_id: string | null = null;
  template_name: string | null = null;
  segment_id: string | null = null;
  variant_id: string | null = null;
  market: string | null = null;
  phone_number_id: string | null = null;
  category: string | null = null;
  permit_id: string | null = null;
  requestedAt = Number.POSITIVE_INFINITY;
  acceptedAt = Number.POSITIVE_INFINITY;
  waitsFrom = Number.NEGATIVE_INFINITY;
  sentAt = Number.POSITIVE_INFINITY;
  deliveredAt = Number.POSITIVE_INFINITY;
  failedAt = Number.POSITIVE_INFINITY;
  code: number | null = null;
  optedOut = false;

  /** The earliest known state. */
  firstAt(): number {
    const held = this.waitsFrom > Number.NEGATIVE_INFINITY ? this.waitsFrom : Number.POSITIVE_INFINITY;
    return Math.min(this.requestedAt, this.acceptedAt, held, this.sentAt, this.deliveredAt, this.failedAt);
  }

  /** When it went out; Infinity while it is held or only requested. A request with a permit is as good as sent. */
  outAt(): number {
    const further = Math.min(this.sentAt, this.deliveredAt, this.failedAt);
    if (this.waitsFrom > Number.NEGATIVE_INFINITY)
      return Math.min(further, this.acceptedAt > this.waitsFrom ? this.acceptedAt : Number.POSITIVE_INFINITY);
    if (this.acceptedAt < Number.POSITIVE_INFINITY) return this.acceptedAt;
    if (further < Number.POSITIVE_INFINITY) return further;
    return this.permit_id === null ? Number.POSITIVE_INFINITY : this.requestedAt;
  }

  /** The platform holds it, and nothing further is known. */
  isHeld(): boolean {
    return this.waitsFrom > Number.NEGATIVE_INFINITY && this.outAt() === Number.POSITIVE_INFINITY;
  }

  /** Failed, and nothing proves that it was delivered after all. */
  failed(): boolean {
    return this.failedAt < Number.POSITIVE_INFINITY && this.deliveredAt === Number.POSITIVE_INFINITY;
  }

  /** The signal that its failure counts for; null when there is none. Codes by which the platform stops a whole scope are words. */
  signal(): HarmName | null {
    if (!this.failed() || this.code === null || wordScopes.has(this.code)) return null;
    return failureSignals.get(this.code) ?? null;
  }
}

/** The codes that the simulated platform gives, by the classes of the warehouse; passing ones count for nothing. */
const failureSignals = new Map<number, HarmName>([
  [131026, 'undeliverable'],
  [130472, 'platform_block'],
  [131049, 'marketing_limit'],
  [131050, 'platform_block'],
  [131047, 'other_failure'],
]);

/** Of these, what they stop. */
export const wordScopes = new Map<number, 'number' | 'template'>([
  [131048, 'number'],
  [132015, 'template'],
  [132016, 'template'],
]);
