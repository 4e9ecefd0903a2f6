import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Database } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';

/** What lies where in a data folder. */
export function places(dataDir: string) {
  return {
    warehouse: join(dataDir, 'warehouse.duckdb'),
    /** A rebuild in the making; what a crash left of one is swept at start. */
    nextWarehouse: join(dataDir, 'warehouse.next.duckdb'),
    log: join(dataDir, 'log'),
    archive: join(dataDir, 'archive'),
    /** The user's own rate cards, exchange rates and so on, see docs/money.md. */
    seeds: join(dataDir, 'seeds'),
    /** Parquet copies of the marts, a folder each. */
    snapshots: join(dataDir, 'snapshots'),
    /** Files on their way in or out; emptied at start. */
    temp: join(dataDir, 'tmp'),
    /** How far the dead-letter topic mirrors the quarantine. */
    deadLetters: join(dataDir, 'dead-letters.json'),
    /** Held open by the one process that works in the folder. */
    lock: join(dataDir, 'lock.duckdb'),
    /** Where the serving process listens, for the commands. */
    server: join(dataDir, 'server.json'),
  };
}

const announcement = z.object({ url: z.string(), pid: z.number().int(), version: z.string(), started_at: z.string() });
export type Announcement = z.output<typeof announcement>;

/** Folders held by this process; the kernel's lock does not tell a process from itself. */
const heldHere = new Set<string>();

/**
 * The right to work in a data folder: one process at a time. The lock is an empty DuckDB file kept open, because DuckDB asks the
 * kernel for it: it is free again the moment its process dies, however it dies, and no stale lock file is left to be judged.
 */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly lock: Database,
  ) {}

  /** @throws SluiceError `warehouse_locked` when another process holds the folder */
  static async open(path: string): Promise<DataFolder> {
    const { lock, temp, nextWarehouse } = places(path);
    try {
      await mkdir(path, { recursive: true });
    } catch (cause) {
      throw new SluiceError('config_invalid', {
        detail: `SLUICE_DATA_DIR: ${path} cannot be made (${(cause as NodeJS.ErrnoException).code})`,
      });
    }
    if (heldHere.has(path)) throw new SluiceError('warehouse_locked', { detail: `${path} is held by this process` });
    heldHere.add(path);
    try {
      const database = await Database.open({ path: lock, memoryMb: 16, threads: 1 });
      await rm(temp, { recursive: true, force: true });
      await mkdir(temp);
      for (const ending of ['', '.wal']) await rm(`${nextWarehouse}${ending}`, { force: true });
      return new DataFolder(path, database);
    } catch (cause) {
      heldHere.delete(path);
      const message = cause instanceof Error ? cause.message : String(cause);
      const holder = /PID (\d+)/.exec(message)?.[1];
      if (!/lock/i.test(message))
        throw new SluiceError('config_invalid', { detail: `SLUICE_DATA_DIR: ${path} cannot be written`, cause });
      throw new SluiceError('warehouse_locked', {
        detail: `${path}${holder === undefined ? '' : ` is held by process ${holder}`}`,
      });
    }
  }

  /** Tells the commands where this process listens. */
  async announce(announcement: Announcement): Promise<void> {
    await writeFile(places(this.path).server, `${JSON.stringify(announcement)}\n`);
  }

  async close(): Promise<void> {
    await rm(places(this.path).server, { force: true });
    this.lock.close();
    heldHere.delete(this.path);
  }
}

/** Where the process that holds a folder listens, if it said so. */
export async function readAnnouncement(path: string): Promise<Announcement | null> {
  const text = await readFile(places(path).server, 'utf8').catch(() => null);
  try {
    return announcement.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}
