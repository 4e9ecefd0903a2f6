import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Apply } from '../../ingest/apply.ts';
import { decodeRecord } from '../../ingest/decode.ts';
import type { EventLogReader } from '../../ingest/event-log.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { answerMetricQuery } from '../../models/answer-metrics.ts';
import { describeCatalog, LiveCatalog } from '../../models/catalog.ts';
import { metricAnswerToArrow } from '../../models/metric-arrow.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { migrate } from '../../sql/migrate.ts';
import type { CampaignDetail, CampaignSummary, QuarantineRow, Warehouse, WarehouseStatus } from '../warehouse.ts';
import { ApplyLoop } from './apply-loop.ts';
import { ConnectionPool } from './connection-pool.ts';
import { exportTable } from './export.ts';
import * as queries from './queries.ts';
import { RefreshLoop } from './refresh-loop.ts';

export interface ServiceOptions {
  /** The data folder; the warehouse is `warehouse.duckdb` in it. */
  dataDir: string;
  memoryMb: number;
  threads: number;
  /** The live log. */
  log: EventLogReader;
  /** Everything ever logged, from the archive and the live log. */
  history: EventLogReader;
  now: () => Date;
  /** Least rest between two model builds, ms. */
  refreshMs: number;
  /** Something that needs a human: shown in the server's log. */
  report: (message: string, error: unknown) => void;
  /** The loops cannot go on. */
  onFailure: (error: unknown) => void;
}

/** An opened warehouse file with everything that runs on it. */
interface Opened {
  database: Database;
  writer: Connection;
  modeller: Connection;
  pool: ConnectionPool;
  apply: Apply;
  loop: ApplyLoop;
  runner: ModelRunner;
  refresh: RefreshLoop;
}

/** The warehouse and its loops: the one owner of the file. Lives in a thread of its own, see thread.ts. */
export class WarehouseService implements Warehouse {
  private rebuilding = false;
  private swapped: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: ServiceOptions,
    private readonly catalogue: LiveCatalog,
    private opened: Opened,
  ) {}

  static async open(options: ServiceOptions): Promise<WarehouseService> {
    await mkdir(options.dataDir, { recursive: true });
    const catalogue = new LiveCatalog();
    const opened = await openWarehouse(join(options.dataDir, fileName), options);
    return new WarehouseService(options, catalogue, opened);
  }

  async metrics(query: MetricQuery): Promise<MetricAnswer> {
    return this.read((connection) => answerMetricQuery(connection, this.catalogue.current, query, this.options.now()));
  }

  async metricsArrow(query: MetricQuery): Promise<Uint8Array> {
    return metricAnswerToArrow(await this.metrics(query), query, this.catalogue.current);
  }

  async catalog(): ReturnType<Warehouse['catalog']> {
    return describeCatalog(this.catalogue.current);
  }

  async campaigns(): Promise<CampaignSummary[]> {
    return this.read((connection) => queries.campaigns(connection));
  }

  async campaign(id: string): Promise<CampaignDetail | null> {
    return this.read((connection) => queries.campaign(connection, id));
  }

  async status(): Promise<WarehouseStatus> {
    await this.swapped;
    const { pool, loop, runner } = this.opened;
    const end = await this.options.log.end();
    const books = await pool.use((connection) => queries.books(connection));
    const models = await pool.use((connection) => runner.status(connection));
    const partitions = new Set([...end.keys(), ...loop.positions.keys()]);
    const positions = [...partitions].sort().map((partition) => {
      const applied = loop.positions.get(partition) ?? 0n;
      const last = end.get(partition) ?? applied;
      return { partition, applied: String(applied), end: String(last), lag: String(last - applied) };
    });
    const path = join(this.options.dataDir, fileName);
    return { ...books, models, positions, file_bytes: statSync(path).size, memory_bytes: process.memoryUsage().rss };
  }

  async quarantineList(limit: number): Promise<QuarantineRow[]> {
    return this.read((connection) => queries.quarantine(connection, limit));
  }

  async quarantineReplay(): ReturnType<Warehouse['quarantineReplay']> {
    await this.swapped;
    const { pool, loop, apply } = this.opened;
    return loop.between(async () => {
      const places = await pool.use((connection) => queries.quarantinedRecords(connection));
      const before = (await pool.use((connection) => queries.books(connection))).quarantined;
      for (const { partition, offset } of places) {
        const [record] = await this.options.history.read(new Map([[partition, offset]]), 1);
        if (record === undefined || record.offset !== offset) continue;
        const decoded = emptyDecoded();
        decodeRecord(record, decoded);
        await apply
          .commit(decoded, new Map(), [record])
          .catch((error) => this.options.report('a quarantined record still fails', error));
      }
      const left = (await pool.use((connection) => queries.books(connection))).quarantined;
      this.opened.refresh.notice();
      return { replayed: Math.max(0, before - left), left };
    });
  }

  async buildModels(full: boolean): ReturnType<Warehouse['buildModels']> {
    const results = await this.opened.refresh.build(full);
    return results.map(({ model, outcome, rows, message }) => ({ model, outcome, rows, message }));
  }

  async copyTo(path: string): Promise<void> {
    if (this.rebuilding) throw new SluiceError('warehouse_busy', { detail: 'a rebuild is under way' });
    await mkdir(dirname(path), { recursive: true });
    await this.quietly(async () => {
      await this.opened.writer.exec('CHECKPOINT');
      await copyFile(this.opened.database.path, path);
    });
  }

  async exportTable(table: string, format: 'csv' | 'parquet' | 'arrow', path: string): Promise<{ rows: number }> {
    return this.read((connection) => exportTable(connection, table, format, path));
  }

  /**
   * Reads the whole history into a new file beside the serving one. Only for the last records, the models and the swap does the
   * old one stop applying; it answers queries all the time but for the swap itself.
   */
  async rebuild(): Promise<{ records: number; seconds: number }> {
    if (this.rebuilding) throw new SluiceError('warehouse_busy', { detail: 'a rebuild is under way' });
    this.rebuilding = true;
    const started = performance.now();
    const path = join(this.options.dataDir, fileName);
    const next = join(this.options.dataDir, 'warehouse.next.duckdb');
    try {
      removeFiles(next);
      const fresh = await openQuiet(next, this.options);
      let records = await readHistory(fresh, this.options.history);
      await this.quietly(async () => {
        records += await readHistory(fresh, this.options.history);
        await new ModelRunner(loadModels()).build(fresh.modeller, { full: true, now: this.options.now() });
        await closeQuiet(fresh);
        this.swapped = this.swap(next, path);
        await this.swapped;
      });
      return { records, seconds: (performance.now() - started) / 1000 };
    } finally {
      this.rebuilding = false;
    }
  }

  /** Puts a finished warehouse into the place of the serving one; to be called while nothing is applied or built. */
  private async swap(next: string, path: string): Promise<void> {
    const old = this.opened;
    old.loop.halt();
    old.refresh.halt();
    try {
      await closeQuiet(old);
      removeFiles(path);
      renameSync(next, path);
      this.opened = await openWarehouse(path, this.options);
    } catch (error) {
      // Nothing is open now: a new start opens whichever of the two lies there.
      this.options.onFailure(error);
      throw error;
    }
  }

  /** Reads on a connection of its own, during a swap as soon as that is over. */
  private async read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.swapped;
    return this.opened.pool.use(work);
  }

  async close(): Promise<void> {
    await stopLoops(this.opened);
    await closeQuiet(this.opened);
  }

  /** Does `work` while nothing is applied or built. */
  private quietly<T>(work: () => Promise<T>): Promise<T> {
    const { loop, refresh } = this.opened;
    return refresh.between(() => loop.between(work));
  }
}

