import type { DropoutModel } from '../../models/value/dropout-model.ts';
import type { ForecastFit } from '../../models/value/forecast.ts';
import type { HistoryColumns, SpendColumns } from '../../models/value/history-columns.ts';
import type { RevenuePeople } from '../../models/value/return.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { CampaignReturn, HoldoutOutcome, KeptFit, PartRevenue, ValueOverview, ValuePart } from '../value-warehouse.ts';
import { books } from './queries.ts';

const file = (name: string) => readProjectFile(`sql/queries/value_${name}.sql`);
const sql = {
  currencies: file('currencies'),
  histories: file('histories'),
  spend: file('spend'),
  cohorts: file('cohorts'),
  mark: file('mark'),
  fit: file('fit'),
  keep: file('fit_keep'),
  drop: file('fit_drop'),
  returns: file('returns'),
  paybacks: file('paybacks'),
  holdouts: file('holdouts'),
} as const;

export async function valueOverview(connection: Connection, until: string): Promise<ValueOverview> {
  const rows = await connection.rows(sql.currencies, { until });
  const { watermark } = await books(connection);
  return {
    currencies: rows.map((row) => ({
      currency: String(row.currency),
      orders: Number(row.orders),
      customers: Number(row.customers),
      first_day: String(row.first_day),
      last_day: String(row.last_day),
    })),
    watermark,
  };
}

export async function customerHistories(
  connection: Connection,
  question: { currency: string; calibrationEnd: string; holdoutEnd: string; by: ValuePart },
): Promise<HistoryColumns> {
  const columns = await connection.typedColumns(sql.histories, {
    currency: question.currency,
    calibration_end: question.calibrationEnd,
    holdout_end: question.holdoutEnd,
    by: question.by,
  });
  const places = new Map<string | null, number>();
  const part = Int32Array.from(columns.text('part'), (name) => {
    const known = places.get(name) ?? places.size;
    places.set(name, known);
    return known;
  });
  return {
    parts: [...places.keys()],
    part,
    frequency: columns.whole('frequency'),
    recencyDays: columns.whole('recency_days'),
    ageDays: columns.whole('age_days'),
    customers: columns.whole('customers'),
    micros: columns.exact('micros'),
    repeatMicros: columns.exact('repeat_micros'),
    laterTransactions: columns.whole('later_transactions'),
    laterMicros: columns.exact('later_micros'),
  };
}

export async function customerSpend(
  connection: Connection,
  { currency, until }: { currency: string; until: string },
): Promise<SpendColumns> {
  const columns = await connection.typedColumns(sql.spend, { currency, until });
  return {
    frequency: columns.whole('frequency'),
    repeatMicros: columns.exact('repeat_micros'),
    customers: columns.whole('customers'),
  };
}

export async function cohortRevenue(
  connection: Connection,
  { currency, until, by }: { currency: string; until: string; by: ValuePart },
): Promise<PartRevenue[]> {
  const parts = new Map<string | null, { sizes: Map<number, number>; months: PartRevenue['months'] }>();
  for (const row of await connection.rows(sql.cohorts, { currency, until, by: by === 'cohort' ? 'all' : by })) {
    const name = row.part === null ? null : String(row.part);
    const part = parts.get(name) ?? { sizes: new Map<number, number>(), months: [] };
    parts.set(name, part);
    part.sizes.set(Number(row.cohort), Number(row.customers));
    part.months.push({ cohort: Number(row.cohort), month: Number(row.month), micros: row.micros as bigint });
  }
  return [...parts].map(([part, { sizes, months }]) => ({ part, sizes: [...sizes], months }));
}

export async function valueMark(
  connection: Connection,
  { currency, until }: { currency: string; until: string },
): Promise<string> {
  const [row] = await connection.rows(sql.mark, { currency, until });
  return String(row?.mark);
}

export async function valueFit(
  connection: Connection,
  { currency, model }: { currency: string; model: DropoutModel },
): Promise<KeptFit | null> {
  const [row] = await connection.rows(sql.fit, { currency, model });
  if (row === undefined) return null;
  return {
    currency,
    calibrationEnd: String(row.calibration_end),
    mark: String(row.data_mark),
    fittedAt: (row.fitted_at as Date).toISOString(),
    fit: JSON.parse(String(row.fit)) as ForecastFit,
  };
}

export async function keepValueFit(connection: Connection, kept: KeptFit): Promise<void> {
  const { currency, calibrationEnd, mark, fittedAt, fit } = kept;
  await connection.transaction(async () => {
    await connection.run(sql.drop, { currency, model: fit.model });
    await connection.run(sql.keep, {
      currency,
      model: fit.model,
      calibration_end: calibrationEnd,
      data_mark: mark,
      fitted_at: new Date(fittedAt),
      fit: JSON.stringify(fit),
    });
  });
}

export async function campaignReturns(
  connection: Connection,
  { campaign, at }: { campaign: string | null; at: number },
): Promise<CampaignReturn[]> {
  const sides = new Map<string, Row[]>();
  for (const row of await connection.rows(sql.holdouts, { campaign, at: new Date(at) })) {
    const key = `${row.campaign_id}\0${row.experiment_id}`;
    sides.set(key, [...(sides.get(key) ?? []), row]);
  }
  const holdouts = [...sides.values()].flatMap((rows) => {
    const [treated, holdout] = [rows.find(({ is_holdout }) => is_holdout === false), rows.find(({ is_holdout }) => is_holdout)];
    return treated === undefined || holdout === undefined
      ? []
      : [{ campaign_id: String(treated.campaign_id), ...outcome(holdout, treated) }];
  });
  const won = await connection.rows(sql.paybacks, { campaign });
  return (await connection.rows(sql.returns, { campaign })).map((row) => ({
    campaign_id: String(row.campaign_id),
    name: row.name === null ? null : String(row.name),
    margin: row.margin === null ? null : Number(row.margin),
    currency: String(row.currency),
    delivered: Number(row.delivered),
    unpriced: Number(row.unpriced),
    costMicros: row.cost_micros as bigint,
    revenueMicros: row.revenue_micros as bigint,
    squares: Number(row.squares),
    unvalued: Number(row.unvalued),
    customers_won: Number(row.customers_won),
    replyCostMicros: row.reply_cost_micros as bigint,
    repliesUnpriced: Number(row.reply_unpriced),
    wonMonths: won
      .filter(({ campaign_id }) => campaign_id === row.campaign_id)
      .map(({ month, micros }) => ({ month: Number(month), micros: micros as bigint })),
    holdouts: holdouts
      .filter(({ campaign_id }) => campaign_id === row.campaign_id)
      .map(({ campaign_id: _, ...one }): HoldoutOutcome => one),
  }));
}

function outcome(holdout: Row, treated: Row): HoldoutOutcome {
  const people = (row: Row): RevenuePeople => ({
    people: Number(row.people),
    converted: Number(row.converted),
    mean: Number(row.mean),
    squares: Number(row.squares),
  });
  const currencies = [holdout, treated].flatMap((row) => String(row.currencies ?? '').split(','));
  return {
    experiment_id: String(treated.experiment_id),
    holdout: people(holdout),
    treated: people(treated),
    treated_assigned: Number(treated.assigned),
    currencies: [...new Set(currencies)].filter((name) => name !== ''),
  };
}
