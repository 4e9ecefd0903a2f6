import { answerOf, type MetricReading, readMetrics } from '../../models/answer-metrics.ts';
import type { Catalog } from '../../models/catalog.ts';
import { feedbackShares } from '../../models/feedback-shares.ts';
import { KeptRelation } from '../../models/kept-relation.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { type Edition, type Editions, KeptByEdition, type Lend } from './editions.ts';

const viewNames = 'SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = current_database()';
/** Rows of an answer that is kept. */
const mostRows = 5_000;

/** Answers questions to the metrics layer, from the marts as the newest edition has them. Whether an answer is final is judged by the clock. */
export class MetricReader {
  private shares = newShares();
  /** Marts that are views, by name. */
  private views = new Map<string, KeptRelation>();
  /** What every question asks of the marts, by its statement. */
  private readonly books = new KeptByEdition<Row[]>();
  private readonly reading: (query: MetricQuery) => Promise<MetricReading>;

  constructor(editions: Editions, lend: Lend, catalog: () => Catalog) {
    this.reading = editions.kind(
      lend,
      (connection, query: MetricQuery, edition) => {
        const books = this.books.of(edition);
        return readMetrics(connection, catalog(), query, {
          shares: () => this.shares.of(connection, edition.build),
          rows: (sql) => books.of(sql, () => connection.rows(sql)),
          mart: (name) => this.martOf(name, connection, edition),
        });
      },
      keyOf,
      ({ rows }) => rows.length <= mostRows,
    );
  }

  /** To be called before anything is read from another file: what was kept beside the one before is not there. */
  moved(): void {
    this.shares = newShares();
    this.views = new Map();
  }

  async answer(query: MetricQuery, now: () => Date): Promise<MetricAnswer> {
    return answerOf(await this.reading(query), now());
  }

  /** A mart that is a view is worked out once for each build: each question would pay for it. */
  private async martOf(name: string, connection: Connection, edition: Edition): Promise<string> {
    const rows = await this.books.of(edition).of(viewNames, () => connection.rows(viewNames));
    if (!rows.some(({ view_name }) => view_name === name)) return `"${name}"`;
    const view = this.views.get(name) ?? new KeptRelation(name, `"${name}"`);
    this.views.set(name, view);
    return view.of(connection, edition.build);
  }
}

const newShares = () => new KeptRelation('expected_share', feedbackShares);

/** The same for the same question, whatever the order in which its fields were written. */
function keyOf({ metrics, by, grain, from, to, zone, where, limit }: MetricQuery): string {
  const kept = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metrics, by, grain ?? null, from?.getTime() ?? null, to?.getTime() ?? null, zone, kept, limit]);
}
