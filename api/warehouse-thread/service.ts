import { renameSync, rmSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ControlNews, ControlReading } from '../../controller/snapshot.ts';
import type { Urgency } from '../../controller/urgency.ts';
import { decodeRecord } from '../../ingest/decode.ts';
import type { EventLogReader } from '../../ingest/event-log.ts';
import { recordAt } from '../../ingest/history-reader.ts';
import { acceptedGaps, keepGaps } from '../../ingest/log-gap.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { describeCatalog, LiveCatalog } from '../../models/catalog.ts';
import { metricAnswerToArrow } from '../../models/metric-arrow.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import { seedFolder } from '../../models/project.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import type { Connection } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { places } from '../data-folder.ts';
import type { Warehouse, WarehouseStatus } from '../warehouse.ts';
import type { ApplyLoop } from './apply-loop.ts';
import { ControlSnapshots, readingFor } from './control-snapshot.ts';
import { Editions } from './editions.ts';
import { lagByPartition } from './log-lag.ts';
import { LogMarks } from './log-mark.ts';
import { MetricReader } from './metric-reader.ts';
import { applyLoop } from './open-apply.ts';
import * as queries from './queries.ts';
import { closeQuiet, openQuiet, type Quiet } from './quiet.ts';
import { RareLoop } from './rare-loop.ts';
import { RefreshLoop } from './refresh-loop.ts';
import { answerFromSnapshot } from './snapshot.ts';
import { keepValueFit } from './value-queries.ts';
import { ValueService } from './value-service.ts';
import { checkpoint, removeWarehouse, warehouseBytes } from './warehouse-file.ts';

export interface ServiceOptions {
  /** The data folder; the warehouse is `warehouse.duckdb` in it. */
  dataDir: string;
  /** The user's own models, metrics and seeds. */
  projectDir: string | null;
  memoryMb: number;
  threads: number;
  /** The live log. */
  log: EventLogReader;
  /** Everything ever logged, from the archive and the live log. */
  history: EventLogReader;
  now: () => Date;
  /** Least rest between two model builds, ms. */
  refreshMs: number;
  /** Reads the list of who is forgotten again. */
  reloadForgotten?: () => Promise<void>;
  /** Something that needs a human: shown in the server's log. */
  report: (message: string, error: unknown) => void;
  /** The loops cannot go on. */
  onFailure: (error: unknown) => void;
}

/** An opened warehouse file with everything that runs on it. */
interface Opened extends Quiet {
  loop: ApplyLoop;
  runner: ModelRunner;
  refresh: RefreshLoop;
  control: ControlSnapshots;
  urgency: Urgency;
}

/** The warehouse and its loops: the one owner of the file. Lives in a thread of its own, see thread.ts. */
export class WarehouseService extends ValueService implements Warehouse {
  private rebuilding = false;
  private closing = false;
  /** The rebuild under way, or the last one. */
  private made: Promise<unknown> = Promise.resolve();
  private swapped: Promise<void> = Promise.resolve();
  private readonly metricReader: MetricReader;
  private readonly currency: (question: null) => Promise<string | null>;
  private readonly marks = new LogMarks();
  /** What the platform had said when its words were last read. */
  private heard: { loop: ApplyLoop; news: number } | null = null;

  private constructor(
    private readonly options: ServiceOptions,
    private readonly catalogue: LiveCatalog,
    editions: Editions,
    private opened: Opened,
  ) {
    super(editions);
    this.metricReader = new MetricReader(editions, this.lend, () => catalogue.current);
    this.currency = editions.kind(this.lend, (connection) => queries.reportingCurrency(connection));
  }

  protected get history(): EventLogReader {
    return this.options.history;
  }

  static async open(options: ServiceOptions): Promise<WarehouseService> {
    await mkdir(options.dataDir, { recursive: true });
    const catalogue = new LiveCatalog('sql/metrics', 'sql/models', options.projectDir);
    for (const problem of catalogue.current.problems) options.report('a metric file of the project folder is left out', problem);
    const editions = new Editions();
    const opened = await openWarehouse(join(options.dataDir, fileName), options, editions);
    return new WarehouseService(options, catalogue, editions, opened);
  }

  async metrics(query: MetricQuery): Promise<MetricAnswer> {
    return this.metricReader.answer(query, this.options.now);
  }

  protected news(): { campaigns: number; decisions: number } {
    const { campaignNews: campaigns, decisionNews: decisions } = this.opened.loop;
    return { campaigns, decisions };
  }

  async buildMark(): Promise<string> {
    return this.editions.mark;
  }

  async metricsArrow(query: MetricQuery): Promise<Uint8Array> {
    return metricAnswerToArrow(await this.metrics(query), query, this.catalogue.current);
  }

