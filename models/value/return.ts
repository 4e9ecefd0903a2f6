import { incrementality } from '../statistics/incrementality.ts';
import type { Interval } from '../statistics/rate-interval.ts';
import { normIsf } from '../statistics/special.ts';

/** What came back for what was spent. Ratios are null where the cost is 0 or not known, those with a margin where that is not known. */
export interface Return {
  /** Revenue, in currency units, with its interval; null where it cannot be had. */
  revenue: number;
  revenue_ci: Interval | null;
  /** Revenue / cost. */
  roas: number | null;
  roas_ci: Interval | null;
  /** (revenue x margin - cost) / cost. */
  roi: number | null;
  roi_ci: Interval | null;
}

/** Money spent, exact, in micro-units; and the share of revenue that is left after the goods are paid. */
export interface Spent {
  /** Null where it is not known. */
  costMicros: bigint | null;
  margin: number | null;
}

/** Revenue of messages: its exact sum, and the centred sum of squares of what one message brought, those that brought nothing among them. */
export interface CreditedRevenue {
  messages: number;
  revenueMicros: bigint;
  /** In currency units squared. */
  squares: number;
}

/**
 * The return of revenue that is credited to messages by a rule. It has no control group: it is an upper bound of what the messages
 * caused. Its interval tells how much it would vary with the same people buying as they do: n times the mean, by the normal distribution.
 */
export function attributedReturn({ messages, revenueMicros, squares }: CreditedRevenue, spent: Spent, confidence = 0.95): Return {
  const revenue = Number(revenueMicros) / 1e6;
  const half = messages < 2 ? null : normIsf((1 - confidence) / 2) * Math.sqrt((squares / (messages - 1)) * messages);
  return {
    ...returnOf(revenue, half === null ? null : [Math.max(0, revenue - half), revenue + half], spent),
    roi: roiOf(revenueMicros, spent),
  };
}

/** One arm of a hold-out test: people, those who ordered or reached the goal, and revenue of all, zeros too. */
export interface RevenuePeople {
  people: number;
  converted: number;
  /** Per person, in currency units. */
  mean: number;
  /** Centred sum of squares. */
  squares: number;
}

export type IncrementalReturn = Return & {
  incremental_conversions: number;
  incremental_conversions_ci: Interval;
  /** Null when the increment is not above 0. */
  cost_per_incremental_conversion: number | null;
};

/**
 * The return of what the messages caused: people who were to get them against people who were held out, by intention to treat, scaled
 * to all who were to get them (Newcombe for conversions, Welch for revenue: see `incrementality`).
 * @param spent on these treated people
 */
export function incrementalReturn(
  holdout: RevenuePeople,
  treated: RevenuePeople,
  spent: Spent,
  confidence = 0.95,
): IncrementalReturn {
  const arm = ({ people, converted, mean, squares }: RevenuePeople) => ({
    n: people,
    x: converted,
    revenue_sum: people * mean,
    revenue_sum_sq: squares + people * mean * mean,
  });
  const found = incrementality({ holdout: arm(holdout), treated: arm(treated), confidence });
  const cost = spent.costMicros === null ? null : Number(spent.costMicros) / 1e6;
  return {
    ...returnOf(found.incremental_revenue ?? 0, found.incremental_revenue_ci ?? null, spent),
    incremental_conversions: found.incremental_conversions,
    incremental_conversions_ci: found.incremental_conversions_newcombe_ci,
    cost_per_incremental_conversion:
      cost === null || found.incremental_conversions <= 0 ? null : cost / found.incremental_conversions,
  };
}

function returnOf(revenue: number, ci: Interval | null, { costMicros, margin }: Spent): Return {
  const cost = costMicros === null || costMicros === 0n ? null : Number(costMicros) / 1e6;
  const roas = (value: number) => (cost === null ? null : value / cost);
  const roi = (value: number) => (cost === null || margin === null ? null : (value * margin - cost) / cost);
  const both = (of: (value: number) => number | null): Interval | null => {
    const [low, high] = ci === null ? [null, null] : [of(ci[0]), of(ci[1])];
    return low === null || high === null ? null : [low, high];
  };
  return { revenue, revenue_ci: ci, roas: roas(revenue), roas_ci: both(roas), roi: roi(revenue), roi_ci: both(roi) };
}

/** From exact sums, so that a return of nothing is exactly -1 and one that breaks even exactly 0. */
function roiOf(revenueMicros: bigint, { costMicros, margin }: Spent): number | null {
  if (costMicros === null || costMicros === 0n || margin === null) return null;
  const profit = revenueMicros * BigInt(Math.round(margin * 1e6)) - costMicros * 1_000_000n;
  return Number(profit) / Number(costMicros * 1_000_000n);
}
