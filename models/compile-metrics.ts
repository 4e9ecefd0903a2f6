import type { Parameter } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import {
  type Catalog,
  type calendars,
  type Dimension,
  list,
  type Metric,
  partsOf,
  type Signal,
  type windows,
} from './catalog.ts';
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

/** Start of the interval that a quarter hour `b` lies in, as an instant in UTC. */
const intervalStart: Record<(typeof grains)[number], string> = {
  quarter_hour: 'b',
  // Hours are cut by the wall clock, but a repeated hour (the clock goes back) stays two.
  hour: `b - (b AT TIME ZONE 'UTC' AT TIME ZONE $zone - date_trunc('hour', b AT TIME ZONE 'UTC' AT TIME ZONE $zone))`,
  day: calendar('day'),
  week: calendar('week'), // ISO: from Monday
  month: calendar('month'),
};

/** Where midnight comes twice, the day begins with the first of the two. */
function calendar(unit: string): string {
  const wall = (instant: string) => `${instant} AT TIME ZONE 'UTC' AT TIME ZONE $zone`;
  const start = `date_trunc('${unit}', ${wall('b')}) AT TIME ZONE $zone AT TIME ZONE 'UTC'`;
  const earlier = `(${start} - to_hours(1))`;
  return `CASE WHEN ${wall(earlier)} = ${wall(`(${start})`)} THEN ${earlier} ELSE ${start} END`;
}

/** Parts of the calendar as text that sorts in order. ISO: the week begins on Monday. */
const calendarPart: Record<(typeof calendars)[number], string> = {
  hour: `strftime(b AT TIME ZONE 'UTC' AT TIME ZONE $zone, '%H')`,
  weekday: `strftime(b AT TIME ZONE 'UTC' AT TIME ZONE $zone, '%u')`,
  hour_of_week: `strftime(b AT TIME ZONE 'UTC' AT TIME ZONE $zone, '%u-%H')`,
};

/** When the feedback of a message in quarter hour `b` has come in, but for the days that statuses may be late. */
const windowEnd: Record<(typeof windows)[number], string> = {
  none: `m.bucket_at`,
  reply: `m.bucket_at + to_hours(coalesce(w.reply_window_h, 24))`,
  optout: `m.bucket_at + to_hours(coalesce(w.optout_window_h, 24))`,
  conversion: `m.bucket_at + to_days(coalesce(w.conversion_window_d, 7))`,
};

/**
 * Turns names into SQL. Pure: identifiers come only from the catalogue, values only go in as parameters.
 * @param withMaturity whether the model feedback_share is there to be asked
 * @throws SluiceError `query_invalid` naming what is wrong and what exists
 */