  metricsAsOf(...[query, { folder, takenAt }]: Parameters<Warehouse['metricsAsOf']>): Promise<MetricAnswer> {
    return answerFromSnapshot(folder, takenAt, this.catalogue.current, query);
  }

  async catalog(): ReturnType<Warehouse['catalog']> {
    return describeCatalog(this.catalogue.current, await this.currency(null));
  }

  async keepValueFit(kept: Parameters<Warehouse['keepValueFit']>[0]): Promise<void> {
    await this.settled();
    const { refresh, modeller } = this.opened;
    await refresh.between(() => keepValueFit(modeller, kept));
  }

  async positions(): Promise<WarehouseStatus['positions']> {
    const { loop } = this.opened;
    loop.hurry();
    return lagByPartition(loop.positions, await this.options.log.end());
  }

  async isBehind(): Promise<boolean> {
    return this.opened.loop.behind;
  }

  async status(): Promise<WarehouseStatus> {
    return this.read(async (connection) => {
      const { loop, runner } = this.opened;
      const books = await this.books(connection, loop.behind);
      const models = await runner.status(connection);
      const positions = await this.positions();
      return {
        ...books,
        models,
        positions,
        apply: loop.pulse,
        file_bytes: warehouseBytes(join(this.options.dataDir, fileName)),
        memory_bytes: process.memoryUsage().rss,
      };
    });
  }

  /** Reads what is applied by now. Where that is nothing new although the log holds more, it waits shortly for the batch on its way. */
  async controlSnapshot(at: number, baselines?: string): Promise<ControlReading> {
    const { marks } = this;
    marks.add(at, await this.options.log.end());
    const patience = performance.now() + controlPatienceMs;
    const mayComeSoon = () => !this.closing && !this.opened.loop.behind && performance.now() < patience;
    this.opened.loop.follow();
    while (!marks.isNews(this.opened.loop.positions) && mayComeSoon()) await setTimeout(10);
    await this.settled();
    const { control, loop, urgency, way } = this.opened;
    marks.see(loop.positions);
    return way.first(async () => {
      const [began, { due }] = [performance.now(), urgency];
      urgency.take(due);
      const brief = due.length === 0 ? null : await control.readBriefly(at, due);
      if (brief === null) urgency.clear();
      const snapshot = brief ?? (await control.read(at, (applied) => marks.reached(applied)));
      return { ...readingFor(snapshot, baselines), took_ms: performance.now() - began };
    });
  }

  async controlNews(at: number): Promise<ControlNews> {
    await this.settled();
    const { control, loop, urgency } = this.opened;
    const news = loop.platformNews;
    const isKnown = this.heard?.loop === loop && this.heard.news === news;
    const words = isKnown ? null : await control.words(at);
    if (words !== null) this.heard = { loop, news };
    return { words, urgent: urgency.due.length > 0 };
  }

  async people(...question: Parameters<Warehouse['people']>): ReturnType<Warehouse['people']> {
    await this.settled();
    const { loop, people, way } = this.opened;
    loop.follow();
    return way.first(() => people.read(...question));
  }

  async reloadForgotten(): Promise<void> {
    await this.options.reloadForgotten?.();
  }

  async quarantineReplay(): ReturnType<Warehouse['quarantineReplay']> {
    return this.quietly(async ({ pool, apply, refresh }) => {
      const places = await pool.use((connection) => queries.quarantinedRecords(connection));
      const before = (await pool.use((connection) => queries.books(connection))).quarantined;
      for (const { partition, offset } of places) {
        const record = await recordAt(this.options.history, partition, offset);
        if (record === undefined) continue;
        const decoded = emptyDecoded();
        decodeRecord(record, decoded);
        await apply
          .commit(decoded, new Map(), [record])
          .catch((error) => this.options.report('a quarantined record still fails', error));
      }
      const left = (await pool.use((connection) => queries.books(connection))).quarantined;
      refresh.notice();
      return { replayed: Math.max(0, before - left), left };
    });
  }

  async buildModels(full: boolean): ReturnType<Warehouse['buildModels']> {
    const { refresh, runner } = this.opened;
    const { projectDir } = this.options;
    if (projectDir !== null) {
      runner.use(loadModels('sql/models', projectDir));
      this.catalogue.reload();
    }
    const results = await refresh.build(full);
    // A rebuild has put another warehouse here meanwhile.
    if (refresh !== this.opened.refresh) return this.buildModels(full);
    return results.map(({ model, outcome, rows, message }) => ({ model, outcome, rows, message }));
  }

