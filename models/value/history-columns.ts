import type { PurchaseGroups } from './purchases.ts';

/** Equal histories of customers, counted, by column, with what came of them. Times in days, money in currency units. */
export interface HistoryColumns {
  /** Names that `part` points to; null is "none". */
  parts: (string | null)[];
  part: Int32Array;
  frequency: Int32Array;
  recencyDays: Int32Array;
  ageDays: Int32Array;
  customers: Int32Array;
  /** Exact value of all purchases of these customers, in micro-units. */
  micros: BigInt64Array;
  /** Exact value of their repeat purchases, in micro-units. */
  repeatMicros: BigInt64Array;
  /** Days with a purchase after the calibration. */
  laterTransactions: Int32Array;
  laterMicros: BigInt64Array;
}

/** Customers by number and value of their repeat purchases. */
export interface SpendColumns {
  frequency: Int32Array;
  repeatMicros: BigInt64Array;
  customers: Int32Array;
}

/** Weeks: the usual unit of these models; any other gives the same forecasts. */
export const unitDays = 7;

/** The histories as the buying process takes them. Groups that differ only in their part are left apart, which changes nothing. */
export function purchaseGroups({ frequency, recencyDays, ageDays, customers }: HistoryColumns): PurchaseGroups {
  return {
    frequency,
    recency: Float64Array.from(recencyDays, (days) => days / unitDays),
    T: Float64Array.from(ageDays, (days) => days / unitDays),
    customers,
  };
}

/** Micro-units as currency units; for estimates, whose error is larger than a double's. */
export function units(micros: bigint): number {
  return Number(micros) / 1e6;
}
