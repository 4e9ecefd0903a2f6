import { type Purchase, perUnit } from './purchase.ts';
import type { PurchaseHistory } from './purchases.ts';

/** Recency, frequency and monetary value of one customer at the end of the calibration, and what came after it. */
export interface Rfm extends PurchaseHistory {
  /** Mean value of the days with a purchase after the first one, in currency units; 0 when there is none. */
  monetary_value: number;
  /** Days with a purchase after the calibration. */
  holdout_transactions: number;
}

export interface RfmOptions {
  /** Last day of the calibration, itself included; days since 1970. */
  calibrationEnd: number;
  /** Last day of the hold-out; without it all that is known. */
  holdoutEnd?: number;
  /** Days in the unit of time: 7 for weeks. */
  unitDays: number;
}

/**
 * RFM of each customer who bought within the calibration. Purchases on one calendar day are one transaction with the summed value
 * (Fader, Hardie & Lee, "RFM and CLV", 2005).
 */
export function rfm(purchases: Iterable<Purchase>, { calibrationEnd, holdoutEnd, unitDays }: RfmOptions): Map<string, Rfm> {
  const customers = new Map<string, Map<number, bigint>>();
  for (const { customer, day, micros } of purchases) {
    const days = customers.get(customer) ?? new Map<number, bigint>();
    customers.set(customer, days.set(day, (days.get(day) ?? 0n) + micros));
  }
  const rows = new Map<string, Rfm>();
  for (const [customer, days] of customers) {
    const all = [...days.keys()];
    const first = Math.min(...all);
    if (first > calibrationEnd) continue;
    const repeats = all.filter((day) => day > first && day <= calibrationEnd);
    const spend = repeats.reduce((sum, day) => sum + (days.get(day) ?? 0n), 0n);
    rows.set(customer, {
      frequency: repeats.length,
      recency: (Math.max(first, ...repeats) - first) / unitDays,
      T: (calibrationEnd - first) / unitDays,
      monetary_value: repeats.length === 0 ? 0 : perUnit(spend, repeats.length),
      holdout_transactions: all.filter((day) => day > calibrationEnd && day <= (holdoutEnd ?? day)).length,
    });
  }
  return rows;
}
