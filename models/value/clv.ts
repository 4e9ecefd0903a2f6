import { type DropoutModel, type DropoutParams, expectedIfAlive, pAlive } from './dropout-model.ts';
import type { PurchaseHistory } from './purchases.ts';

/** How far a customer's value is looked ahead, and what later money is worth today. */
export interface Outlook {
  steps: number;
  /** Length of a step in units of time. */
  stepUnits: number;
  /** Per step; 0.01 takes one per cent off what comes at the end of the first. */
  discountRate: number;
}

/** Purchases to be expected of one who is a customer at T: over the whole outlook, and discounted at the end of each step. */
export interface Prospect {
  transactions: number;
  discounted: number;
}

/** The outlook of one who is a customer at T; it depends on frequency and age alone. */
export function prospectIfAlive(
  model: DropoutModel,
  params: DropoutParams,
  history: Pick<PurchaseHistory, 'frequency' | 'T'>,
  { steps, stepUnits, discountRate }: Outlook,
): Prospect {
  let transactions = 0;
  let discounted = 0;
  for (let k = 1; k <= steps; k += 1) {
    const until = expectedIfAlive(model, params, history, k * stepUnits);
    discounted += (until - transactions) / (1 + discountRate) ** k;
    transactions = until;
  }
  return { transactions, discounted };
}

/** The outlook of a customer, whether still one or not. */
export function prospect(model: DropoutModel, params: DropoutParams, history: PurchaseHistory, outlook: Outlook): Prospect {
  const alive = pAlive(model, params, history);
  const { transactions, discounted } = prospectIfAlive(model, params, history, outlook);
  return { transactions: alive * transactions, discounted: alive * discounted };
}
