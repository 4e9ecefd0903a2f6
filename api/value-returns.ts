import { z } from 'zod';
import { paybackMonths } from '../models/value/payback.ts';
import { attributedReturn, incrementalReturn } from '../models/value/return.ts';
import type { CampaignReturn, HoldoutOutcome } from './value-warehouse.ts';

const number = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();
const back = {
  revenue: z.number(),
  revenue_ci: interval,
  roas: number.describe('Revenue / cost'),
  roas_ci: interval,
  roi: number.describe('(revenue x margin - cost) / cost; null without a margin'),
  roi_ci: interval,
};

export const returnsParams = z.strictObject({ campaign: z.string().min(1).max(512).optional().describe('Only this one') });

export const returnsAnswer = z.object({
  rows: z.array(
    z.object({
      campaign_id: z.string(),
      name: z.string().nullable(),
      currency: z.string().describe('The reporting currency'),
      margin: number,
      cost: z.number().describe('Of the messages whose cost is known'),
      delivered: z.number(),
      unpriced_messages: z.number().describe('Cost is not known: then no ratio to the cost is given'),
      unvalued_orders: z.number().describe('Credited, and not in the revenue: their value is not known'),
      customers_won: z.number().describe('People whose first order is credited to the campaign'),
      cost_per_customer_won: number,
      reply_cost: z.number().describe('Of the service messages that answered replies to the campaign'),
      unpriced_replies: z.number().describe('Such messages whose cost is not known'),
      with_replies: z
        .object({ cost: number, roas: number, roi: number, cost_per_customer_won: number })
        .describe('The attributed return on messages and answers together; null where a cost is not known'),
      payback_months: number.describe(
        'Whole months from the first purchase of a customer won until all of them had brought back, in margin, what messages and answers cost; 0 in the first, null while not',
      ),
      attributed: z.object(back).describe('Of orders credited to messages: an upper bound of what the messages caused'),
      incremental: z
        .array(
          z.object({
            experiment_id: z.string(),
            people: z.object({ holdout: z.number(), treated: z.number() }).describe('Whose whole window has passed'),
            matured: number.describe('Share of the people to be treated whose window has passed; cost is taken in proportion'),
            ...back,
            iroas: number.describe('The same as roas, by its usual name'),
            incremental_conversions: z.number(),
            incremental_conversions_ci: interval,
            cost_per_incremental_conversion: number,
            doubt: z.string().nullable(),
          }),
        )
        .describe('What the messages caused, from each hold-out. These overlap with "attributed": never add them up'),
    }),
  ),
});
type Row = z.output<typeof returnsAnswer>['rows'][number];

/** A campaign's returns: attributed and incremental side by side. */
export function returnRow(campaign: CampaignReturn): Row {
  const { campaign_id, name, currency, margin, costMicros, delivered, unpriced, customers_won } = campaign;
  const cost = Number(costMicros) / 1e6;
  const spent = { costMicros: unpriced > 0 ? null : costMicros, margin };
  const revenue = { messages: delivered, revenueMicros: campaign.revenueMicros, squares: campaign.squares };
  return {
    campaign_id,
    name,
    currency,
    margin,
    cost,
    delivered,
    unpriced_messages: unpriced,
    unvalued_orders: campaign.unvalued,
    customers_won,
    cost_per_customer_won: unpriced > 0 || customers_won === 0 ? null : cost / customers_won,
    reply_cost: Number(campaign.replyCostMicros) / 1e6,
    unpriced_replies: campaign.repliesUnpriced,
    ...withReplies(campaign),
    attributed: attributedReturn(revenue, spent),
    incremental: campaign.holdouts.flatMap((one) => incrementalRow(one, spent, currency) ?? []),
  };
}

/** The return on messages and the answers to their replies together, and when it was earned back. */
function withReplies(campaign: CampaignReturn): Pick<Row, 'with_replies' | 'payback_months'> {
  const { costMicros, replyCostMicros, revenueMicros, unpriced, repliesUnpriced, customers_won, margin, wonMonths } = campaign;
  if (unpriced + repliesUnpriced > 0) {
    return { with_replies: { cost: null, roas: null, roi: null, cost_per_customer_won: null }, payback_months: null };
  }
  const whole = costMicros + replyCostMicros;
  const cost = Number(whole) / 1e6;
  const { roas, roi } = attributedReturn({ messages: 0, revenueMicros, squares: 0 }, { costMicros: whole, margin });
  const perCustomer = customers_won === 0 ? null : cost / customers_won;
  const payback =
    perCustomer === null || margin === null ? null : paybackMonths(cumulative(wonMonths, customers_won), margin, perCustomer);
  return { with_replies: { cost, roas, roi, cost_per_customer_won: perCustomer }, payback_months: payback };
}

/** Revenue per customer up to each month, those without an order among them. */
function cumulative(months: CampaignReturn['wonMonths'], customers: number): number[] {
  const known = new Map(months.map(({ month, micros }) => [month, micros]));
  let sum = 0n;
  return Array.from({ length: Math.max(-1, ...known.keys()) + 1 }, (_, month) => {
    sum += known.get(month) ?? 0n;
    return Number(sum) / 1e6 / customers;
  });
}

type Incremental = Row['incremental'][number];

/** Null while a side has fewer than two people whose window has passed: then there is nothing to compare. */
function incrementalRow(
  { experiment_id, holdout, treated, treated_assigned, currencies }: HoldoutOutcome,
  spent: { costMicros: bigint | null; margin: number | null },
  currency: string,
): Incremental | null {
  if (holdout.people < 2 || treated.people < 2) return null;
  const foreign = currencies.filter((name) => name !== currency);
  const share = (micros: bigint) => (micros * BigInt(treated.people)) / BigInt(treated_assigned);
  const costMicros = spent.costMicros === null || foreign.length > 0 ? null : share(spent.costMicros);
  const found = incrementalReturn(holdout, treated, { costMicros, margin: spent.margin });
  return {
    experiment_id,
    people: { holdout: holdout.people, treated: treated.people },
    matured: treated_assigned === 0 ? null : treated.people / treated_assigned,
    ...found,
    iroas: found.roas,
    doubt:
      foreign.length > 0
        ? `Revenue is in ${foreign.join(', ')}, cost in ${currency}: no ratio is given. Register the experiment with a currency.`
        : null,
  };
}
