import type { DropoutModel, DropoutParams } from './dropout-model.ts';
import type { SpendParams } from './gamma-gamma.ts';
import { type HistoryColumns, unitDays, units } from './history-columns.ts';
import { scoreHistories } from './score.ts';

/** Something forecast, and what came. */
interface Outcome {
  expected: number;
  actual: number;
  /** expected / actual - 1; null when nothing came. */
  error: number | null;
}

/** What a forecast made at the beginning of the hold-out would have said of the customers known then, beside what they did. */
export interface BackTest {
  holdout_days: number;
  customers: number;
  /** Repeat purchases, counted by days. */
  transactions: Outcome;
  /** Null where the value of purchases could not be forecast. */
  revenue: Outcome | null;
  /** The same with no model at all: every customer goes on at the mean rate so far. A forecast worth having errs less. */
  naive: Outcome;
  by_frequency: ({ frequency: string; customers: number } & Outcome)[];
}

const lastBucket = 7;

/** Forecasts the hold-out with parameters fitted before it. */
export function backTest(
  model: DropoutModel,
  params: DropoutParams,
  spend: SpendParams | null,
  { histories, holdoutDays }: { histories: HistoryColumns; holdoutDays: number },
): BackTest {
  const outlook = { steps: 1, stepUnits: holdoutDays / unitDays, discountRate: 0 };
  const scored = scoreHistories({ model, params, spend }, histories, outlook);
  const buckets = Array.from({ length: lastBucket + 1 }, () => ({ customers: 0, expected: 0, actual: 0 }));
  let [customers, expected, actual, revenue, purchases, customerDays] = [0, 0, 0, 0, 0, 0];
  let later = 0n;
  let priced = spend !== null;
  for (const { at, count, frequency, transactions, revenue: worth } of scored) {
    const came = histories.laterTransactions[at] ?? 0;
    const bucket = buckets[Math.min(frequency, lastBucket)];
    if (bucket !== undefined) {
      bucket.customers += count;
      bucket.expected += transactions;
      bucket.actual += came;
    }
    customers += count;
    expected += transactions;
    actual += came;
    later += histories.laterMicros[at] ?? 0n;
    purchases += count * frequency;
    customerDays += count * (histories.ageDays[at] ?? 0);
    if (worth === null) priced = false;
    else revenue += worth;
  }
  const naive = customerDays === 0 ? 0 : (purchases / customerDays) * holdoutDays * customers;
  return {
    holdout_days: holdoutDays,
    customers,
    transactions: outcome(expected, actual),
    revenue: priced ? outcome(revenue, units(later)) : null,
    naive: outcome(naive, actual),
    by_frequency: buckets.map((bucket, i) => ({
      frequency: i === lastBucket ? `${i}+` : String(i),
      customers: bucket.customers,
      ...outcome(bucket.expected, bucket.actual),
    })),
  };
}

function outcome(expected: number, actual: number): Outcome {
  return { expected, actual, error: actual === 0 ? null : expected / actual - 1 };
}
