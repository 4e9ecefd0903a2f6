import { mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Database } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';

/** Folders that this process holds: the system's lock keeps other processes out, not a second try from within. */
const held = new Set<string>();

/**
 * The folder that holds everything Sluice keeps (SLUICE_DATA_DIR): the log's segments, the archive and the warehouse. One process at
 * a time. The lock is the system's own, on a small DuckDB file held open, so nothing is left locked by a process that was killed.
 */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly lock: Database,
  ) {}

  /**
   * Makes what is missing and locks the folder until `close` or the end of the process.
   * @throws SluiceError `warehouse_locked` when another process (or this one) holds it, `config_invalid` when it cannot be written
   */
  static async open(folder: string): Promise<DataFolder> {
    const path = makeLayout(resolve(folder));
    if (held.has(path)) throw new SluiceError('warehouse_locked', { detail: `${path} is held by this process already` });
    held.add(path);
    try {
      return new DataFolder(path, await Database.open({ path: join(path, 'lock.duckdb'), memoryMb: 16, threads: 1 }));
    } catch (cause) {
      held.delete(path);
      const message = cause instanceof Error ? cause.message : String(cause);
      if (!/lock/i.test(message)) throw new SluiceError('config_invalid', { detail: message, cause });
      const holder = /PID (\d+)/.exec(message)?.[1];
      throw new SluiceError('warehouse_locked', { detail: `${path}${holder === undefined ? '' : `, process ${holder}`}`, cause });
    }
  }

  /** Segments of the embedded log. */
  get log(): string {
    return join(this.path, 'log');
  }

  /** Parquet files by day, and their manifest. */
  get archive(): string {
    return join(this.path, 'archive');
  }

  /** The warehouse's DuckDB file. */
  get warehouse(): string {
    return join(this.path, 'warehouse.duckdb');
  }

  close(): void {
    if (!held.delete(this.path)) return;
    this.lock.close();
  }
}

function makeLayout(path: string): string {
  try {
    for (const folder of [path, join(path, 'log'), join(path, 'archive')]) mkdirSync(folder, { recursive: true });
    return realpathSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('config_invalid', {
      detail: `the data folder cannot be made: ${reason}`,
      field: 'SLUICE_DATA_DIR',
      cause,
    });
  }
}
