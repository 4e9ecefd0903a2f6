import { type ErrorCode, SluiceError } from '../../sql/errors.ts';
import type { PurchaseHistory } from './purchases.ts';

/** @throws SluiceError with this code unless it holds */
function must(holds: boolean, code: ErrorCode, field: string): void {
  if (!holds) throw new SluiceError(code, { field });
}

/** Refuses inputs that are not finite or negative. */
export function checkAmounts(amounts: Record<string, number>): void {
  for (const [name, value] of Object.entries(amounts)) must(Number.isFinite(value), 'non_finite_input', name);
  for (const [name, value] of Object.entries(amounts)) must(value >= 0, 'negative_input', name);
}

/** Refuses parameters that are not positive and finite. */
export function checkParams(params: object): void {
  for (const [name, value] of Object.entries(params)) must(Number.isFinite(value) && value > 0, 'invalid_params', name);
}

/** Refuses histories that cannot be. */
export function checkHistory({ frequency, recency, T }: PurchaseHistory): void {
  checkAmounts({ frequency, recency, T });
  must(Number.isInteger(frequency), 'non_integer_frequency', 'frequency');
  must(recency <= T, 'recency_after_T', 'recency');
  must(frequency > 0 || recency === 0, 'recency_without_repeat', 'recency');
}
