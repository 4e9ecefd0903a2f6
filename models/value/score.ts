import { type Outlook, type Prospect, prospectIfAlive } from './clv.ts';
import { type DropoutModel, type DropoutParams, pAlive } from './dropout-model.ts';
import { expectedSpend, type SpendParams } from './gamma-gamma.ts';
import { type HistoryColumns, unitDays, units } from './history-columns.ts';

/** Fitted models; without one of spend there is no forecast of revenue. */
export interface Fitted {
  model: DropoutModel;
  params: DropoutParams;
  spend: SpendParams | null;
}

/** Customers with one history, scored together. */
export interface ScoredHistory {
  /** Row of the columns. */
  at: number;
  count: number;
  frequency: number;
  /** How many of them are still customers, in expectation. */
  active: number;
  /** Purchases to be expected of all of them over the outlook. */
  transactions: number;
  /** The value of those, in currency units, and the same discounted; null where the spend model has no mean. */
  revenue: number | null;
  discounted: number | null;
}

/**
 * Scores every history once. What is to be expected of one who is still a customer depends on frequency and age alone, so it is
 * computed once for each pair of them.
 */
export function* scoreHistories(
  { model, params, spend }: Fitted,
  { frequency, recencyDays, ageDays, customers, repeatMicros }: HistoryColumns,
  outlook: Outlook,
): Generator<ScoredHistory> {
  const known = new Map<number, Prospect>();
  for (let at = 0; at < frequency.length; at += 1) {
    const [x, age, count] = [frequency[at] ?? 0, ageDays[at] ?? 0, customers[at] ?? 0];
    const history = { frequency: x, recency: (recencyDays[at] ?? 0) / unitDays, T: age / unitDays };
    const key = x * 100_000 + age;
    let prospect = known.get(key);
    if (prospect === undefined) {
      prospect = prospectIfAlive(model, params, history, outlook);
      known.set(key, prospect);
    }
    const active = count * pAlive(model, params, history);
    // The mean purchase is linear in what was spent, so customers with one history share their sum.
    const mean = spend === null ? null : expectedSpend(spend, x, units(repeatMicros[at] ?? 0n) / count);
    yield {
      at,
      count,
      frequency: x,
      active,
      transactions: active * prospect.transactions,
      revenue: mean === null ? null : mean * active * prospect.transactions,
      discounted: mean === null ? null : mean * active * prospect.discounted,
    };
  }
}
