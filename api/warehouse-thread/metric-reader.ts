import { answerOf, type MetricReading, readMetrics } from '../../models/answer-metrics.ts';
import type { Catalog } from '../../models/catalog.ts';
import { KeptShares } from '../../models/feedback-shares.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { Kept } from './kept.ts';

/** Rows of an answer that is kept. */
const mostRows = 5_000;
/** What was asked in so much time before a build is read anew after it, ms, and no more questions than this. */
const recentMs = 30_000;
const mostRenewed = 100;

/** Answers from one build of the models: until the next one the marts say the same. */
interface Edition {
  build: number;
  readings: Kept<MetricReading>;
  books: Kept<Row[]>;
}

/**
 * Answers questions to the metrics layer, the same one once for each build of the models. Asked at once, it is read once. Only whether
 * an answer is final is judged anew each time, by the clock.
 */
export class MetricReader {
  private edition: Edition = editionOf(0);
  private newest = 0;
  private asked = new Map<string, { query: MetricQuery; at: number }>();
  private readonly shares = new KeptShares();
  private readonly since = Date.now();

  constructor(
    private readonly use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>,
    private readonly catalog: () => Catalog,
    /** A clock that never goes back, ms. */
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Changes when answers may change, and with each start. */
  get mark(): string {
    return `${this.since}-${this.edition.build}`;
  }

  /** To be called when a build of the models is over, with whatever end: from now on answers are from it. */
  built(): void {
    this.newest += 1;
    this.edition = editionOf(this.newest);
  }

  /**
   * The same after a build that nobody waits for: what was asked of late is read anew first, so that who looks on does not wait for it.
   * Until then answers are those of the build before.
   */
  async renew(): Promise<void> {
    this.newest += 1;
    const next = editionOf(this.newest);
    const since = this.clock() - recentMs;
    for (const [key, { at }] of this.asked) if (at < since) this.asked.delete(key);
    for (const [key, { query }] of [...this.asked]) {
      if (next.build !== this.newest) return;
      await this.reading(key, query, next).catch(() => undefined);
    }
    if (next.build === this.newest) this.edition = next;
  }

  async answer(query: MetricQuery, now: () => Date): Promise<MetricAnswer> {
    const key = keyOf(query);
    // The newest last.
    this.asked.delete(key);
    this.asked.set(key, { query, at: this.clock() });
    for (const oldest of this.asked.keys()) {
      if (this.asked.size <= mostRenewed) break;
      this.asked.delete(oldest);
    }
    return answerOf(await this.reading(key, query, this.edition), now());
  }

  private reading(key: string, query: MetricQuery, { build, readings, books }: Edition): Promise<MetricReading> {
    const read = () =>
      this.use((connection) =>
        readMetrics(connection, this.catalog(), query, {
          shares: () => this.shares.of(connection, build),
          rows: (sql) => books.of(sql, () => connection.rows(sql)),
        }),
      );
    return readings.of(key, read, ({ rows }) => rows.length <= mostRows);
  }
}

function editionOf(build: number): Edition {
  return { build, readings: new Kept(), books: new Kept() };
}

/** The same for the same question, whatever the order in which its fields were written. */
function keyOf({ metrics, by, grain, from, to, zone, where, limit }: MetricQuery): string {
  const kept = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metrics, by, grain ?? null, from?.getTime() ?? null, to?.getTime() ?? null, zone, kept, limit]);
}
