import { Archiver, type RecordChange } from '../ingest/archive.ts';
import { EmbeddedLog } from '../ingest/embedded-log.ts';
import type { EventLog } from '../ingest/event-log.ts';
import { forgetIn } from '../ingest/forget-record.ts';
import { useWords } from '../ingest/stop-words.ts';
import { projectWords } from '../ingest/word-file.ts';
import { ArchiveTimer } from './archive-timer.ts';
import { type BackupSummary, writeBackup } from './backup.ts';
import type { Config } from './config.ts';
import { DataFolder, places } from './data-folder.ts';
import { DeadLetterMirror } from './dead-letters.ts';
import { DueTimer } from './due-timer.ts';
import { forgottenOf, readForgotten } from './forgotten-book.ts';
import type { Logger } from './logger.ts';
import { openDeadLetters, openKafkaLog } from './open-log.ts';
import { PrivacyDesk } from './privacy-desk.ts';
import { type Snapshot, SnapshotKeeper } from './snapshots.ts';
import { version } from './version.ts';
import type { Warehouse } from './warehouse.ts';
import { startWarehouse } from './warehouse-thread/start.ts';

/** Least rest between two builds of the models, ms. */
const refreshMs = 2000;
/**
 * Threads of one query. Several queries run at once anyway, and with more than one DuckDB's caller spins while it waits for its
 * helpers: on two busy cores a batch of statuses then took a third more processor time (measured).
 */
const queryThreads = 1;
/** How often it is asked whether people wait to be forgotten, and a snapshot is due, ms. */
const sweepEveryMs = 600_000;
/** How often what was set aside is mirrored, ms. */
const mirrorEveryMs = 2000;

/** Everything behind the HTTP surface, running on one data folder. */
export interface Works {
  folder: DataFolder;
  log: EventLog;
  warehouse: Warehouse;
  /** Rejects when the warehouse cannot go on: the process should then end and be started anew. */
  failed: Promise<never>;
  backup(folder: string): Promise<BackupSummary>;
  privacy: PrivacyDesk;
  /** Takes a snapshot of the marts. */
  snapshot(): Promise<Snapshot>;
  /** Stops in an order that loses nothing: archive, warehouse, log, folder. */
  close(): Promise<void>;
}

/**
 * Takes the data folder unless it is given, opens the log and starts the warehouse on it.
 * @throws SluiceError `warehouse_locked` when another process has the folder
 */
export async function openWorks(
  config: Pick<Config, 'dataDir' | 'memoryMb' | 'kafka' | 'retention' | 'snapshots' | 'projectDir'>,
  { logger, now, folder: taken }: { logger: Logger; now: () => Date; folder?: DataFolder },
): Promise<Works> {
  const open: { close(): Promise<unknown> }[] = [];
  const closeAll = async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  };
  try {
    // Here texts are taken out of records, but for the words by which people leave; the warehouse's thread reads them itself.
    useWords(projectWords(config.projectDir));
    const folder = taken ?? (await DataFolder.open(config.dataDir));
    open.push(folder);
    const book = await readForgotten(config.dataDir);
    // the desk knows better as soon as there is one
    const atFirst = forgottenOf(book);
    let forgotten = () => atFirst;
    const { log, archiver } = await openLog(config, logger, now, (record) => forgetIn(record, forgotten()));
    open.push(log);
    const { warehouse, failed } = await startWarehouse(
      { dataDir: config.dataDir, projectDir: config.projectDir, memoryMb: config.memoryMb, threads: queryThreads, refreshMs },
      log,
      (text, error) => logger.error({ err: error }, text),
    );
    open.push(warehouse);
    const letters = await openDeadLetters(config, logger);
    if (letters !== null)
      open.push(letters, mirroring(new DeadLetterMirror(warehouse, letters, places(config.dataDir).deadLetters), logger));
    const timer = new ArchiveTimer({ archiver, isBehind: () => warehouse.isBehind(), logger });
    open.push({ close: () => timer.stop() });
    const during = <T>(work: () => Promise<T>) => timer.during(work);
    const { dataDir, retention } = config;
    const privacy = new PrivacyDesk({ dataDir, retention, book, archiver, during, warehouse, log, now });
    forgotten = () => privacy.forgotten;
    const unswept = (error: unknown) => logger.error({ err: error }, 'people could not be forgotten; it is tried again');
    const sweeps = new DueTimer(() => privacy.sweepIfDue(), unswept, sweepEveryMs);
    open.push({ close: () => sweeps.stop() });
    const keeper = new SnapshotKeeper({ dataDir, snapshots: config.snapshots, warehouse, now });
    const untaken = (error: unknown) => logger.error({ err: error }, 'a snapshot could not be taken; it is tried again');
    const snapshots = new DueTimer(() => keeper.takeIfDue(), untaken, sweepEveryMs);
    open.push({ close: () => snapshots.stop() });
    const backup = (target: string) =>
      timer.during(() => writeBackup(target, { warehouse, records: archiver, forgotten: () => privacy.list, version, now }));
    return { folder, log, warehouse, failed, backup, privacy, snapshot: () => keeper.take(), close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function mirroring(mirror: DeadLetterMirror, logger: Logger): { close(): Promise<void> } {
  const unwritten = (error: unknown) =>
    logger.warn({ err: error }, 'what was set aside is not in the dead-letter topic yet; it is tried again');
  const timer = new DueTimer(() => mirror.step(), unwritten, mirrorEveryMs);
  return { close: () => timer.stop() };
}

/** A segment being written and one being sealed lie in memory, about twice their bytes each: a sixteenth of it all at the most. */
function segmentBytes({ memoryMb }: Pick<Config, 'memoryMb'>): number {
  return Math.min(32, Math.max(4, Math.floor(memoryMb / 64))) * 2 ** 20;
}

/** The log, and what archives it. On Kafka the live records stay in the topics: a backup has the warehouse and the archive. */
async function openLog(
  config: Pick<Config, 'dataDir' | 'kafka' | 'memoryMb'>,
  logger: Logger,
  now: () => Date,
  change: RecordChange,
): Promise<{ log: EventLog; archiver: Archiver }> {
  const place = places(config.dataDir);
  const clock = () => now().getTime();
  const kafka = await openKafkaLog(config, logger);
  const log = kafka ?? (await EmbeddedLog.open({ folder: place.log, now: clock, segmentBytes: segmentBytes(config) }));
  try {
    const archivable = log instanceof EmbeddedLog ? log : log.archivable(clock);
    return { log, archiver: await Archiver.open({ folder: place.archive, log: archivable, change }) };
  } catch (error) {
    await log.close();
    throw error;
  }
}
