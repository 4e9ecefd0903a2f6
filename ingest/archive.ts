import { copyFile, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DuckDBBlobValue } from '@duckdb/node-api';
import { type Connection, Database } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';
import { type ArchiveFile, loadManifest, saveManifest } from './archive-manifest.ts';
import { checksum, publishFile } from './durable-file.ts';
import { embeddedPartition } from './embedded-log.ts';
import type { LogRecord } from './record.ts';
import { Serial } from './serial.ts';

const sql = {
  stage: readProjectFile('sql/log/archive_stage.sql'),
  days: readProjectFile('sql/log/archive_days.sql'),
  write: readProjectFile('sql/log/archive_write.sql'),
  all: readProjectFile('sql/log/archive_all.sql'),
};

/** Consecutive records of one partition that do not change any more. */
export interface ArchivableSegment {
  /** The embedded log's when absent. */
  partition?: string;
  first: number;
  end: number;
}

/** What becomes of a record; the record itself where nothing does. */
export type RecordChange = (record: LogRecord) => LogRecord;

/** What the archiver asks of a log: the embedded one, or Kafka's topics. */
export interface ArchivableLog {
  /** Seals what has stood long enough. `archivedEnds` tells up to where each partition is archived. */
  rotateDaily(archivedEnds: ReadonlyMap<string, number>): Promise<void>;
  /** Seals every record up to here. */
  rotate(): Promise<void>;
  /** Oldest first. */
  readonly sealedSegments: readonly ArchivableSegment[];
  /** Records of one segment from an offset on; at least one, about `maxBytes`. */
  readSegment(segment: ArchivableSegment, from: number, maxBytes: number): Promise<LogRecord[]>;
  /** Lets records go that are archived and applied; tells how many segments went. */
  release(archivedOffset: number): Promise<number>;
  /** Puts a copy of what it keeps on this machine into a folder. */
  copyTo(folder: string): Promise<void>;
}

const readBytes = 2 ** 20;
/** A segment is archived up to the record with which this many bytes are staged, for logs whose segments may be cut anywhere. */
const stageBytes = 32 * 2 ** 20;
/** Bytes staged before the thread is given back: about 1 ms of work, with what a record costs beside its body counted in. */
const turnBytes = 2 ** 18;
const recordBytes = 500;

/**
 * Moves sealed segments of the log into Parquet files by the UTC day of receipt, with a manifest, and lets segments go that
 * are archived and applied. A file counts once the manifest names it, so a crash at any point leaves a whole archive.
 */
export class Archiver {
  private readonly steps = new Serial();
  private database: Database | undefined;
  private connection: Connection | undefined;

  private constructor(
    private readonly folder: string,
    private readonly log: ArchivableLog,
    private files: ArchiveFile[],
    private readonly change: RecordChange,
  ) {}

  /**
   * @param change what is done to each record on its way into the archive
   * @throws SluiceError `log_corrupt` when the manifest cannot be read
   */
  static async open(parts: { folder: string; log: ArchivableLog; change?: RecordChange }): Promise<Archiver> {
    const { folder, log, change = (record) => record } = parts;
    await mkdir(folder, { recursive: true });
    return new Archiver(folder, log, await loadManifest(folder), change);
  }

  /** What the archive holds. */
  get manifest(): readonly ArchiveFile[] {
    return this.files;
  }

  /**
   * Archives the oldest segment that is not yet, if any, and removes the segments that may go. Call it on a timer; it does not
   * overlap itself. `more` tells that another segment waits.
   * @throws SluiceError `log_gap` or `log_corrupt` when a segment cannot be read whole: nothing of it is removed then
   */
  step(): Promise<{ archived: number; removed: number; more: boolean }> {
    return this.steps.run(async () => {
      await this.log.rotateDaily(this.archivedEnds());
      const [due, ...later] = this.log.sealedSegments.filter((segment) => !this.holds(segment));
      const archived = due === undefined ? 0 : await this.archive(due);
      const removed = await this.log.release(this.archivedOffset());
      const cut = due !== undefined && archived < due.end - due.first;
      return { archived, removed, more: cut || later.length > 0 };
    });
  }

  /** Sealed segments that have not gone yet. */
  get sealedLeft(): number {
    return this.log.sealedSegments.length;
  }