const fileName = 'warehouse.duckdb';

type Quiet = Pick<Opened, 'database' | 'writer' | 'modeller' | 'pool' | 'apply'>;

async function openQuiet(path: string, { memoryMb, threads }: ServiceOptions): Promise<Quiet> {
  const database = await Database.open({ path, memoryMb, threads, checkpointMb: 256 });
  const writer = await database.connect();
  await migrate(writer);
  const modeller = await database.connect();
  const pool = await ConnectionPool.open(database, 3);
  return { database, writer, modeller, pool, apply: await Apply.on(writer) };
}

async function openWarehouse(path: string, options: ServiceOptions): Promise<Opened> {
  const quiet = await openQuiet(path, options);
  const runner = new ModelRunner(loadModels());
  const refresh = new RefreshLoop(runner, quiet.modeller, {
    now: options.now,
    minRestMs: options.refreshMs,
    tailLanes: 2,
    onError: (error) => options.report('the models did not build', error),
  });
  // Before the first page is asked for, every model's table is there.
  await refresh.build(false);
  const loop = await ApplyLoop.create({
    reader: options.log,
    apply: quiet.apply,
    batchBytes: 8 << 20,
    onCommit: () => refresh.notice(),
    onRetry: (error, attempt) => options.report(`a batch did not commit, attempt ${attempt}`, error),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  Promise.all([loop.run(), refresh.run()]).catch(options.onFailure);
  return { ...quiet, loop, runner, refresh };
}

async function stopLoops({ loop, refresh }: Opened): Promise<void> {
  await loop.stop();
  await refresh.stop();
}

async function closeQuiet({ database, writer, modeller, pool }: Quiet): Promise<void> {
  await pool.close();
  writer.close();
  modeller.close();
  database.close();
}

async function readHistory({ apply }: Quiet, history: EventLogReader): Promise<number> {
  let at = await apply.positions();
  for (let count = 0; ; ) {
    const records = await history.read(at, 8 << 20);
    if (records.length === 0) return count;
    const decoded = emptyDecoded();
    for (const record of records) decodeRecord(record, decoded);
    at = new Map(at);
    for (const { partition, offset } of records) at.set(partition, offset + 1n);
    await apply.commit(decoded, at);
    count += records.length;
  }
}

function removeFiles(path: string): void {
  for (const file of [path, `${path}.wal`]) if (existsSync(file)) rmSync(file);
}
