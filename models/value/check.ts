import { checkFinite, type RefusalCode, refuse } from '../statistics/refusal.ts';
import type { PurchaseHistory } from './purchases.ts';

function must(holds: boolean, code: RefusalCode, field: string, value: number): void {
  if (!holds) refuse(code, field, `is ${value}`);
}

/** Refuses inputs that are not finite or negative. */
export function checkAmounts(amounts: Record<string, number>): void {
  checkFinite(amounts);
  for (const [name, value] of Object.entries(amounts)) must(value >= 0, 'negative_input', name, value);
}

/** Refuses parameters that are not positive and finite. */
export function checkParams(params: object): void {
  for (const [name, value] of Object.entries(params)) must(Number.isFinite(value) && value > 0, 'invalid_params', name, value);
}

/** Refuses histories that cannot be. */
export function checkHistory({ frequency, recency, T }: PurchaseHistory): void {
  checkAmounts({ frequency, recency, T });
  must(Number.isInteger(frequency), 'non_integer_frequency', 'frequency', frequency);
  must(recency <= T, 'recency_after_T', 'recency', recency);
  must(frequency > 0 || recency === 0, 'recency_without_repeat', 'recency', recency);
}
