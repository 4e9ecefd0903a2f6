import type { Connection, Row } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import type { Catalog } from './catalog.ts';
import { type CompiledQuery, compileMetricQuery } from './compile-metrics.ts';
import { feedbackShares } from './feedback-shares.ts';
import type { MetricAnswer, MetricQuery, MetricRow, MetricValue } from './metric-query.ts';
import { wilsonInterval } from './statistics/wilson.ts';

/** Statuses may come this late; the quarter hour itself has to pass too. */
const latenessMs = 7 * 86_400_000 + 900_000;

/** What the marts say to a query, before it is judged by the clock. */
export interface MetricReading extends Omit<MetricAnswer, 'rows' | 'truncated'> {
  compiled: CompiledQuery;
  limit: number;
  rows: Row[];
}

/**
 * Asks the marts. Rates are put together here from sums; `final` is judged against `now`. Without delay curves rates have no maturity.
 * @throws SluiceError `query_invalid` for what the catalogue does not know, `warehouse_busy` before the first build
 */
export async function answerMetricQuery(
  connection: Connection,
  catalog: Catalog,
  query: MetricQuery,
  now: Date,
): Promise<MetricAnswer> {
  return answerOf(await readMetrics(connection, catalog, query), now);
}

/** What stays the same from one build of the models to the next, for who asks more than once between two. */
export interface KeptReads {
  /** The relation of expected shares, once there are any. */
  shares: () => string | Promise<string>;
  /** The rows of a statement without parameters. */
  rows: (sql: string) => Promise<Row[]>;
  /** The relation that a mart is read from. */
  mart: (name: string) => string | Promise<string>;
}

/** The half of `answerMetricQuery` that reads. */
export async function readMetrics(
  connection: Connection,
  catalog: Catalog,
  query: MetricQuery,
  { shares, rows, mart }: KeptReads = {
    shares: () => feedbackShares,
    rows: (sql) => connection.rows(sql),
    mart: (name) => `"${name}"`,
  },
): Promise<MetricReading> {
  const states = await rows('SELECT model, built_at, outcome FROM model_state');
  const builtAt = (name: string) => (states.find(({ model }) => model === name)?.built_at ?? null) as Date | null;
  const learned = builtAt('feedback_share') !== null;
  // What is wrong with the question is told before anything is read for it.
  const { marts } = compileMetricQuery(catalog, query, null);
  const built = marts.map((name) => builtAt(name)?.getTime() ?? Number.NaN);
  const oldest = Math.min(...built);
  if (Number.isNaN(oldest)) throw new SluiceError('warehouse_busy', { detail: 'the models have not been built yet' });
  let newest: Date | null = null;
  const relations = new Map<string, string>();
  for (const name of marts) {
    const relation = await mart(name);
    relations.set(name, relation);
    const [row] = await rows(`SELECT max(last_event_at) AS newest_at FROM ${relation}`);
    const at = (row?.newest_at ?? null) as Date | null;
    if (at !== null && (newest === null || at > newest)) newest = at;
  }
  const compiled = compileMetricQuery(catalog, query, learned ? await shares() : null, relations);
  return {
    compiled,
    limit: query.limit,
    rows: await ask(connection, compiled, query),
    watermark: newest?.toISOString() ?? null,
    built_at: new Date(oldest).toISOString(),
    stale: states.filter(({ outcome }) => outcome !== 'ok').map(({ model }) => String(model)),
  };
}

/** The half of `answerMetricQuery` that computes. */
export function answerOf({ compiled, limit, rows, watermark, built_at, stale }: MetricReading, now: Date): MetricAnswer {
  return {
    rows: rows.slice(0, limit).map((row) => readRow(row, compiled, now)),
    truncated: rows.length > limit,
    watermark,
    built_at,
    stale,
  };
}

async function ask(connection: Connection, { sql, parameters }: CompiledQuery, { zone }: MetricQuery): Promise<Row[]> {
  try {
    return await connection.rows(sql, parameters);
  } catch (error) {
    if (error instanceof Error && error.message.includes('Unknown TimeZone')) {
      throw new SluiceError('query_invalid', { field: 'zone', detail: `zone: "${zone}" is not known`, cause: error });
    }
    throw error;
  }
}

function readRow(row: Row, compiled: CompiledQuery, now: Date): MetricRow {
  return {
    dimensions: Object.fromEntries(compiled.dimensions.map(({ name, column }) => [name, dimensionText(row[column])])),
    metrics: Object.fromEntries(
      compiled.metrics.map(({ metric, numerator, denominator, until, exposure, known }) => {
        const above = Number(row[numerator] ?? 0);
        const final = isFinal(row[until] as Date | null | undefined, now);
        const unknown = known !== null && Number(row[known.denominator] ?? 0) > 0 && Number(row[known.numerator] ?? 0) === 0;
        if (denominator === null) return [metric.name, whenKnown(count(above, final, metric.divide_by), !unknown)];
        const below = Number(row[denominator] ?? 0);
        if (metric.kind === 'ratio') return [metric.name, whenKnown(ratio(above, below, final, metric.divide_by), !unknown)];
        const due = exposure === null || below === 0 ? null : Number(row[exposure] ?? 0) / below;
        return [metric.name, rate(above, below, final, due)];
      }),
    ),
  };
}

function dimensionText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}

/** Vacuously true when there is no message. */
function isFinal(until: Date | null | undefined, now: Date): boolean {
  return !until || until.getTime() + latenessMs <= now.getTime();
}

/** @param divideBy what the numerator is divided by to give the unit of the value: 1,000,000 for money, which is summed in micro-units */
function count(numerator: number, final: boolean, divideBy: number): MetricValue {
  const value = numerator / divideBy;
  return { value, numerator, denominator: 1, low: null, high: null, adjusted: null, maturity: null, final };
}

/** Nothing that was summed has a known value: the sum is not 0, it is unknown. */
function whenKnown(value: MetricValue, isKnown: boolean): MetricValue {
  return isKnown ? value : { ...value, value: null };
}

function ratio(numerator: number, denominator: number, final: boolean, divideBy: number): MetricValue {
  return {
    ...count(numerator, final, divideBy),
    value: denominator > 0 ? numerator / denominator / divideBy : null,
    denominator,
  };
}

/**
 * A rate and what it is heading for. With the share F_i of each message's feedback expected by now, the numerator so far is a sum of
 * trials with chances r·F_i, so numerator / denominator estimates r·M with M = ΣF_i / n (the maturity), and r is that divided by M.
 * The Wilson interval of r·M is divided likewise; it is on the safe side, as trials with different chances vary less than equal ones
 * (W. Feller, An Introduction to Probability Theory I, 3rd ed., IX.5). The curve itself is taken for known.
 */
function rate(numerator: number, denominator: number, final: boolean, due: number | null): MetricValue {
  const interval = wilsonInterval(numerator, denominator);
  const value = denominator > 0 ? numerator / denominator : null;
  const maturity = due === null ? null : Math.min(1, Math.max(0, due));
  const grown = (share: number) => Math.min(1, share / (maturity ?? 1));
  return {
    value,
    numerator,
    denominator,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    adjusted:
      value === null || interval === null || maturity === null || maturity === 0
        ? null
        : { value: grown(value), low: grown(interval.low), high: grown(interval.high) },
    maturity,
    final,
  };
}
