import { z } from 'zod';
import { denials, type Permit, type PermitRequest } from '../controller/permit.ts';

export const id = z.string().min(1).max(512);
const contact = z
  .object({
    contact_id: id.optional(),
    phone: id.optional(),
    user_id: id.optional(),
  })
  .refine((one) => one.contact_id !== undefined || one.phone !== undefined || one.user_id !== undefined, {
    error: 'one of contact_id, phone, user_id is needed',
    path: ['contact_id'],
  })
  .meta({ anyOf: [{ required: ['contact_id'] }, { required: ['phone'] }, { required: ['user_id'] }] });

export const permitBodySchema = z
  .object({
    request_id: id.describe('Yours. The same id gets the same answer for a day, so a new try needs a new id'),
    phone_number_id: id,
    category: z.enum(['marketing', 'utility', 'authentication', 'service']),
    campaign_id: id.optional(),
    template_name: id.optional(),
    template_language: id.optional(),
    segment_id: id.optional(),
    variant_id: id.optional(),
    market: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional()
      .describe('Country of all recipients of a count, ISO 3166-1 alpha-2: without it a braked market binds the whole count'),
    count: z.number().int().min(1).max(1_000_000).optional().describe('So many sends, to whomever'),
    contacts: z.array(contact).min(1).max(1000).optional().describe('Or sends to these people, each judged'),
    lease_seconds: z.number().int().min(1).max(3600).optional().describe('The policy caps it'),
  })
  .refine((body) => (body.count === undefined) !== (body.contacts === undefined), {
    error: 'either count or contacts is needed',
    path: ['count'],
  })
  .meta({ oneOf: [{ required: ['count'] }, { required: ['contacts'] }] });
/** A request for rights as it came, checked. */
export type PermitBody = z.output<typeof permitBodySchema>;

/** The answer. */
export const permitSchema = z.object({
  permit_id: z.string().describe('Name it in message.requested events'),
  granted: z.number().int().describe('May be less than was asked; 0 means: send nothing'),
  denied: z.array(z.object({ contact_id: z.string(), reason: z.enum(denials) })),
  expires_at: z.string().describe('The permit is worth nothing from then on'),
  scope: z.string().describe('What binds it most tightly'),
  state: z.string(),
  reason: z.string(),
  retry_after_ms: z.number().nullable().describe('When it is worth asking again; null when nobody knows'),
});

export function requestOf(body: PermitBody): PermitRequest {
  return {
    request_id: body.request_id,
    address: {
      portfolio_id: null,
      waba_id: null,
      phone_number_id: body.phone_number_id,
      template_name: body.template_name ?? null,
      template_language: body.template_language ?? null,
      campaign_id: body.campaign_id ?? null,
      variant_id: body.variant_id ?? null,
      segment_id: body.segment_id ?? null,
      ...(body.market === undefined ? {} : { market: body.market }),
    },
    category: body.category,
    count: body.count ?? null,
    contacts:
      body.contacts?.map(({ contact_id, phone, user_id }) => ({
        contact_id: contact_id ?? null,
        phone: phone ?? null,
        user_id: user_id ?? null,
      })) ?? null,
    lease_seconds: body.lease_seconds ?? null,
  };
}

/** The answer as text; of a list each says whose it is. */
export function answerText(answer: Permit, request_id?: string): string {
  const { permit_id, granted, denied, expires_at, scope, state, reason, retry_after_ms } = answer;
  return JSON.stringify({
    request_id,
    permit_id,
    granted,
    denied,
    expires_at: isoText(expires_at),
    scope,
    state,
    reason,
    retry_after_ms,
  });
}

const newest = { at: 0, text: new Date(0).toISOString() };

/** ISO 8601, made once for all leases that end in one millisecond. */
function isoText(at: number): string {
  if (at !== newest.at) {
    newest.text = new Date(at).toISOString();
    newest.at = at;
  }
  return newest.text;
}
