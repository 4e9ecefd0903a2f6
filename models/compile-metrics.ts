import type { Parameter } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { type Catalog, type Dimension, list, type Metric } from './catalog.ts';
import { type Cuts, intervalSql, isZoned } from './interval-sql.ts';
import { type MartParts, MetricParts } from './metric-parts.ts';
import { grains, type MetricQuery } from './metric-query.ts';

/** One statement that answers a metric query, and how its columns are to be read. */
export interface CompiledQuery {
  sql: string;
  parameters: Record<string, Parameter>;
  /** Column of the result per dimension, `time` among them, in the order asked. */
  dimensions: { name: string; column: string }[];
  /**
   * Columns of numerator, denominator, of the newest time at which the metric's feedback may still come in, of the exposure (the
   * denominator with each part counted by the share of its feedback expected by now), and of what has a known value, with all that should.
   */
  metrics: {
    metric: Metric;
    numerator: string;
    denominator: string | null;
    until: string;
    exposure: string | null;
    known: { numerator: string; denominator: string } | null;
  }[];
  /** Marts read. */
  marts: string[];
}

const quarterHourMs = 900_000;

/**
 * Turns names into SQL. Pure: identifiers come only from the catalogue, values only go in as parameters. Each mart is scanned once, into
 * sums by quarter hour; zones, windows and expected shares are asked for those few rows only.
 * @param shares a relation of bucket_at, category and a share for each signal, as feedback_wide.sql gives it; null: no maturity is known
 * @param relations what marts are read from, where it is not the table of their name
 * @throws SluiceError `query_invalid` naming what is wrong and what exists
 */
export function compileMetricQuery(
  catalog: Catalog,
  query: MetricQuery,
  shares: string | null,
  relations: ReadonlyMap<string, string> = new Map(),
): CompiledQuery {
  const metrics = chosenMetrics(catalog, query);
  const dimensions = chosenDimensions(catalog, query, metrics);
  checkValues(query);
  const parameters: Record<string, Parameter> = { limit: query.limit + 1 };
  const marts = [...new Set(metrics.map(({ mart }) => mart))];
  const parts = new MetricParts();
  const read = metrics.map((metric) => ({
    metric,
    numerator: parts.sum(metric.mart, metric.numerator),
    denominator: metric.denominator === null ? null : parts.sum(metric.mart, metric.denominator),
    until: parts.until(metric.mart, metric.window),
    exposure: shares === null ? null : parts.exposure(metric),
    known:
      metric.known === null
        ? null
        : {
            numerator: parts.sum(metric.mart, metric.known.numerator),
            denominator: parts.sum(metric.mart, metric.known.denominator),
          },
  }));
  const filters = Object.entries(query.where).map(([name, values], at) => {
    const dimension = catalog.dimensions.get(name) as Dimension;
    const bound = values.map((value, index) => {
      parameters[`where_${at}_${index}`] = value;
      return `$where_${at}_${index}`;
    });
    return { dimension, bound };
  });
  const range: string[] = [];
  if (query.from !== undefined) {
    parameters['from'] = query.from;
    range.push(`m.bucket_at >= $from::TIMESTAMP`);
  }
  if (query.to !== undefined) {
    parameters['to'] = query.to;
    range.push(`m.bucket_at < $to::TIMESTAMP`);
  }
  const calendar = [...new Set([...dimensions, ...filters.map(({ dimension }) => dimension)])].flatMap(
    ({ name, calendar: part }) => (part === null ? [] : [{ name, part }]),
  );
  const cuts: Cuts = { grain: query.grain, calendar, zone: query.zone };
  if (isZoned(cuts)) parameters['zone'] = query.zone;
  const isCut = query.grain !== undefined || calendar.length > 0;
  const ask: Asked = { dimensions, filters, range, isCut, shares, grain: query.grain };
  const named = [
    ...(query.grain === undefined ? [] : [{ name: 'time', column: 'dim_time' }]),
    ...dimensions.map(({ name }) => ({ name, column: `dim_${name}` })),
  ];
  const keys = named.map(({ column }) => `"${column}"`);
  const tables = [
    ...marts.map(
      (mart) => `"quarter_${mart}" AS MATERIALIZED (${quarters(relations.get(mart) ?? `"${mart}"`, parts.of(mart), ask)})`,
    ),
    ...(isCut
      ? intervalSql(
          marts.map((mart) => `quarter_${mart}`),
          cuts,
        )
      : []),
  ];
  const sql = [
    `WITH ${tables.join(',\n')}`,
    `SELECT ${[...keys, ...parts.columns.map(({ sql: part, name }) => `${part} AS "${name}"`)].join(', ')}`,
    `FROM (${marts.map((mart) => branch(mart, parts.of(mart), ask)).join('\nUNION ALL BY NAME\n')})`,
    ...(keys.length === 0
      ? []
      : [`GROUP BY ${keys.join(', ')}`, `ORDER BY ${keys.map((key) => `${key} NULLS LAST`).join(', ')}`]),
    'LIMIT $limit',
  ].join('\n');
  return { sql, parameters, dimensions: named, metrics: read, marts };
}

/** What is asked of every mart. */
interface Asked {
  dimensions: Dimension[];
  filters: { dimension: Dimension; bound: string[] }[];
  range: string[];
  /** Whether quarter hours are put into intervals or parts of the calendar. */
  isCut: boolean;
  shares: string | null;
  grain: MetricQuery['grain'];
}

const among = (value: string, bound: string[]) =>
  bound.length === 0 ? 'false' : `coalesce(${value}::VARCHAR, '') IN (${bound.join(', ')})`;

