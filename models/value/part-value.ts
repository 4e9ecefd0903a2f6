import type { Outlook } from './clv.ts';
import type { ForecastFit } from './forecast.ts';
import { type HistoryColumns, units } from './history-columns.ts';
import { scoreHistories } from './score.ts';

/** What customers of one part have brought, and are expected to bring. Money in currency units. */
export interface PartValue {
  part: string | null;
  customers: number;
  /** Who are still customers, in expectation. */
  active_customers: number;
  /** After refunds, up to the end of the calibration. */
  historic_revenue: number;
  expected_transactions: number;
  /** Null where the value of purchases cannot be forecast, as is all that follows from it. */
  expected_revenue: number | null;
  /** Expected revenue x margin, discounted: the value still to come. */
  residual_value: number | null;
  /** (historic revenue x margin + residual value) / customers. */
  lifetime_value_per_customer: number | null;
}

export interface ScoreQuestion {
  fit: ForecastFit;
  histories: HistoryColumns;
  outlook: Outlook;
  /** Share of revenue that is left after the cost of what was sold. */
  margin: number;
}

/** Scores customers by part with a fitted forecast. */
export function scoreParts({ fit: { model, process, spend }, histories, outlook, margin }: ScoreQuestion): PartValue[] {
  const empty = () => ({ customers: 0, active: 0, transactions: 0, revenue: 0, discounted: 0, micros: 0n });
  const sums = histories.parts.map(empty);
  const fitted = { model, params: process.params, spend: spend?.params ?? null };
  for (const scored of scoreHistories(fitted, histories, outlook)) {
    const sum = sums[histories.part[scored.at] ?? 0] ?? empty();
    sum.customers += scored.count;
    sum.active += scored.active;
    sum.transactions += scored.transactions;
    sum.revenue += scored.revenue ?? 0;
    sum.discounted += scored.discounted ?? 0;
    sum.micros += histories.micros[scored.at] ?? 0n;
  }
  return sums.map(({ customers, active, transactions, revenue, discounted, micros }, i) => {
    const residual = spend === null ? null : discounted * margin;
    return {
      part: histories.parts[i] ?? null,
      customers,
      active_customers: active,
      historic_revenue: units(micros),
      expected_transactions: transactions,
      expected_revenue: spend === null ? null : revenue,
      residual_value: residual,
      lifetime_value_per_customer: residual === null || customers === 0 ? null : (units(micros) * margin + residual) / customers,
    };
  });
}
