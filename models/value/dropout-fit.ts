import { dropoutLikelihood } from './dropout-likelihood.ts';
import type { DropoutModel, DropoutParams } from './dropout-model.ts';
import { type Fit, fitPositive } from './maximum-likelihood.ts';
import { countCustomers, type PurchaseGroups } from './purchases.ts';
import { thinning } from './thin.ts';

export type DropoutFit = Fit<DropoutParams> & { customers: number; customers_with_repeat: number };

/**
 * Fits BG/NBD or MBG/NBD, without any penalty, from several starts in proportion to the mean age of the customers; of very many, a
 * systematic sample shows where the starts lead to.
 */
export function fitDropout(model: DropoutModel, groups: PurchaseGroups): DropoutFit {
  const counts = countCustomers(groups);
  let age = 0;
  for (let i = 0; i < groups.T.length; i += 1) age += (groups.T[i] ?? 0) * (groups.customers[i] ?? 0);
  age = Math.max(age / counts.customers, Number.MIN_VALUE);
  const starts = [
    [0.5, age / 4, 1, 3],
    [1, age, 0.5, 1],
    [0.2, age / 10, 2, 20],
  ];
  const sample = (of: PurchaseGroups) => ({ likelihood: dropoutLikelihood(model, of), customers: countCustomers(of).customers });
  const thin = thinning(groups.T.length);
  const some =
    thin === null
      ? null
      : {
          frequency: thin(groups.frequency),
          recency: thin(groups.recency),
          T: thin(groups.T),
          customers: thin(groups.customers),
        };
  return {
    ...counts,
    ...fitPositive(sample(groups), ['r', 'alpha', 'a', 'b'], starts, some === null ? null : sample(some)),
  };
}
