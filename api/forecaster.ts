import type { Outlook } from '../models/value/clv.ts';
import type { DropoutModel } from '../models/value/dropout-model.ts';
import type { PartValue } from '../models/value/part-value.ts';
import { SluiceError } from '../sql/errors.ts';
import { Kept } from './kept.ts';
import type { KeptFit, ValueOverview, ValuePart, ValueWarehouse } from './value-warehouse.ts';
import type { WorkerPool } from './worker-pool.ts';

const dayMs = 86_400_000;
/** The back-test holds out a third of history at most, so that it is fitted on more than it forecasts. */
const largestHoldout = 1 / 3;

/** What is refused is refused again as long as the purchases are the same. */
const refusals: readonly string[] = ['value_data_insufficient', 'value_model_unfit'];

/**
 * Fits forecasts in the worker pool and scores customers with them. A fit serves until the purchases that it was made of change, and so
 * does a refusal; equal questions wait for one answer.
 */
export class Forecaster {
  /** The newest fit or refusal of each currency and model. */
  private readonly newest = new Map<string, { of: string; fit: Promise<KeptFit> }>();
  private readonly scores = new Kept<PartValue[]>();

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
    const [name, of] = [`${currency} ${model}`, `${until} ${mark}`];
    const known = this.newest.get(name);
    if (known?.of === of) return known.fit;
    const newest = { of, fit: this.findOrMake(question, holdoutDays, mark) };
    this.newest.set(name, newest);
    newest.fit.catch((error: unknown) => {
      const isRefusal = error instanceof SluiceError && refusals.includes(error.code);
      if (!isRefusal && this.newest.get(name) === newest) this.newest.delete(name);
    });
    return newest.fit;
  }

  /** What the customers of each part have brought, and are expected to bring. */
  async score(kept: KeptFit, question: { by: ValuePart; outlook: Outlook; margin: number }): Promise<PartValue[]> {
    const { by, outlook, margin } = question;
    const { currency, calibrationEnd, mark, fit } = kept;
    const score = async () => {
      const histories = await this.warehouse.customerHistories({ currency, calibrationEnd, holdoutEnd: calibrationEnd, by });
      return this.pool.run('scoreParts', { fit, histories, outlook, margin });
    };
    // Who belongs to a campaign or a segment changes without a purchase.
    if (by === 'campaign' || by === 'segment') return score();
    return this.scores.of(JSON.stringify([currency, calibrationEnd, mark, fit.model, question]), score);
  }

  private async findOrMake(question: FitQuestion, holdoutDays: number, mark: string): Promise<KeptFit> {
    const { currency, model, until } = question;
    const kept = await this.warehouse.valueFit({ currency, model });
    const isNewest = kept?.calibrationEnd === until && kept.mark === mark;
    return isNewest ? kept : this.make(question, holdoutDays, mark);
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
