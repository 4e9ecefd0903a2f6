import { type Purchase, perUnit } from './purchase.ts';

/** Customers whose first purchase fell into one calendar month, and what they have brought since. */
export interface Cohort {
  /** Month of the first purchase, YYYY-MM. */
  cohort: string;
  customers: number;
  /** Entry i: revenue from that month to i months later, divided by all customers of the cohort; through the last month of the data. */
  cumulative_revenue_per_customer: number[];
}

/** Revenue of one cohort in one month. */
export interface CohortMonth {
  /** Months since the year 0. */
  cohort: number;
  month: number;
  /** Micro-units; refunds make it smaller, even negative. */
  micros: bigint;
}

/** Historic value by cohort of purchases; the last month is that of the newest purchase. */
export function cohortsOfPurchases(purchases: readonly Purchase[]): Cohort[] {
  const first = new Map<string, number>();
  for (const { customer, day } of purchases) first.set(customer, Math.min(first.get(customer) ?? day, day));
  const sizes = new Map<number, number>();
  for (const day of first.values()) sizes.set(monthOf(day), (sizes.get(monthOf(day)) ?? 0) + 1);
  const months = purchases.map(({ customer, day, micros }) => ({
    cohort: monthOf(first.get(customer) ?? day),
    month: monthOf(day),
    micros,
  }));
  return cohorts(
    sizes,
    months,
    months.reduce((last, { month }) => Math.max(last, month), 0),
  );
}

/**
 * Cumulative revenue per customer of each cohort.
 * @param sizes customers by cohort
 * @param last the month through which revenue is known
 */
export function cohorts(sizes: ReadonlyMap<number, number>, months: readonly CohortMonth[], last: number): Cohort[] {
  const revenue = new Map<string, bigint>();
  for (const { cohort, month, micros } of months) {
    const key = `${cohort} ${month}`;
    revenue.set(key, (revenue.get(key) ?? 0n) + micros);
  }
  return [...sizes]
    .sort(([one], [other]) => one - other)
    .map(([cohort, customers]) => {
      let sum = 0n;
      const cumulative = Array.from({ length: last - cohort + 1 }, (_, i) => {
        sum += revenue.get(`${cohort} ${cohort + i}`) ?? 0n;
        return perUnit(sum, customers);
      });
      return { cohort: monthName(cohort), customers, cumulative_revenue_per_customer: cumulative };
    });
}

/** Months since the year 0 of a day since 1970. */
export function monthOf(day: number): number {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** YYYY-MM of a month since the year 0. */
export function monthName(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}