export function compileMetricQuery(catalog: Catalog, query: MetricQuery, withMaturity = true): CompiledQuery {
  const metrics = chosenMetrics(catalog, query);
  const dimensions = chosenDimensions(catalog, query, metrics);
  checkValues(query);
  const parameters: Record<string, Parameter> = { limit: query.limit + 1 };
  const marts = [...new Set(metrics.map(({ mart }) => mart))];
  const parts = new PartColumns();
  const read = metrics.map((metric) => ({
    metric,
    numerator: parts.sum(metric.mart, metric.numerator),
    denominator: metric.denominator === null ? null : parts.sum(metric.mart, metric.denominator),
    until: parts.until(metric.mart, metric.window),
    exposure: withMaturity ? parts.exposure(metric) : null,
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
    range.push(`bucket_at >= $from::TIMESTAMP`);
  }
  if (query.to !== undefined) {
    parameters['to'] = query.to;
    range.push(`bucket_at < $to::TIMESTAMP`);
  }
  const zoned = [...dimensions, ...filters.map(({ dimension }) => dimension)].some(({ calendar: part }) => part !== null);
  if (zoned || (query.grain !== undefined && query.grain !== 'quarter_hour')) parameters['zone'] = query.zone;
  const branches = marts.map((mart) => branch(mart, query, dimensions, filters, range, parts.of(mart)));
  const named = [
    ...(query.grain === undefined ? [] : [{ name: 'time', column: 'dim_time' }]),
    ...dimensions.map(({ name }) => ({ name, column: `dim_${name}` })),
  ];
  const keys = named.map(({ column }) => `"${column}"`);
  const sums = parts.all().map(({ column, combine }) => `${combine}("${column}") AS "${column}"`);
  const signals = [...new Set(parts.all().flatMap((part) => part.signals))].map((signal) => `'${signal}'`);
  const sql = [
    ...(signals.length === 0
      ? []
      : [`WITH feedback AS MATERIALIZED (SELECT * FROM feedback_share WHERE signal IN (${signals.join(', ')}))`]),
    `SELECT ${[...keys, ...sums].join(', ')}`,
    `FROM (${branches.join('\nUNION ALL BY NAME\n')})`,
    ...(keys.length === 0
      ? []
      : [`GROUP BY ${keys.join(', ')}`, `ORDER BY ${keys.map((key) => `${key} NULLS LAST`).join(', ')}`]),
    'LIMIT $limit',
  ].join('\n');
  return { sql, parameters, dimensions: named, metrics: read, marts };
}

function branch(
  mart: string,
  query: MetricQuery,
  dimensions: Dimension[],
  filters: { dimension: Dimension; bound: string[] }[],
  range: string[],
  columns: Part[],
): string {
  const used = [...new Set([...dimensions, ...filters.map(({ dimension }) => dimension)])];
  const looked = used.filter(({ lookup }) => lookup !== null);
  const value = ({ name, column, lookup, calendar: part }: Dimension) => {
    if (part !== null) return `i."${name}"`;
    return lookup === null ? `m."${column}"` : `"of_${name}"."${lookup.column}"`;
  };
  const joins = looked.map(
    ({ name, column, lookup }) => `LEFT JOIN "${lookup?.model}" AS "of_${name}" ON "of_${name}"."${lookup?.key}" = m."${column}"`,
  );
  for (const signal of new Set(columns.flatMap(({ signals }) => signals))) joins.push(shareJoin(signal));
  if (columns.some(({ windowed }) => windowed)) joins.push('LEFT JOIN campaign_window AS w ON w.campaign_id = m.campaign_id');
  const bounds = range.length === 0 ? '' : ` WHERE ${range.join(' AND ')}`;
  // Zones are asked once for each quarter hour, not for each row.
  const cuts = [
    ...(query.grain === undefined ? [] : [`${intervalStart[query.grain]} AS start_at`]),
    ...used.flatMap(({ name, calendar: part }) => (part === null ? [] : [`${calendarPart[part]} AS "${name}"`])),
  ];
  if (cuts.length > 0) {
    const distinct = `SELECT DISTINCT bucket_at AS b FROM "${mart}"${bounds}`;
    joins.push(`JOIN (SELECT b, ${cuts.join(', ')} FROM (${distinct})) AS i ON i.b = m.bucket_at`);
  }
  const conditions = [
    ...range.map((condition) => `m.${condition}`),
    ...filters.map(({ dimension, bound }) =>
      bound.length === 0 ? 'false' : `coalesce(${value(dimension)}::VARCHAR, '') IN (${bound.join(', ')})`,
    ),
  ];
  const keys = [
    ...(query.grain === undefined ? [] : [{ sql: 'i.start_at', column: 'dim_time' }]),
    ...dimensions.map((dimension) => ({ sql: `${value(dimension)}::VARCHAR`, column: `dim_${dimension.name}` })),
  ];
  return [
    `SELECT ${[...keys, ...columns].map(({ sql, column }) => `${sql} AS "${column}"`).join(', ')}`,
    `FROM "${mart}" AS m`,
    ...joins,
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
    ...(keys.length === 0 ? [] : [`GROUP BY ${keys.map(({ sql }) => sql).join(', ')}`]),
  ].join('\n');
}

/** The share of a step's events that is expected by now, per quarter hour and category. Old ones have no row: all of it. */
function shareJoin(signal: Signal): string {
  return [
    `LEFT JOIN (FROM feedback WHERE signal = '${signal}') AS "of_${signal}"`,
    `ON "of_${signal}".bucket_at = m.bucket_at`,
    `AND "of_${signal}".category = feedback_category(m.category)`,
  ].join(' ');
}

interface Part {
  mart: string;
  column: string;
  sql: string;
  combine: string;
  windowed: boolean;
  /** Steps whose expected shares it needs. */
  signals: Signal[];
}

/** The aggregates that a query needs, each once. */
class PartColumns {
  private readonly columns = new Map<string, Part>();

  sum(mart: string, expression: string): string {
    const sql = partsOf(expression)
      .map(({ column, sign }, at) => `${sign < 0 ? '- ' : at === 0 ? '' : '+ '}sum(m."${column}")`)
      .join(' ');
    return this.add(mart, sql, 'sum', {});
  }

  until(mart: string, window: (typeof windows)[number]): string {
    return this.add(mart, `max(${windowEnd[window]})`, 'max', { windowed: window !== 'none' });
  }

  /** The parts of the denominator, each weighed by the share of the eventual rate that is seen by now. */
  exposure({ mart, denominator, arrives }: Metric): string | null {
    if (denominator === null || arrives === null) return null;
    const share = `seen_share("of_${arrives.numerator}".share, coalesce("of_${arrives.denominator}".share, 1))`;
    const sql = partsOf(denominator)
      .map(({ column, sign }) => `${sign < 0 ? '-' : '+'} m."${column}"`)
      .join(' ');
    return this.add(mart, `sum((${sql}) * ${share})`, 'sum', { signals: [arrives.numerator, arrives.denominator] });
  }

  of(mart: string): Part[] {
    return this.all().filter((column) => column.mart === mart);
  }

  all(): Part[] {
    return [...this.columns.values()];
  }

  private add(mart: string, sql: string, combine: string, more: { windowed?: boolean; signals?: Signal[] }): string {
    const key = `${mart} ${sql}`;
    const { windowed = false, signals = [] } = more;
    const known = this.columns.get(key) ?? { mart, column: `part_${this.columns.size}`, sql, combine, windowed, signals };
    this.columns.set(key, known);
    return known.column;
  }
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