/** The mart by the dimensions, and by quarter hour, category and campaign where these matter for more than the sums. */
function quarters(relation: string, parts: MartParts, { dimensions, filters, range, isCut }: Asked): string {
  const own = dimensions.filter(({ calendar }) => calendar === null);
  const kept = filters.filter(({ dimension }) => dimension.calendar === null);
  const value = ({ name, column, lookup }: Dimension) => (lookup === null ? `m."${column}"` : `"of_${name}"."${lookup.column}"`);
  const joins = [...new Set([...own, ...kept.map(({ dimension }) => dimension)])].flatMap(({ name, column, lookup }) =>
    lookup === null ? [] : [`LEFT JOIN "${lookup.model}" AS "of_${name}" ON "of_${name}"."${lookup.key}" = m."${column}"`],
  );
  const conditions = [...range, ...kept.map(({ dimension, bound }) => among(value(dimension), bound))];
  const isYoung = parts.signals.size > 0;
  const keys = [
    ...(isCut || isYoung || parts.isWindowed ? [{ sql: 'm.bucket_at', name: 'bucket_at' }] : []),
    ...(isYoung ? [{ sql: 'm.category', name: 'category' }] : []),
    ...(parts.isWindowed ? [{ sql: 'm.campaign_id', name: 'campaign_id' }] : []),
    ...own.map((dimension) => ({ sql: `${value(dimension)}::VARCHAR`, name: `dim_${dimension.name}` })),
  ];
  return [
    `SELECT ${[...keys, ...parts.sums].map(({ sql, name }) => `${sql} AS "${name}"`).join(', ')}`,
    `FROM ${relation} AS m`,
    ...joins,
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
    ...(keys.length === 0 ? [] : [`GROUP BY ${keys.map(({ sql }) => sql).join(', ')}`]),
  ].join(' ');
}

/** The quarter hours of a mart with all that the result is made of. */
function branch(mart: string, parts: MartParts, { dimensions, filters, isCut, shares, grain }: Asked): string {
  const joins = [
    // The share of a step's events that is expected by now, per quarter hour and category. Old ones have no row: all of it.
    ...(parts.signals.size === 0
      ? []
      : [`LEFT JOIN ${shares} AS f ON f.bucket_at = m.bucket_at AND f.category = feedback_category(m.category)`]),
    ...(parts.isWindowed ? ['LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id'] : []),
    ...(isCut ? ['JOIN interval_of AS i ON i.b = m.bucket_at'] : []),
  ];
  const conditions = filters.flatMap(({ dimension: { name, calendar }, bound }) =>
    calendar === null ? [] : [among(`i."${name}"`, bound)],
  );
  const columns = [
    ...(grain === undefined ? [] : ['i.start_at AS "dim_time"']),
    ...dimensions.map(
      ({ name, calendar }) => `${calendar === null ? `m."dim_${name}"` : `i."${name}"::VARCHAR`} AS "dim_${name}"`,
    ),
    ...parts.sums.map(({ name }) => `m."${name}"`),
    ...parts.derived.map(({ name, sql }) => `${sql} AS "${name}"`),
  ];
  return [
    `SELECT ${columns.join(', ')} FROM "quarter_${mart}" AS m`,
    ...joins,
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
  ].join('\n');
}

function chosenMetrics(catalog: Catalog, query: MetricQuery): Metric[] {
  if (query.metrics.length === 0) throw wrong('metrics', `names no metric; there are ${list(catalog.metrics.keys())}`);
  return query.metrics.map((name, at) => {
    const metric = catalog.metrics.get(name);
    if (metric === undefined) throw wrong('metrics', `there is no metric "${name}"; there are ${list(catalog.metrics.keys())}`);
    if (query.metrics.indexOf(name) < at) throw wrong('metrics', `names "${name}" twice`);
    return metric;
  });
}

function chosenDimensions(catalog: Catalog, query: MetricQuery, metrics: Metric[]): Dimension[] {
  const check = (name: string, field: 'by' | 'where'): Dimension => {
    const dimension = catalog.dimensions.get(name);
    if (dimension === undefined) {
      const hint = name === 'time' ? '; time comes with a grain, and is bounded by from and to' : '';
      throw wrong(field, `there is no dimension "${name}"; there are ${list(catalog.dimensions.keys())}${hint}`);
    }
    for (const metric of metrics) {
      if (metric.dimensions.includes(name)) continue;
      throw wrong(field, `"${metric.name}" is not known by ${name}; it is by ${list(metric.dimensions)}`);
    }
    return dimension;
  };
  for (const name of Object.keys(query.where)) check(name, 'where');
  return query.by.map((name, at) => {
    if (query.by.indexOf(name) < at) throw wrong('by', `names "${name}" twice`);
    return check(name, 'by');
  });
}

function checkValues({ from, to, grain, zone, limit }: MetricQuery): void {
  if (grain !== undefined && !grains.includes(grain))
    throw wrong('grain', `there is no grain "${grain}"; there are ${list(grains)}`);
  for (const [field, time] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (time === undefined) continue;
    if (Number.isNaN(time.getTime())) throw wrong(field, 'is not a time');
    if (time.getTime() % quarterHourMs !== 0) throw wrong(field, `${time.toISOString()} is not on a quarter hour`);
  }
  if (from !== undefined && to !== undefined && from >= to) throw wrong('to', 'is not after from');
  if (!Number.isSafeInteger(limit) || limit < 1) throw wrong('limit', 'is not a whole number above 0');
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw wrong('zone', `"${zone}" is not an IANA time zone, e.g. Europe/Berlin`);
  }
}

function wrong(field: string, detail: string): SluiceError {
  return new SluiceError('query_invalid', { field, detail: `${field}: ${detail}` });
}
