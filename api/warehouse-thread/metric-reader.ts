import { answerOf, type MetricReading, readMetrics } from '../../models/answer-metrics.ts';
import type { Catalog } from '../../models/catalog.ts';
import { KeptShares } from '../../models/feedback-shares.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import type { Connection } from '../../sql/database.ts';

/** What is kept at most between two builds: questions, and rows of each. */
const mostQuestions = 500;
const mostRows = 5_000;

/**
 * Answers questions to the metrics layer, the same one once for each build of the models: between two builds the marts say the same.
 * Asked at once, it is read once. Only whether an answer is final is judged anew each time, by the clock.
 */
export class MetricReader {
  private build = 0;
  private readings = new Map<string, Promise<MetricReading>>();
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
    this.readings = new Map();
  }

  async answer(query: MetricQuery, now: () => Date): Promise<MetricAnswer> {
    return answerOf(await this.reading(query), now());
  }

  private reading(query: MetricQuery): Promise<MetricReading> {
    const { readings } = this;
    const key = keyOf(query);
    const known = readings.get(key);
    if (known !== undefined) return known;
    const reading = this.read(query);
    if (readings.size >= mostQuestions) readings.clear();
    readings.set(key, reading);
    const forget = () => {
      if (readings.get(key) === reading) readings.delete(key);
    };
    reading.then(({ rows }) => {
      if (rows.length > mostRows) forget();
    }, forget);
    return reading;
  }

  private read(query: MetricQuery): Promise<MetricReading> {
    return this.use((connection) => readMetrics(connection, this.catalog(), query, () => this.shares.on(connection, this.build)));
  }
}

/** The same for the same question, whatever the order in which its fields were written. */
function keyOf({ metrics, by, grain, from, to, zone, where, limit }: MetricQuery): string {
  const kept = Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metrics, by, grain ?? null, from?.getTime() ?? null, to?.getTime() ?? null, zone, kept, limit]);
}