  async copyTo(path: string): Promise<void> {
    if (this.rebuilding) throw new SluiceError('warehouse_busy', { detail: 'a rebuild is under way' });
    await mkdir(dirname(path), { recursive: true });
    await this.quietly(async ({ writer, database }) => {
      await checkpoint(writer);
      await copyFile(database.path, path);
    });
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
      const made = this.makeAnew(next, path);
      this.made = made.catch(() => undefined);
      const records = await made;
      return { records, seconds: (performance.now() - started) / 1000 };
    } finally {
      this.rebuilding = false;
    }
  }

  private async makeAnew(next: string, path: string): Promise<number> {
    removeWarehouse(next);
    const fresh = await openQuiet(next, this.options);
    let open = true;
    const close = async () => {
      open = false;
      await closeQuiet(fresh);
    };
    const goOn = () => {
      if (this.closing) throw new SluiceError('warehouse_busy', { detail: 'Sluice is stopping' });
    };
    try {
      await keepGaps(fresh.writer, await this.read(acceptedGaps));
      const { loop } = await applyLoop(this.options.history, fresh, this.options);
      let records = await loop.catchUp(goOn);
      // What came in meanwhile, so that the old one stops applying for the shortest time.
      records += await loop.catchUp(goOn);
      return await this.quietly(async () => {
        records += await loop.catchUp(goOn);
        await modelRunner(this.options).build(fresh.modeller, {
          full: true,
          now: this.options.now(),
        });
        await close();
        this.swapped = this.swap(next, path);
        await this.swapped;
        return records;
      });
    } finally {
      if (open) await close();
    }
  }

  /** Puts a finished warehouse into the place of the serving one; to be called while nothing is applied or built. */
  private async swap(next: string, path: string): Promise<void> {
    const old = this.opened;
    old.loop.halt();
    old.refresh.halt();
    try {
      await old.control.close();
      await closeQuiet(old);
      // Closing took the write-ahead logs along; the rename alone decides which of the two a new start finds.
      rmSync(`${path}.wal`, { force: true });
      renameSync(next, path);
      this.opened = await openWarehouse(path, this.options, this.editions);
      this.metricReader.moved();
    } catch (error) {
      // Nothing is open now: a new start opens whichever of the two lies there.
      this.options.onFailure(error);
      throw error;
    }
  }

  /** Reads on a connection of its own, during a swap as soon as that is over. */
  protected async read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.settled();
    return this.opened.pool.use(work);
  }

  /** Resolves when no swap is under way. */
  private async settled(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.swapped) {
      seen = this.swapped;
      await seen;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    // A rebuild gives up, unless it is at its models: then it ends.
    await this.made;
    await this.opened.loop.stop();
    await this.opened.refresh.stop();
    await this.opened.control.close();
    await closeQuiet(this.opened);
  }

  /** Does `work` while nothing is applied or built. */
  private quietly<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const { opened } = this;
    return opened.refresh.between(() => {
      // A rebuild has put another warehouse here meanwhile.
      if (opened !== this.opened) return this.quietly(work);
      return opened.loop.between(() => work(opened));
    });
  }
}

const fileName = 'warehouse.duckdb';
/** How long a snapshot for the controller waits for apply, ms. */
const controlPatienceMs = 1000;

async function openWarehouse(path: string, options: ServiceOptions, editions: Editions): Promise<Opened> {
  const quiet = await openQuiet(path, options);
  const runner = modelRunner(options);
  const told = {
    now: options.now,
    onError: (error: unknown) => options.report('the models did not build', error),
    onBuilt: (isAwaited: boolean) => (isAwaited ? editions.built() : void editions.renew()),
  };
  const rare = new RareLoop(runner, quiet.apart, told);
  const waitedMs = () => quiet.way.waitedMs;
  const refresh = new RefreshLoop(runner, quiet.modeller, {
    ...told,
    minRestMs: options.refreshMs,
    waitedMs,
    tailLanes: 2,
    rare,
  });
  // Before the first page is asked for, every model's table is there.
  await refresh.build(false);
  // What the log no longer holds is in the archive: a warehouse that is lost or old catches up from both.
  const reader: EventLogReader = {
    read: (from, maxBytes) => options.history.read(from, maxBytes),
    waitFor: (from, timeoutMs) => options.log.waitFor(from, timeoutMs),
    end: () => options.log.end(),
    applied: (positions) => options.log.applied(positions),
  };
  const { loop, urgency } = await applyLoop(reader, quiet, options, () => refresh.notice());
  Promise.all([loop.run(), ...[refresh, rare].map((builds) => builds.run(() => loop.behind))]).catch(options.onFailure);
  return { ...quiet, loop, urgency, runner, refresh, control: await ControlSnapshots.open(quiet.database) };
}

function modelRunner({ dataDir, projectDir }: Pick<ServiceOptions, 'dataDir' | 'projectDir'>): ModelRunner {
  return new ModelRunner(loadModels('sql/models', projectDir), seedFolder(projectDir, places(dataDir).seeds));
}
