import { type Metric, partsOf, type Signal, type windows } from './catalog.ts';

type Window = (typeof windows)[number];

/** When the feedback of a message in quarter hour `m.bucket_at` has come in, but for the days that statuses may be late. */
const windowEnd: Record<Exclude<Window, 'none'>, string> = {
  reply: `m.bucket_at + to_hours(coalesce(w.reply_window_h, 24))`,
  optout: `m.bucket_at + to_hours(coalesce(w.optout_window_h, 24))`,
  conversion: `m.bucket_at + to_days(coalesce(w.conversion_window_d, 7))`,
};

/** SQL under the name of a column. */
export interface Column {
  name: string;
  sql: string;
}

/** What is read of one mart. */
export class MartParts {
  /** Aggregates over the rows `m` of the mart within a quarter hour. */
  readonly sums: Column[] = [];
  /** Worked out for each quarter hour, of its sums, `m`, its expected shares, `f`, and the windows of its campaign, `w`. */
  readonly derived: Column[] = [];
  /** Steps whose expected shares are needed. */
  readonly signals = new Set<Signal>();
  isWindowed = false;
}

/** The aggregates that a query needs, each once: within quarter hours first, then over all of them. */
export class MetricParts {
  private readonly marts = new Map<string, MartParts>();
  private readonly names = new Map<string, string>();
  /** Of the result. */
  readonly columns: Column[] = [];

  of(mart: string): MartParts {
    const known = this.marts.get(mart) ?? new MartParts();
    this.marts.set(mart, known);
    return known;
  }

  /** A column of the result: the sum of parts of the mart. */
  sum(mart: string, expression: string): string {
    const sql = partsOf(expression)
      .map(({ column, sign }, at) => `${sign < 0 ? '- ' : at === 0 ? '' : '+ '}sum("${this.within(mart, `sum(m."${column}")`)}")`)
      .join(' ');
    return this.result(sql);
  }

  /** A column of the result: the newest time at which feedback may still come in. */
  until(mart: string, window: Window): string {
    if (window === 'none') return this.result(`max("${this.within(mart, 'max(m.bucket_at)')}")`);
    this.of(mart).isWindowed = true;
    return this.result(`max("${this.each(mart, windowEnd[window])}")`);
  }

  /** A column of the result: the parts of the denominator, each weighed by the share of the eventual rate that is seen by now. */
  exposure({ mart, denominator, arrives }: Metric): string | null {
    if (denominator === null || arrives === null) return null;
    const parts = partsOf(denominator).map(({ column, sign }, at) => `${sign < 0 ? '- ' : at === 0 ? '' : '+ '}m."${column}"`);
    const { signals } = this.of(mart);
    signals.add(arrives.numerator).add(arrives.denominator);
    const share = `seen_share(f."${arrives.numerator}", coalesce(f."${arrives.denominator}", 1))`;
    return this.result(`sum("${this.each(mart, `m."${this.within(mart, `sum(${parts.join(' ')})`)}" * ${share}`)}")`);
  }

  private within(mart: string, sql: string): string {
    return this.named(`${mart} ${sql}`, 'sum', sql, this.of(mart).sums);
  }

  private each(mart: string, sql: string): string {
    return this.named(`${mart} ${sql}`, 'derived', sql, this.of(mart).derived);
  }

  private result(sql: string): string {
    return this.named(sql, 'part', sql, this.columns);
  }

  private named(key: string, prefix: string, sql: string, columns: Column[]): string {
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const name = `${prefix}_${this.names.size}`;
    this.names.set(key, name);
    columns.push({ name, sql });
    return name;
  }
}
