import { answerOf, type MetricReading, readMetrics } from '../../models/answer-metrics.ts';
import type { Catalog } from '../../models/catalog.ts';
import { KeptShares } from '../../models/feedback-shares.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Connection, Row } from '../../sql/database.ts';

/** What is kept at most between two builds: questions, and rows of each. */
const mostQuestions = 500;
const mostRows = 5_000;

/**
 * Answers questions to the metrics layer, the same one once for each build of the models: between two builds the marts say the same.
 * Asked at once, it is read once. Only whether an answer is final is judged anew each time, by the clock.
 */
export class MetricReader {
  private build = 0;
  private readings = new Kept<MetricReading>();
  private books = new Kept<Row[]>();
  private readonly shares = new KeptShares();
  private readonly since = Date.now();

  constructor(
    private readonly use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
    private readonly catalog: () => Catalog,
  ) {}

  /** Changes with each build, and with each start. */
  get mark(): string {
    return `${this.since}-${this.build}`;
  }

  /** To be called when a build of the models is over, with whatever end. */
  built(): void {
    this.build += 1;
    this.readings = new Kept();
    this.books = new Kept();
  }

  async answer(query: MetricQuery, now: () => Date): Promise<MetricAnswer> {
    const reading = this.readings.of(
      keyOf(query),
      () => this.read(query),
      ({ rows }) => rows.length <= mostRows,
    );
    return answerOf(await reading, now());
  }

  private read(query: MetricQuery): Promise<MetricReading> {
    const { build, books } = this;
    return this.use((connection) =>
      readMetrics(connection, this.catalog(), query, {
        shares: () => this.shares.of(connection, build),
        rows: (sql) => books.of(sql, () => connection.rows(sql)),
      }),
    );
  }
}

/** What was worked out or is being worked out, by name. What fails, or is not worth its room, is not kept. */
class Kept<T> {
  private readonly known = new Map<string, Promise<T>>();

  of(key: string, work: () => Promise<T>, isWorth: (value: T) => boolean = () => true): Promise<T> {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const value = work();
    if (this.known.size >= mostQuestions) this.known.clear();
    this.known.set(key, value);
    const forget = () => {
      if (this.known.get(key) === value) this.known.delete(key);
    };
    value.then((given) => {
      if (!isWorth(given)) forget();
    }, forget);
    return value;
  }
}

/** The same for the same question, whatever the order in which its fields were written. */
function keyOf({ metrics, by, grain, from, to, zone, where, limit }: MetricQuery): string {
  const kept = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metrics, by, grain ?? null, from?.getTime() ?? null, to?.getTime() ?? null, zone, kept, limit]);
}
