import { z } from 'zod';
import { sha256 } from './hash.ts';
import { canonicalJson } from './json.ts';
import { currency } from './money.ts';

/** Bodies of the commands about experiments. */
const text = z.string().min(1).max(512);
const share = z.number().gt(0).lt(1);

/** Outcomes of one person that a verdict may be about. */
export const experimentMetrics = ['read', 'reply', 'click', 'conversion', 'revenue'] as const;
export const guardrailMetrics = ['unsubscribe', 'failure', 'negative_reply'] as const;
export const experimentDimensions = ['content', 'call_to_action', 'send_time', 'offer'] as const;

const arm = z.object({
  id: text,
  name: text.optional(),
  weight: z.number().min(0).max(1_000_000).default(1),
  /** Gets no message. */
  holdout: z.boolean().default(false),
  /** Hours after the assignment at which this arm is sent to: its people's outcomes are counted from then on. */
  send_after_hours: z.number().int().min(0).max(720).default(0),
});

const planSchema = z.object({
  /** The primary metric. */
  metric: z.enum(experimentMetrics),
  /** Conversion only: this goal, instead of any order or goal. */
  goal: text.optional(),
  /** Hours in which a person's outcomes count. */
  age_hours: z.number().int().min(1).max(2160).default(24),
  /** The smallest effect worth knowing, of the control's value or as it stands. */
  mde: z.union([
    z.strictObject({ relative: z.number().positive().max(100) }),
    z.strictObject({ absolute: z.number().positive() }),
  ]),
  /** People in all arms together at the last look. */
  horizon: z.number().int().min(20).max(1_000_000_000),
  looks: z.number().int().min(1).max(20).default(5),
  alpha: z.number().min(0.0001).max(0.2).default(0.05),
  guardrails: z
    .array(
      z
        .object({
          metric: z.enum(guardrailMetrics),
          /** Share of people that must not be passed. */
          limit: share.optional(),
          /** Of the control's rate: 0.25 accepts a quarter more. */
          margin: z.number().min(0).max(10).optional(),
        })
        .refine(({ limit, margin }) => (limit === undefined) !== (margin === undefined), 'has either a limit or a margin'),
    )
    .max(6)
    .default([{ metric: 'unsubscribe', limit: 0.02 }]),
});

/** `PUT /v1/experiments/{id}`. */
export const experimentSchema = z
  .object({
    name: text,
    /** Whose messages are the treatment; the experiment's own id unless told. */
    campaign_id: text.optional(),
    dimension: z.enum(experimentDimensions).default('content'),
    /** Goes into the hash that assigns people; the experiment's id unless told. */
    salt: text.optional(),
    /** The first arm is what the others are compared with, unless it is a hold-out and others follow that are not. */
    arms: z
      .array(arm)
      .min(2)
      .max(20)
      .refine((arms) => new Set(arms.map(({ id }) => id)).size === arms.length, 'has two arms with one id')
      .refine((arms) => arms.some(({ weight }) => weight > 0), 'has no arm with a weight'),
    /** ISO 4217: only orders in it count as revenue. */
    currency: currency.optional(),
    /** Without one, only the always-valid sequence may decide. */
    plan: planSchema.optional(),
    /** Without a plan: the metric to look at, click unless told. */
    metric: z.enum(experimentMetrics).optional(),
    goal: text.optional(),
    age_hours: z.number().int().min(1).max(2160).optional(),
  })
  .refine(({ plan, metric, goal, age_hours }) => plan === undefined || (metric ?? goal ?? age_hours) === undefined, {
    message: 'stands in the plan, where there is one',
    path: ['metric'],
  })
  .refine(
    ({ plan, arms }) =>
      !plan?.guardrails.some(({ margin }) => margin !== undefined) || arms.filter(({ holdout }) => !holdout).length > 1,
    { message: 'with a margin needs a second arm that sends to compare with', path: ['plan', 'guardrails'] },
  )
  .refine((body) => body.dimension === 'send_time' || body.arms.every(({ send_after_hours }) => send_after_hours === 0), {
    message: 'only arms of a send_time experiment have send_after_hours',
    path: ['arms'],
  });
export type ExperimentBody = z.output<typeof experimentSchema>;

/** `experiment.look`: what a verdict said, with all that it saw; the id is the experiment's. Written by Sluice itself. */
export const lookSchema = z.object({
  design_hash: text,
  look: z.number().int().min(0),
  state: text,
  document: z.object({}).loose(),
});

/** What is measured, by the plan or without one. */
export function measured({ plan, metric, goal, age_hours }: ExperimentBody) {
  return {
    metric: plan?.metric ?? metric ?? 'click',
    goal: plan === undefined ? (goal ?? null) : (plan.goal ?? null),
    age_hours: plan?.age_hours ?? age_hours ?? 24,
  };
}

/** Hash of everything that must not change once people are in: arms, salt, campaign, what is measured, and the plan. Names may. */
export function designHash(id: string, body: ExperimentBody): string {
  const arms = body.arms.map(({ id, weight, holdout, send_after_hours }) => ({ id, weight, holdout, send_after_hours }));
  const { dimension, currency = null, plan = null } = body;
  const campaign = body.campaign_id ?? id;
  return sha256(canonicalJson({ id, campaign, dimension, salt: body.salt ?? id, arms, currency, plan, ...measured(body) }), 22);
}
