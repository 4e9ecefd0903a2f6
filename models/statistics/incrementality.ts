import { varianceOfSums } from './moments.ts';
import type { Interval } from './rate-interval.ts';
import { type Arm, checkArms, checkConfidence, checkFinite, refuse } from './refusal.ts';
import { newcombe } from './two-proportion.ts';
import { effect, welchDf } from './welch-t.ts';

/** A hold-out or treated arm; revenue over all its units, zeros too. */
export interface RevenueArm extends Arm {
  revenue_sum?: number | undefined;
  revenue_sum_sq?: number | undefined;
}

export interface Incrementality {
  incremental_conversion_rate: number;
  incremental_conversions: number;
  incremental_conversions_newcombe_ci: Interval;
  /** Of the conversions among the treated, the share that would not have come without the message; null where there are none */
  attributed_share_incremental: number | null;
  /** With a cost; null when the increment is not above 0 */
  cost_per_incremental_conversion?: number | null;
  /** With revenue */
  incremental_revenue?: number;
  incremental_revenue_ci?: Interval | null;
  /** With revenue and cost; null when the cost is 0 */
  iroas?: number | null;
  roi?: number | null;
  iroas_ci?: Interval | null;
}

/**
 * What a campaign caused: the treated against a hold-out that got nothing, scaled to all treated. Conversions with Newcombe's
 * interval, revenue with Welch's; iROAS is incremental revenue over cost.
 * Source: R. Lewis and J. Rao, "The unfavorable economics of measuring the returns to advertising", QJE 130 (2015) 1941-1973.
 */
export function incrementality({
  holdout,
  treated,
  cost,
  confidence = 0.95,
}: {
  holdout: RevenueArm;
  treated: RevenueArm;
  cost?: number | undefined;
  confidence?: number | undefined;
}): Incrementality {
  checkArms(holdout, treated, ['holdout.', 'treated.']);
  checkFinite({
    'holdout.revenue_sum': holdout.revenue_sum,
    'holdout.revenue_sum_sq': holdout.revenue_sum_sq,
    'treated.revenue_sum': treated.revenue_sum,
    'treated.revenue_sum_sq': treated.revenue_sum_sq,
    cost,
  });
  checkConfidence(confidence);
  const rate = treated.x / treated.n - holdout.x / holdout.n;
  const conversions = rate * treated.n;
  const [low, high] = newcombe(holdout, treated, confidence);
  const result: Incrementality = {
    incremental_conversion_rate: rate,
    incremental_conversions: conversions,
    incremental_conversions_newcombe_ci: [low * treated.n, high * treated.n],
    attributed_share_incremental: treated.x === 0 ? null : conversions / treated.x,
  };
  if (cost !== undefined) result.cost_per_incremental_conversion = conversions > 0 ? cost / conversions : null;
  return { ...result, ...revenueIncrement(holdout, treated, cost, confidence) };
}

function revenueIncrement(
  holdout: RevenueArm,
  treated: RevenueArm,
  cost: number | undefined,
  confidence: number,
): Partial<Incrementality> {
  const [h, t] = [revenueMean(holdout, 'holdout.'), revenueMean(treated, 'treated.')];
  if (h === null || t === null) return {};
  const revenue = (t.mean - h.mean) * treated.n;
  const se2 = h.se2 + t.se2;
  const ci: Interval | null =
    se2 === 0
      ? null
      : (effect(t.mean - h.mean, Math.sqrt(se2), welchDf(h, t), confidence).ci.map((end) => end * treated.n) as Interval);
  const money = { incremental_revenue: revenue, incremental_revenue_ci: ci };
  if (cost === undefined) return money;
  if (cost === 0) return { ...money, iroas: null, roi: null, iroas_ci: null };
  const iroas = revenue / cost;
  return { ...money, iroas, roi: iroas - 1, iroas_ci: ci === null ? null : [ci[0] / cost, ci[1] / cost] };
}

function revenueMean(arm: RevenueArm, name: string): { n: number; mean: number; se2: number } | null {
  const { n, revenue_sum: sum, revenue_sum_sq: squares } = arm;
  if (sum === undefined || squares === undefined) return null;
  if (n < 2) refuse('insufficient_data', `${name}n`, `is ${n}`);
  return { n, mean: sum / n, se2: varianceOfSums(n, sum, squares) / n };
}
