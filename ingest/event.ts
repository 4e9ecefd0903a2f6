import { z } from 'zod';
import { isoInstant } from './instant.ts';
import { currency } from './money.ts';

/**
 * First-party events, `POST /v1/events`: what your own systems tell Sluice. Unknown keys are kept in the log and ignored here.
 * Ids are text: JSON numbers lose digits beyond 2^53.
 */
const text = z.string().min(1).max(512);
/** E.164 digits, a leading "+" allowed. */
const phone = z.string().regex(/^\+?[0-9]{5,20}$/, 'is not a phone number in international form, e.g. +4915112345678');
/** An instant with its zone. */
const instant = z.iso
  .datetime({ offset: true, error: 'is not an ISO 8601 time with a zone, e.g. 2026-11-21T10:00:00Z', abort: true })
  .refine((time) => isoInstant(time) !== null, 'is not a time between 2009 and 2100');
/** Decimal text with at most six decimals: money is never a float. */
const amount = z.string().regex(/^[0-9]{1,12}(\.[0-9]{1,6})?$/, 'is not a decimal amount as text, e.g. "12.50"');

const base = { id: text, at: instant };
const person = { contact_id: text.optional(), phone: phone.optional(), user_id: text.optional() };
const named = (o: { contact_id?: unknown; phone?: unknown; user_id?: unknown }) =>
  o.contact_id !== undefined || o.phone !== undefined || o.user_id !== undefined;
const personNamed = { message: 'one of contact_id, phone, user_id is needed', path: ['contact_id'] };

export const categories = ['marketing', 'utility', 'authentication', 'service'] as const;

const messageRequested = z
  .object({
    ...base,
    type: z.literal('message.requested'),
    /** Your id of the send. A UUIDv7 lets Sluice find the message by its time; put the same text in biz_opaque_callback_data. */
    send_id: text,
    ...person,
    phone_number_id: text,
    waba_id: text.optional(),
    campaign_id: text.optional(),
    variant_id: text.optional(),
    segment_id: text.optional(),
    /** The permit that allowed the send, from `POST /v1/permits`. */
    permit_id: text.optional(),
    template_name: text.optional(),
    template_language: text.optional(),
    category: z.enum(categories).optional(),
    message_type: text.optional(),
    ttl_seconds: z.number().int().positive().optional(),
  })
  .refine(named, personNamed);

/** The Cloud API's answer to the send. */
const answered = { ...base, send_id: text, message_id: text.optional(), phone: phone.optional(), user_id: text.optional() };
const messageAccepted = z.object({ ...answered, type: z.literal('message.accepted'), message_id: text });
const messageHeld = z.object({ ...answered, type: z.literal('message.held') });
const messagePaused = z.object({ ...answered, type: z.literal('message.paused') });
const messageRejected = z.object({
  ...answered,
  type: z.literal('message.rejected'),
  error_code: z.number().int(),
  error_title: z.string().max(512).optional(),
});

const contactUpserted = z.object({
  ...base,
  type: z.literal('contact.upserted'),
  contact_id: text,
  phone: phone.optional(),
  user_id: text.optional(),
  name: z.string().max(512).optional(),
  language: text.optional(),
  time_zone: text.optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});
const consentChanged = z
  .object({
    ...base,
    type: z.literal('consent.changed'),
    ...person,
    category: text.default('marketing'),
    state: z.enum(['granted', 'withdrawn']),
    detail: z.string().max(512).optional(),
  })
  .refine(named, personNamed);
const segmentMove = { ...base, contact_id: text, segment_id: text };
const segmentEntered = z.object({ ...segmentMove, type: z.literal('segment.entered') });
const segmentLeft = z.object({ ...segmentMove, type: z.literal('segment.left') });
const experimentAssigned = z.object({
  ...base,
  type: z.literal('experiment.assigned'),
  experiment_id: text,
  contact_id: text,
  arm_id: text,
  holdout: z.boolean().default(false),
});
const linkClicked = z
  .object({
    ...base,
    type: z.literal('link.clicked'),
    contact_id: text.optional(),
    send_id: text.optional(),
    message_id: text.optional(),
    campaign_id: text.optional(),
    url: z.string().max(2048).optional(),
    click_id: text.optional(),
  })
  .refine((o) => o.contact_id !== undefined || o.send_id !== undefined || o.message_id !== undefined, {
    message: 'one of contact_id, send_id, message_id is needed',
    path: ['send_id'],
  });
const orderCompleted = z
  .object({
    ...base,
    type: z.literal('order.completed'),
    ...person,
    order_id: text,
    amount,
    currency,
    send_id: text.optional(),
    campaign_id: text.optional(),
  })
  .refine(named, personNamed);
const orderRefunded = z.object({ ...base, type: z.literal('order.refunded'), ...person, order_id: text, amount, currency });
const goalReached = z
  .object({
    ...base,
    type: z.literal('goal.reached'),
    ...person,
    goal: text,
    amount: amount.optional(),
    currency: currency.optional(),
    send_id: text.optional(),
    campaign_id: text.optional(),
  })
  .refine(named, personNamed);

export const eventSchema = z.discriminatedUnion('type', [
  messageRequested,
  messageAccepted,
  messageHeld,
  messagePaused,
  messageRejected,
  contactUpserted,
  consentChanged,
  segmentEntered,
  segmentLeft,
  experimentAssigned,
  linkClicked,
  orderCompleted,
  orderRefunded,
  goalReached,
]);

/** A first-party event, checked. */
export type FirstPartyEvent = z.output<typeof eventSchema>;
/** A first-party event as a client writes it. */
export type FirstPartyEventInput = z.input<typeof eventSchema>;