  /** Begins a new segment now, so that the next steps archive every record up to here. */
  forceRotate(): Promise<void> {
    return this.log.rotate();
  }

  /**
   * Rewrites the files in which a change changes something; each takes the place of the old one in one step, and the old one goes.
   * @param onlyBefore leaves files alone that hold records of this UTC day (YYYY-MM-DD) and later
   * @returns how many files
   */
  async rewrite(change: RecordChange, onlyBefore?: string): Promise<number> {
    await this.steps.run(() => this.removeStrays());
    let count = 0;
    for (const { file, day } of [...this.files]) {
      if (onlyBefore !== undefined && day >= onlyBefore) continue;
      if (await this.steps.run(() => this.rewriteFile(file, change))) count += 1;
    }
    return count;
  }

  /** What a crash left of files that the manifest does not name, or does not name any more. */
  private async removeStrays(): Promise<void> {
    const named = new Set(this.files.map(({ file }) => join(this.folder, file)));
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && /\.parquet(?:\.tmp)?$/.test(entry.name) && !named.has(path)) await rm(path, { force: true });
    }
  }

  private async rewriteFile(name: string, change: RecordChange): Promise<boolean> {
    const old = this.files.find(({ file }) => file === name);
    if (old === undefined) return false;
    const connection = await this.workspace();
    await connection.exec(sql.stage);
    try {
      if (!(await this.stageChanged(connection, old, change))) return false;
      const next = nextName(old.file);
      const [row = {}] = await connection.rows(sql.days);
      const { file, bytes, sha256 } = await this.writeFile(connection, old.partition, old.day, next);
      const files = this.files.map((one) =>
        one === old ? { ...old, file, bytes, sha256, body_bytes: Number(row['body_bytes']) } : one,
      );
      await saveManifest(this.folder, files);
      this.files = files;
      await rm(join(this.folder, old.file), { force: true });
      return true;
    } finally {
      await connection.exec('DROP TABLE IF EXISTS record');
    }
  }

  /** Stages a file's records, changed; false when none of them changes. */
  private async stageChanged(connection: Connection, { file, partition }: ArchiveFile, change: RecordChange): Promise<boolean> {
    const path = join(this.folder, file);
    const appender = await connection.driver.createAppender('record');
    const reader = await connection.driver.stream(sql.all, [path]);
    let changed = false;
    for (let chunk = await reader.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await reader.fetchChunk()) {
      for (const [offset, kind, receivedAt, body] of chunk.getRows()) {
        const record: LogRecord = {
          partition,
          offset: offset as bigint,
          kind: kind as LogRecord['kind'],
          receivedAt: receivedAt as bigint,
          body: (body as DuckDBBlobValue).bytes,
        };
        const next = change(record);
        changed ||= next !== record;
        appendRecord(appender, next);
      }
      await nextTurn();
    }
    appender.closeSync();
    return changed;
  }

  /**
   * Copies log and archive as they stand into `<folder>/log` and `<folder>/archive`, while both run (hard links where the disk is the
   * same: sealed files never change). Copy the warehouse before, and the copy catches up from the log.
   */
  copyTo(folder: string): Promise<void> {
    return this.steps.run(async () => {
      await this.log.copyTo(join(folder, 'log'));
      const archive = join(folder, 'archive');
      for (const { file } of this.files) {
        const target = join(archive, file);
        await mkdir(dirname(target), { recursive: true });
        await link(join(this.folder, file), target).catch(() => copyFile(join(this.folder, file), target));
      }
      await saveManifest(archive, this.files);
    });
  }

  /** Finishes the step under way. The log stays open. */
  close(): Promise<void> {
    return this.steps.run(async () => {
      this.connection?.close();
      this.database?.close();
      this.connection = undefined;
      this.database = undefined;
    });
  }

  private holds({ partition = embeddedPartition, first, end }: ArchivableSegment): boolean {
    return this.files.some((file) => file.partition === partition && file.segment_first === first && file.segment_end === end);
  }

  /** Per partition the offset after its last archived record. */
  private archivedEnds(): Map<string, number> {
    const ends = new Map<string, number>();
    for (const { partition, segment_end } of this.files) {
      ends.set(partition, Math.max(segment_end, ends.get(partition) ?? 0));
    }
    return ends;
  }

  /** The offset below which every record that still lies in a segment is archived. */
  private archivedOffset(): number {
    let end = 0;
    for (const segment of this.log.sealedSegments) {
      if (!this.holds(segment)) break;
      end = segment.end;
    }
    return end;
  }

  /** Archives a segment, or as much of one of Kafka's as fits memory. Tells how many records. */
  private async archive(segment: ArchivableSegment): Promise<number> {
    const connection = await this.workspace();
    await connection.exec(sql.stage);
    const end = await this.stage(connection, segment);
    const written: ArchiveFile[] = [];
    for (const day of await connection.rows(sql.days)) written.push(await this.write(connection, { ...segment, end }, day));
    await connection.exec('DROP TABLE record');
    const files = [...this.files, ...written];
    await saveManifest(this.folder, files);
    this.files = files;
    return end - segment.first;
  }

  /** A database in memory, kept: to close it with a segment in it would hold this thread (measured: 50 ms). */
  private async workspace(): Promise<Connection> {
    this.database ??= await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
    this.connection ??= await this.database.connect();
    return this.connection;
  }

  private async stage(connection: Connection, segment: ArchivableSegment): Promise<number> {
    const appender = await connection.driver.createAppender('record');
    const most = segment.partition === undefined ? Number.POSITIVE_INFINITY : stageBytes;
    let unflushed = 0;
    let staged = 0;
    let next = segment.first;
    while (next < segment.end && staged < most) {
      const records = await this.log.readSegment(segment, next, readBytes);
      for (const record of records.slice(0, segment.end - next)) {
        appendRecord(appender, this.change(record));
        next++;
        staged += record.body.byteLength + recordBytes;
        unflushed += record.body.byteLength + recordBytes;
        if (unflushed < turnBytes) continue;
        unflushed = 0;
        appender.flushSync();
        await nextTurn();
      }
    }
    appender.closeSync();
    return next;
  }

  private async write(connection: Connection, segment: ArchivableSegment, row: Record<string, unknown>): Promise<ArchiveFile> {
    const { partition = embeddedPartition } = segment;
    const day = String(row['day']);
    const [first, last] = [Number(row['first_offset']), Number(row['last_offset'])];
    const folder = partition === embeddedPartition ? day : `${day}/${partition}`;
    const written = await this.writeFile(connection, partition, day, `${folder}/${pad(first)}-${pad(last)}.parquet`);
    return {
      ...written,
      partition,
      day,
      first_offset: first,
      last_offset: last,
      rows: Number(row['row_count']),
      body_bytes: Number(row['body_bytes']),
      segment_first: segment.first,
      segment_end: segment.end,
    };
  }

  private async writeFile(
    connection: Connection,
    partition: string,
    day: string,
    file: string,
  ): Promise<Pick<ArchiveFile, 'file' | 'bytes' | 'sha256'>> {
    const path = join(this.folder, file);
    const temporary = `${path}.tmp`;
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { force: true });
    await connection.run('SET VARIABLE archive_partition = $1', [partition]);
    await connection.run('SET VARIABLE archive_day = $1', [day]);
    await connection.run('SET VARIABLE archive_path = $1', [temporary]);
    await connection.exec(sql.write);
    const sha256 = await checksum(temporary);
    await publishFile(temporary, path);
    return { file, bytes: (await stat(path)).size, sha256 };
  }
}

function appendRecord(appender: Awaited<ReturnType<Connection['driver']['createAppender']>>, record: LogRecord): void {
  appender.appendBigInt(record.offset);
  appender.appendVarchar(record.kind);
  appender.appendBigInt(record.receivedAt);
  appender.appendBlob(record.body);
  appender.endRow();
}

/** `….parquet`, `….2.parquet`, `….3.parquet`: whoever still reads by the old name finds no file rather than another one. */
function nextName(file: string): string {
  const version = /\.(\d+)\.parquet$/.exec(file)?.[1];
  return file.replace(/(?:\.\d+)?\.parquet$/, `.${Number(version ?? 1) + 1}.parquet`);
}

function pad(offset: number): string {
  return String(offset).padStart(16, '0');
}
