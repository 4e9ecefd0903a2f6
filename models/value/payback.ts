/**
 * Months until a cohort has paid back what each customer cost: the first i with cumulative revenue x margin >= cost.
 * @param cumulative revenue per customer by months since the first purchase
 * @returns 0 when the month of the first purchase is enough, null when it has not paid back yet
 */
export function paybackMonths(cumulative: readonly number[], margin: number, costPerCustomer: number): number | null {
  const found = cumulative.findIndex((revenue) => revenue * margin >= costPerCustomer);
  return found < 0 ? null : found;
}
