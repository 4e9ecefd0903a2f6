import { z } from 'zod';
import { valueParts } from './value-warehouse.ts';

const number = z.number().nullable();
const text = z.string().nullable();

const shared = {
  currency: z.string().optional().describe('ISO 4217; the one with the most orders unless given. Currencies are never added up'),
  by: z
    .enum(valueParts)
    .default('all')
    .describe(
      'One row for each month of the first purchase (cohort), campaign credited with the first order, or segment that the customer is in. A customer may be in several segments: do not add them up',
    ),
  margin: z.coerce.number().gt(0).max(1).default(1).describe('Share of revenue left after the cost of what was sold'),
  until: z.iso.date().optional().describe('Last day to know, UTC; the last whole day unless given'),
};

export const cohortParams = z.strictObject({
  ...shared,
  cost_per_customer: z.coerce.number().min(0).optional().describe('What it cost to win one customer: adds payback_months'),
});

export const forecastParams = z.strictObject({
  ...shared,
  months: z.coerce.number().int().min(1).max(60).default(12).describe('How far ahead'),
  discount: z.coerce.number().min(0).max(1).default(0.1).describe('Yearly rate at which later money is worth less'),
  model: z
    .enum(['mbgnbd', 'bgnbd'])
    .default('mbgnbd')
    .describe('bgnbd takes every customer with a single purchase for active; mbgnbd does not'),
});

const context = {
  currency: z.string(),
  currencies: z.array(z.object({ currency: z.string(), orders: z.number(), customers: z.number() })),
  until: z.string().describe('Last day that is known, UTC'),
  watermark: text.describe('Newest event applied'),
};

export const cohortAnswer = z.object({
  ...context,
  rows: z.array(
    z.object({
      part: text.describe('Campaign or segment; null for none'),
      cohort: z.string().describe('Month of the first purchase'),
      customers: z.number(),
      cumulative_revenue_per_customer: z.array(z.number()).describe('After refunds, by months since the first purchase'),
      complete_months: z.number().describe('How many of these months are over'),
      payback_months: number.optional().describe('Months until cost_per_customer was earned; null when not yet'),
    }),
  ),
});

const outcome = { expected: z.number(), actual: z.number(), error: number.describe('expected / actual - 1') };
export const forecastAnswer = z.object({
  ...context,
  months: z.number(),
  fit: z.object({
    model: z.string(),
    fitted_at: z.string(),
    customers: z.number(),
    customers_with_repeat: z.number(),
    params: z.record(z.string(), z.number()),
    standard_errors: z.record(z.string(), z.number()).nullable(),
    log_likelihood: z.number(),
    spend: z
      .object({ params: z.record(z.string(), z.number()), customers_used: z.number(), population_mean: number })
      .nullable()
      .describe('Null where the value of purchases cannot be forecast'),
    frequency_value_correlation: number,
    doubts: z.array(z.string()),
  }),
  back_test: z
    .object({
      holdout_days: z.number(),
      customers: z.number(),
      transactions: z.object(outcome),
      revenue: z.object(outcome).nullable(),
      naive: z.object(outcome).describe('Every customer goes on at the mean rate so far'),
      by_frequency: z.array(z.object({ frequency: z.string(), customers: z.number(), ...outcome })),
    })
    .describe('What this forecast would have said before the hold-out, beside what came'),
  rows: z.array(
    z.object({
      part: text,
      customers: z.number(),
      active_customers: z.number().describe('Who are still customers, in expectation'),
      historic_revenue: z.number(),
      expected_transactions: z.number(),
      expected_revenue: number,
      residual_value: number.describe('Expected revenue x margin, discounted'),
      lifetime_value_per_customer: number.describe('(historic revenue x margin + residual value) / customers'),
    }),
  ),
});
