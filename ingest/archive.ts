import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Connection, Database } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';
import { type ArchiveFile, loadManifest, saveManifest } from './archive-manifest.ts';
import { checksum, publishFile } from './durable-file.ts';
import { type EmbeddedLog, embeddedPartition } from './embedded-log.ts';
import type { LogRecord } from './record.ts';
import type { SealedSegment } from './sealed-segments.ts';
import { Serial } from './serial.ts';

const sql = {
  stage: readProjectFile('sql/log/archive_stage.sql'),
  days: readProjectFile('sql/log/archive_days.sql'),
  write: readProjectFile('sql/log/archive_write.sql'),
};

const readBytes = 2 ** 20;
/** Bytes staged before the thread is given back: about 1 ms of work, with what a record costs beside its body counted in. */
const turnBytes = 2 ** 18;
const recordBytes = 500;

/**
 * Moves sealed segments of the embedded log into Parquet files by the UTC day of receipt, with a manifest, and lets segments go that
 * are archived and applied. A file counts once the manifest names it, so a crash at any point leaves a whole archive.
 */
export class Archiver {
  private readonly steps = new Serial();
  private database: Database | undefined;
  private connection: Connection | undefined;

  private constructor(
    private readonly folder: string,
    private readonly log: EmbeddedLog,
    private files: ArchiveFile[],
  ) {}

  /** @throws SluiceError `log_corrupt` when the manifest cannot be read */
  static async open({ folder, log }: { folder: string; log: EmbeddedLog }): Promise<Archiver> {
    await mkdir(folder, { recursive: true });
    return new Archiver(folder, log, await loadManifest(folder));
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
      await this.log.rotateDaily();
      const [due, ...later] = this.log.sealedSegments.filter((segment) => !this.holds(segment));
      if (due !== undefined) await this.archive(due);
      const removed = await this.log.release(this.archivedOffset());
      return { archived: due === undefined ? 0 : due.end - due.first, removed, more: later.length > 0 };
    });
  }

  /** Begins a new segment now, so that the next steps archive every record up to here. */
  forceRotate(): Promise<void> {
    return this.log.rotate();
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

  private holds(segment: SealedSegment): boolean {
    return this.files.some((file) => file.segment_first === segment.first && file.segment_end === segment.end);
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

  private async archive(segment: SealedSegment): Promise<void> {
    const connection = await this.workspace();
    await connection.exec(sql.stage);
    await this.stage(connection, segment);
    const written: ArchiveFile[] = [];
    for (const day of await connection.rows(sql.days)) written.push(await this.write(connection, segment, day));
    await connection.exec('DROP TABLE record');
    const files = [...this.files, ...written];
    await saveManifest(this.folder, files);
    this.files = files;
  }

  /** A database in memory, kept: to close it with a segment in it would hold this thread (measured: 50 ms). */
  private async workspace(): Promise<Connection> {
    this.database ??= await Database.open({ path: ':memory:', memoryMb: 512, threads: 1 });
    this.connection ??= await this.database.connect();
    return this.connection;
  }

  private async stage(connection: Connection, segment: SealedSegment): Promise<void> {
    const appender = await connection.driver.createAppender('record');
    let unflushed = 0;
    for (let next = segment.first; next < segment.end; ) {
      const records = await this.log.read(new Map([[embeddedPartition, BigInt(next)]]), readBytes);
      for (const record of records.slice(0, segment.end - next)) {
        appendRecord(appender, record);
        next++;
        unflushed += record.body.byteLength + recordBytes;
        if (unflushed < turnBytes) continue;
        unflushed = 0;
        appender.flushSync();
        await nextTurn();
      }
    }
    appender.closeSync();
  }

  private async write(connection: Connection, segment: SealedSegment, row: Record<string, unknown>): Promise<ArchiveFile> {
    const day = String(row['day']);
    const [first, last] = [Number(row['first_offset']), Number(row['last_offset'])];
    const file = `${day}/${pad(first)}-${pad(last)}.parquet`;
    const path = join(this.folder, file);
    const temporary = `${path}.tmp`;
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { force: true });
    await connection.run('SET VARIABLE archive_day = $1', [day]);
    await connection.run('SET VARIABLE archive_path = $1', [temporary]);
    await connection.exec(sql.write);
    const sha256 = await checksum(temporary);
    await publishFile(temporary, path);
    return {
      file,
      day,
      first_offset: first,
      last_offset: last,
      rows: Number(row['row_count']),
      bytes: (await stat(path)).size,
      body_bytes: Number(row['body_bytes']),
      sha256,
      segment_first: segment.first,
      segment_end: segment.end,
    };
  }
}

function appendRecord(appender: Awaited<ReturnType<Connection['driver']['createAppender']>>, record: LogRecord): void {
  appender.appendBigInt(record.offset);
  appender.appendVarchar(record.kind);
  appender.appendBigInt(record.receivedAt);
  appender.appendBlob(record.body);
  appender.endRow();
}

function pad(offset: number): string {
  return String(offset).padStart(16, '0');
}
