import { z } from 'zod';
import { decisionSchema, grantsSchema, liftSchema, overrideSchema, policySchema, returnSchema } from './control-command.ts';
import { experimentSchema, lookSchema } from './experiment-command.ts';
import { currency } from './money.ts';

/** Commands change what Sluice knows or does. Each is a record of the log before it takes effect. */
const text = z.string().min(1).max(512);
const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'is not an IANA time zone, e.g. Europe/Berlin');

/** `PUT /v1/campaigns/{id}`. */
export const campaignSchema = z.object({
  name: text,
  objective: text.optional(),
  phone_number_id: text.optional(),
  template_name: text.optional(),
  template_language: text.optional(),
  category: z.enum(['marketing', 'utility', 'authentication', 'service']).default('marketing'),
  windows: z
    .object({
      /** Hours after delivery in which a reply counts. */
      reply_hours: z.number().int().min(1).max(720).default(24),
      /** Hours after delivery in which an opt-out is credited. */
      optout_hours: z.number().int().min(1).max(720).default(24),
      /** Days after delivery in which an order or goal is attributed. */
      conversion_days: z.number().int().min(1).max(90).default(7),
    })
    .prefault({}),
  /** Share of revenue that is margin, 0 to 1. */
  margin: z.number().min(0).max(1).optional(),
  arms: z
    .array(
      z.object({ id: text, name: text.optional(), weight: z.number().min(0).default(1), holdout: z.boolean().default(false) }),
    )
    .max(100)
    .refine((arms) => new Set(arms.map((arm) => arm.id)).size === arms.length, 'has two arms with one id')
    .default([]),
  policy: z.record(z.string(), z.unknown()).default({}),
});
export const portfolioSchema = z.object({
  name: text.optional(),
  /** Different people in 24 h that it may write to outside service windows, while the platform has said nothing. */
  messaging_limit: z.number().int().min(1).optional(),
});
export const wabaSchema = z.object({
  name: text.optional(),
  portfolio_id: text.optional(),
  time_zone: timeZone.default('UTC'),
  currency: currency.default('USD'),
});
export const phoneNumberSchema = z.object({ name: text.optional(), waba_id: text.optional(), display_phone: text.optional() });

/** That somebody asked to be forgotten, and by how many names they were known: who it was is not said. The id is the request's. */
const forgetSchema = z.object({ names: z.number().int().min(0) });

/** What the platform itself counted and charged: an answer of its analytics as it came, see analytics.ts. The id is the account's. */
const analyticsSchema = z.object({ answer: z.object({}).loose() });

const base = {
  /** Time-ordered id of this command. */
  command_id: text,
  /** When it was given. */
  at: z.iso.datetime({ offset: true }),
  /** Who gave it: the role of the token. */
  actor: text,
  /** What it is about. */
  id: z.string().min(1).max(5000),
};

/** `permit.grant`: by far the most frequent. */
export const grantCommandSchema = z.object({ ...base, command: z.literal('permit.grant'), body: grantsSchema });

export const commandSchema = z.discriminatedUnion('command', [
  z.object({ ...base, command: z.literal('campaign.put'), body: campaignSchema }),
  z.object({ ...base, command: z.literal('portfolio.put'), body: portfolioSchema }),
  z.object({ ...base, command: z.literal('waba.put'), body: wabaSchema }),
  z.object({ ...base, command: z.literal('phone_number.put'), body: phoneNumberSchema }),
  z.object({ ...base, command: z.literal('experiment.put'), body: experimentSchema }),
  z.object({ ...base, command: z.literal('experiment.look'), body: lookSchema }),
  z.object({ ...base, command: z.literal('control.policy'), body: policySchema }),
  z.object({ ...base, command: z.literal('control.decision'), body: decisionSchema }),
  z.object({ ...base, command: z.literal('control.override'), body: overrideSchema }),
  z.object({ ...base, command: z.literal('control.lift'), body: liftSchema }),
  grantCommandSchema,
  z.object({ ...base, command: z.literal('permit.return'), body: returnSchema }),
  z.object({ ...base, command: z.literal('analytics.import'), body: analyticsSchema }),
  z.object({ ...base, command: z.literal('person.forget'), body: forgetSchema }),
]);

/** A command, checked. */
export type Command = z.output<typeof commandSchema>;
export type Campaign = z.output<typeof campaignSchema>;
