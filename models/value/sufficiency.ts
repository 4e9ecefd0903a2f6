import { SluiceError } from '../../sql/errors.ts';
import type { DropoutFit } from './dropout-fit.ts';
import type { SpendFit } from './gamma-gamma.ts';
import { type HistoryColumns, unitDays } from './history-columns.ts';
import { countCustomers } from './purchases.ts';

/** The least that a forecast is fitted on. Below, its intervals are wider than the numbers themselves. */
export const leastData = { customers: 300, customersWithRepeat: 50, days: 84 } as const;
/** Beyond this, frequent buyers spend so differently that a forecast of value by frequency is off. */
const strongCorrelation = 0.3;

/** @throws SluiceError `value_data_insufficient` that says what there is and what is needed */
export function refuseThinData(histories: HistoryColumns): void {
  const { customers, customers_with_repeat } = countCustomers(histories);
  const days = histories.ageDays.reduce((most, age) => Math.max(most, age), 0);
  const lacking = [
    customers < leastData.customers ? `${customers} customers of ${leastData.customers}` : null,
    customers_with_repeat < leastData.customersWithRepeat
      ? `${customers_with_repeat} who came back of ${leastData.customersWithRepeat}`
      : null,
    days < leastData.days ? `${days} days since the first purchase of ${leastData.days}` : null,
  ].filter((text) => text !== null);
  if (lacking.length > 0) throw new SluiceError('value_data_insufficient', { detail: `there are ${lacking.join(', ')} needed` });
}

/** @throws SluiceError `value_model_unfit` when the likelihood has no maximum */
export function refuseUnfit(fit: DropoutFit): DropoutFit {
  if (fit.converged) return fit;
  const { r, alpha, a, b } = fit.params;
  const text = [`r ${r}`, `alpha ${alpha} (${unitDays} days)`, `a ${a}`, `b ${b}`].join(', ');
  throw new SluiceError('value_model_unfit', { detail: `the likelihood still rises at ${text}` });
}

/** Why the value of purchases is not forecast, or with care. */
export function spendDoubts(spend: SpendFit, correlation: number | null): string[] {
  const doubts: string[] = [];
  if (!spend.converged)
    doubts.push('The values of purchases do not vary as the Gamma-Gamma model says; revenue is not forecast.');
  else if (spend.population_mean === null)
    doubts.push('The spend model has no finite mean (q is at most 1); revenue is not forecast.');
  if (correlation !== null && Math.abs(correlation) > strongCorrelation) {
    doubts.push(
      `Frequency and value of purchases go together (correlation ${correlation.toFixed(2)}), which the spend model leaves out: it is off for the most frequent buyers.`,
    );
  }
  return doubts;
}
