import type { DropoutModel } from '../models/value/dropout-model.ts';
import { SluiceError } from '../sql/errors.ts';
import type { KeptFit, ValueOverview, ValueWarehouse } from './value-warehouse.ts';
import type { WorkerPool } from './worker-pool.ts';

const dayMs = 86_400_000;
/** The back-test holds out a third of history at most, so that it is fitted on more than it forecasts. */
const largestHoldout = 1 / 3;

/** Fits forecasts in the worker pool. A fit serves until the purchases that it was made of change; equal questions wait for one fit. */
export class Forecaster {
  private readonly underWay = new Map<string, Promise<KeptFit>>();

  constructor(
    private readonly warehouse: ValueWarehouse,
    private readonly pool: WorkerPool,
    private readonly now: () => Date,
  ) {}

  /**
   * @param until last day that is known
   * @param firstDay day of the first purchase of all
   * @param horizonDays what the forecast will be asked for: the back-test holds out as much, where history allows
   * @throws SluiceError `value_data_insufficient`, `value_model_unfit`
   */
  async fit(question: FitQuestion): Promise<KeptFit> {
    const { currency, model, until } = question;
    const holdoutDays = holdoutOf(question);
    const mark = `${await this.warehouse.valueMark({ currency, until })}/${holdoutDays}`;
    const kept = await this.warehouse.valueFit({ currency, model });
    if (kept !== null && kept.calibrationEnd === until && kept.mark === mark) return kept;
    const key = [currency, model, until, mark].join(' ');
    const running = this.underWay.get(key) ?? this.make(question, holdoutDays, mark).finally(() => this.underWay.delete(key));
    this.underWay.set(key, running);
    return running;
  }

  private async make({ currency, model, until }: FitQuestion, holdoutDays: number, mark: string): Promise<KeptFit> {
    const { warehouse } = this;
    const cut = dayBefore(until, holdoutDays);
    const facts = async (day: string) => ({
      histories: await warehouse.customerHistories({ currency, calibrationEnd: day, holdoutEnd: until, by: 'all' }),
      spend: await warehouse.customerSpend({ currency, until: day }),
    });
    const fit = await this.pool.run('fitForecast', {
      model,
      whole: await facts(until),
      earlier: { ...(await facts(cut)), holdoutDays },
    });
    const kept: KeptFit = { currency, calibrationEnd: until, mark, fittedAt: this.now().toISOString(), fit };
    await warehouse.keepValueFit(kept);
    return kept;
  }
}

export interface FitQuestion {
  currency: string;
  model: DropoutModel;
  /** Last day that is known, YYYY-MM-DD. */
  until: string;
  /** Day of the first purchase of all. */
  firstDay: string;
  /** The back-test holds out as many days, where history allows. */
  horizonDays: number;
}

function holdoutOf({ until, firstDay, horizonDays }: FitQuestion): number {
  const history = (Date.parse(until) - Date.parse(firstDay)) / dayMs;
  return Math.max(1, Math.min(Math.round(horizonDays), Math.floor(history * largestHoldout)));
}

/** The day so many days before another. */
export function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * dayMs).toISOString().slice(0, 10);
}

/** The last whole day that the warehouse knows: the one before the newest event, and before today. */
export function lastWholeDay(watermark: string | null, now: Date): string {
  const newest = Math.min(now.getTime(), watermark === null ? now.getTime() : Date.parse(watermark));
  return dayBefore(new Date(newest).toISOString().slice(0, 10), 1);
}

/**
 * The currency asked for, or the one with the most orders.
 * @throws SluiceError `query_invalid` when there are none in it
 */
export function chooseCurrency({ currencies }: ValueOverview, asked: string | undefined): ValueOverview['currencies'][number] {
  const found = asked === undefined ? currencies[0] : currencies.find(({ currency }) => currency === asked);
  if (found !== undefined) return found;
  if (asked === undefined) throw new SluiceError('value_data_insufficient', { detail: 'there is no order with a price yet' });
  const known = currencies.map(({ currency }) => currency).join(', ') || 'none';
  throw new SluiceError('query_invalid', { field: 'currency', detail: `no orders in ${asked}; there are orders in ${known}` });
}
