import { z } from 'zod';

/**
 * Bodies of the controller's commands. They are written by Sluice itself, so only what becomes a column is checked here; the rest is
 * stored as it came. Times are milliseconds since 1970 UTC.
 */
const name = z.string().min(1).max(512);
/** Up to three parts of 512 characters, URL-encoded. */
const scope = z.string().min(1).max(5000);
/** Like all times of the log between 2009 and 2100. */
const millis = z
  .number()
  .min(Date.UTC(2009, 0, 1))
  .lt(Date.UTC(2100, 0, 1));
const amount = z.number().min(0).nullable();
const part = z.string().nullable();

/** `control.policy`: the policy in force from now on; the id is its hash. */
export const policySchema = z.object({ policy: z.object({}).loose() });

/** `control.decision`: one decision with all that it saw. */
export const decisionSchema = z.object({
  decision_id: name,
  seq: z.number().int().min(1),
  scope,
  at: millis,
  policy_mode: name,
  policy_hash: name,
  rule: name,
  limit: amount,
  per_second: amount,
  reason: z.object({ code: name }),
  until: millis.nullable(),
  owner: name,
});

/** `control.override`: what an operator sets on a scope; the id is the override's. */
export const overrideSchema = z.object({
  scope,
  action: z.enum(['pause', 'limit', 'hold', 'resume']),
  window: amount,
  per_second: amount,
  reason: z.string().max(4096),
  until: millis.nullable(),
});

/** `control.lift`: ends an override before its time. */
export const liftSchema = z.object({ reason: z.string().max(4096) });

/** One grant. Parts of the address that nobody named and an empty list of people may be left out. */
const grantSchema = z.object({
  permit_id: name,
  request_id: name,
  address: z.object({
    portfolio_id: part.optional(),
    waba_id: part.optional(),
    phone_number_id: part.optional(),
    template_name: part.optional(),
    template_language: part.optional(),
    campaign_id: part.optional(),
    variant_id: part.optional(),
    segment_id: part.optional(),
    market: part.optional(),
  }),
  category: name,
  granted: z.number().int().min(0),
  people: z.array(name).readonly().optional(),
  at: millis,
  expires_at: millis,
  shadow: z.boolean(),
  answer: z.unknown(),
});

/** `permit.grant`: sending rights given, many in one record. */
export const grantsSchema = z.object({ grants: z.array(grantSchema).min(1).readonly() });

/** `permit.return`: so many rights of a permit come back unused. */
export const returnSchema = z.object({ count: z.number().int().min(1) });
