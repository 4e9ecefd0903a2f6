import { z } from 'zod';
import { verdictStates } from '../models/experiments/document.ts';

/** Answers about experiments, for the OpenAPI description. */
const text = z.string();
const number = z.number().nullable();
const bilingual = z.object({ en: text, fr: text });
const estimate = z.object({ value: number, low: number, high: number });
const side = z.object({ arm: text, n: z.number(), x: number, value: number });

const comparison = z.object({
  arm: text,
  control: side,
  treatment: side,
  method: z
    .enum(['score', 'welch', 'cuped', 'sequence'])
    .describe('Miettinen-Nurminen score, Welch, CUPED; without a plan the sequence'),
  p: number,
  p_adjusted: number.describe('By Holm over the variants'),
  confidence: z.number().describe('Of the intervals: 1 minus the alpha that this look may spend'),
  absolute: estimate,
  relative: estimate,
  decision: z.enum(['better', 'worse', 'not_worse', 'same', 'undecided']),
  sequence: z
    .object({
      absolute: estimate,
      p: number,
      speaks: z
        .boolean()
        .describe('False until each arm has 5 people with the outcome and 5 without: until then p and ends are null'),
    })
    .describe('Always valid, however often it is looked at'),
  stratified: z
    .array(
      z.object({
        by: z.enum(['market', 'segment']),
        strata: z.number(),
        people: z.number(),
        absolute: z.number(),
        relative: estimate,
        p: z.number(),
        plain_absolute: z.number().describe('The plain difference of the same people'),
        heterogeneity_p: number,
        disagrees: z.boolean().describe('The arms hold different people, and that makes the difference (Simpson)'),
      }),
    )
    .describe('Mantel-Haenszel within markets and within segments; empty where there is only one, and in lists'),
  reference: z
    .object({ pooled_z_p: number, fisher_p: number, chance_to_win: number, expected_loss: number })
    .nullable()
    .describe('Other methods; they decide nothing'),
});

export const verdictSchema = z.object({
  experiment_id: text,
  name: text,
  as_of: text,
  design_hash: text,
  plan: z.enum(['filed', 'late', 'none']).describe('late: filed or changed after the start, so it decides nothing'),
  state: z.enum(verdictStates),
  arm: text.nullable().describe('The arm that it is about'),
  sentence: bilingual.describe('What, how sure, what to do next'),
  decided_by: z.enum(['plan', 'sequence', 'health', 'guardrail']).nullable(),
  metric: text,
  goal: text.nullable(),
  age_hours: z.number(),
  currency: text.nullable(),
  people: z.number(),
  counted: z.number().describe('Those whose whole window has passed'),
  maturity: number,
  people_per_day: z.number(),
  days_to_go: number,
  detectable: number.describe('Smallest relative effect seen with 80 % power by so many'),
  looks: z
    .object({ planned: z.number(), taken: z.number(), information: z.number(), next_at: number, nominal_alpha: number })
    .nullable(),
  comparisons: z.array(comparison),
  secondary: z.array(
    z.object({ metric: text, arm: text, control: side, treatment: side, absolute: estimate, p: number, p_adjusted: number }),
  ),
  guardrails: z.array(
    z.object({
      metric: text,
      arm: text,
      limit: number.describe('Of a margin: what it comes to at the control’s rate so far'),
      margin: number.describe('Accepted on top of the control’s rate, of that rate; null for a limit that stands by itself'),
      control: z.object({ arm: text, n: z.number(), x: z.number() }).nullable(),
      n: z.number(),
      x: z.number(),
      rate: number,
      p: z.number(),
      alarm: z.boolean(),
    }),
  ),
  health: z.array(
    z.object({
      code: text,
      ok: z.boolean(),
      count: z.number(),
      p: number,
      arm: text.nullable(),
      suspects: z
        .array(
          z.object({
            dimension: z.enum(['market', 'segment', 'day']),
            value: text.nullable(),
            people: z.number(),
            p: z.number(),
            explains: z.boolean().describe('The others have the right shares: it alone makes the mismatch'),
          }),
        )
        .describe('Where a broken sample ratio comes from, the most suspicious first'),
    }),
  ),
  notes: z.array(z.object({ code: text, text: bilingual })),
  arms: z.array(
    z.object({
      id: text,
      name: text.nullable(),
      holdout: z.boolean(),
      weight: number.describe('null where the experiment is known from assignments alone'),
      people: z.number(),
      counted: z.number(),
      contacted: z.number(),
    }),
  ),
});

/** The same document, without other methods and metrics. */
export const verdictSummarySchema = verdictSchema.describe('Without reference lines and secondary metrics');

const segmentComparison = z.object({
  absolute: estimate,
  relative: estimate,
  p: number,
  p_adjusted: number,
  selected: z.boolean().describe('p_adjusted is below 0.05'),
  confidence: z
    .number()
    .describe('Of the intervals: of the selected such that of all selected at most one in twenty misses (FCR)'),
});
const count = z.object({ n: z.number(), x: z.number() });

export const segmentLiftSchema = z.object({
  experiment_id: text,
  metric: text,
  effect_of: z.object({ control: text, treatment: z.array(text), holdout: z.boolean() }),
  currency: text.nullable(),
  heterogeneity: z
    .object({ q: z.number(), df: z.number(), p: z.number() })
    .nullable()
    .describe('Whether effects differ between segments at all'),
  segments: z.array(
    z.object({
      segment: text.nullable(),
      n: z.number(),
      x: z.number(),
      rate: number,
      versus_everyone: segmentComparison,
      versus_rest: segmentComparison,
      effect: segmentComparison.extend({ control: count, treatment: count }),
      value_per_1000_messages: estimate.nullable().describe('Incremental revenue of 1,000 messages; null without a hold-out'),
      profit_per_1000_messages: estimate
        .nullable()
        .describe('That times the margin, less the cost; null unless both are known in one currency'),
      selection: z.boolean().describe('Differs from the rest, and its messages do nothing that can be shown'),
    }),
  ),
  sentence: bilingual,
});
