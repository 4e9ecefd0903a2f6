import { SluiceError } from '../sql/errors.ts';
import { chooseCurrency, lastWholeDay } from './forecaster.ts';
import type { ValueOverview, ValueWarehouse } from './value-warehouse.ts';

/** Where a question about customer value is answered. */
export interface ValueDesk {
  warehouse: ValueWarehouse;
  now: () => Date;
}

/** The day and the currency that a question is about, and what its answer says of them. */
export async function settleQuestion(
  { warehouse, now }: ValueDesk,
  { currency, until: asked }: { currency?: string | undefined; until?: string | undefined },
) {
  const whole = lastWholeDay(null, now());
  if (asked !== undefined && asked > whole) {
    throw new SluiceError('query_invalid', { field: 'until', detail: `the last whole day is ${whole}` });
  }
  const first = await warehouse.valueOverview(asked ?? whole);
  const until = asked ?? lastWholeDay(first.watermark, now());
  const overview: ValueOverview = until < whole && asked === undefined ? await warehouse.valueOverview(until) : first;
  const known = chooseCurrency(overview, currency);
  const { currencies, watermark } = overview;
  return { known, until, context: { currency: known.currency, currencies, until, watermark } };
}
