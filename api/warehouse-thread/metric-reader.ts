import { answerOf, type MetricReading, readMetrics } from '../../models/answer-metrics.ts';
import type { Catalog } from '../../models/catalog.ts';
import { KeptShares } from '../../models/feedback-shares.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Row } from '../../sql/database.ts';
import type { Edition, Editions, Lend } from './editions.ts';
import { Kept } from './kept.ts';

/** Rows of an answer that is kept. */
const mostRows = 5_000;

/** Answers questions to the metrics layer, from the marts as the newest edition has them. Whether an answer is final is judged by the clock. */
export class MetricReader {
  private readonly shares = new KeptShares();
  /** What every question asks of the marts, by its statement. */
  private readonly books = new WeakMap<Edition, Kept<Row[]>>();
  private readonly reading: (query: MetricQuery) => Promise<MetricReading>;

  constructor(editions: Editions, lend: Lend, catalog: () => Catalog) {
    this.reading = editions.kind(
      lend,
      (connection, query: MetricQuery, edition) => {
        const books = this.booksOf(edition);
        return readMetrics(connection, catalog(), query, {
          shares: () => this.shares.of(connection, edition.build),
          rows: (sql) => books.of(sql, () => connection.rows(sql)),
        });
      },
      keyOf,
      ({ rows }) => rows.length <= mostRows,
    );
  }

  async answer(query: MetricQuery, now: () => Date): Promise<MetricAnswer> {
    return answerOf(await this.reading(query), now());
  }

  private booksOf(edition: Edition): Kept<Row[]> {
    const books = this.books.get(edition) ?? new Kept<Row[]>();
    this.books.set(edition, books);
    return books;
  }
}

/** The same for the same question, whatever the order in which its fields were written. */
function keyOf({ metrics, by, grain, from, to, zone, where, limit }: MetricQuery): string {
  const kept = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metrics, by, grain ?? null, from?.getTime() ?? null, to?.getTime() ?? null, zone, kept, limit]);
}
