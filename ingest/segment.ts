import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DuckDBAppender } from '@duckdb/node-api';
import { type Connection, Database } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { readProjectFile } from '../sql/files.ts';
import { syncFolder } from './durable-file.ts';
import type { Frame } from './frame.ts';
import { Serial } from './serial.ts';

const sql = {
  create: readProjectFile('sql/log/segment_create.sql'),
  append: readProjectFile('sql/log/segment_append.sql'),
  extent: readProjectFile('sql/log/segment_extent.sql'),
  index: readProjectFile('sql/log/segment_index.sql'),
  frames: readProjectFile('sql/log/segment_frames.sql'),
};

/** Where a segment lies: `segment-<offset of its first record, 16 digits>.duckdb`. */
export function segmentPath(folder: string, first: number): string {
  return join(folder, `segment-${String(first).padStart(16, '0')}.duckdb`);
}

/** First offsets of the segments in a folder, ascending. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .map((name) => /^segment-(\d{16})\.duckdb$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** Removes a segment's file and what DuckDB keeps beside it. */
export async function removeSegment(path: string): Promise<void> {
  for (const ending of ['', '.wal', '.tmp']) await rm(path + ending, { recursive: true, force: true });
}

/**
 * One opened segment file: append-only frames in a DuckDB file. A commit returns after DuckDB has flushed its write-ahead log
 * (one fsync a commit: seen with strace, and DuckDB's promise, https://duckdb.org/docs/stable/connect/concurrency).
 */
export class Segment {
  private readonly reads = new Serial();
  private closed = false;

  private constructor(
    readonly path: string,
    /** Offset of its first record. */
    readonly first: number,
    private readonly database: Database,
    private readonly writer: Connection,
    private readonly reader: Connection,
    /** Null where nothing can be appended any more. */
    private appender: DuckDBAppender | null,
    /** Offset after its last record. */
    private end: number,
    private frameBytes: number,
  ) {}

  /** Prepares an empty segment under a temporary name, so that no segment ever bears its name half made. */
  static async prepare(folder: string): Promise<string> {
    const path = join(folder, 'spare.duckdb');
    await removeSegment(path);
    const database = await Database.open({ path, memoryMb: 64, threads: 1 });
    try {
      const connection = await database.connect();
      await connection.exec(sql.create);
      await connection.exec('CHECKPOINT; PRAGMA disable_checkpoint_on_shutdown');
      connection.close();
    } finally {
      database.close();
    }
    return path;
  }

  /** Names a prepared file and opens it for writing. */
  static async start(prepared: string, folder: string, first: number): Promise<Segment> {
    const path = segmentPath(folder, first);
    await rename(prepared, path);
    await syncFolder(folder);
    return Segment.open(path, first, 'write');
  }

  /**
   * Opens a segment; what a crash left in its write-ahead log is replayed.
   * @throws SluiceError `log_corrupt` when it cannot be read, `log_gap` when it is not there
   */
  static async open(path: string, first: number, mode: 'read' | 'write'): Promise<Segment> {
    if (!existsSync(path)) throw new SluiceError('log_gap', { detail: `the records from ${first} on`, file: basename(path) });
    let database: Database | undefined;
    try {
      // All frames of the segment being written stay in memory until it is sealed, so the ceiling is several times a segment's size.
      database = await Database.open({ path, memoryMb: 256, threads: 1, readOnly: mode === 'read', checkpointMb: 65536 });
      const [writer, reader] = [await database.connect(), await database.connect()];
      // A checkpoint takes long and runs on the thread that closes: only `seal` asks for one.
      await writer.exec('PRAGMA disable_checkpoint_on_shutdown');
      const appender = mode === 'write' ? await writer.driver.createAppender('frame') : null;
      const [extent] = await reader.rows(sql.extent);
      const [next, bytes] = [Number(extent?.['next_offset'] ?? first), Number(extent?.['bytes'] ?? 0)];
      return new Segment(path, first, database, writer, reader, appender, next, bytes);
    } catch (cause) {
      database?.close();
      throw unreadable(path, cause);
    }
  }

  get nextOffset(): number {
    return this.end;
  }

  /** Bytes of its frames. */
  get bytes(): number {
    return this.frameBytes;
  }

  /** Resolves when the frame is durable. Calls must not overlap. Throws what DuckDB throws: then the segment must be reopened. */
  async append(frame: Frame): Promise<void> {
    const { firstOffset, records, data } = frame;
    await this.writer.script(sql.append, { first_offset: BigInt(firstOffset), records, bytes: data.byteLength, data });
    this.grow(frame);
  }

  /** The same, but the calling thread does it and stands still meanwhile, the disk's flush included: the frame is durable on return. */
  appendHere(frame: Frame): void {
    const { appender } = this;
    if (appender === null) throw new Error('the segment takes no more frames');
    appender.appendBigInt(BigInt(frame.firstOffset));
    appender.appendInteger(frame.records);
    appender.appendInteger(frame.data.byteLength);
    appender.appendBlob(frame.data);
    appender.endRow();
    try {
      appender.flushSync();
    } catch (error) {
      this.closeAppender(); // or it would try again by itself when it is let go
      throw error;
    }
    this.grow(frame);
  }

  private grow({ firstOffset, records, data }: Frame): void {
    this.end = firstOffset + records;
    this.frameBytes += data.byteLength;
  }

  /**
   * Frames from the one that holds `from` on, below offset `to`: at least one, then about `maxBytes`.
   * @throws SluiceError `log_gap` when the record `from` is not in it, `log_corrupt` when it cannot be read,
   * `log_unavailable` when it was closed
   */
  read(from: number, to: number, maxBytes: number): Promise<Frame[]> {
    return this.reads.run(async () => {
      if (this.closed)
        throw new SluiceError('log_unavailable', { detail: 'the segment is being opened again', file: basename(this.path) });
      try {
        return await this.readFrames(from, to, maxBytes);
      } catch (cause) {
        throw cause instanceof SluiceError ? cause : unreadable(this.path, cause);
      }
    });
  }

  private async readFrames(from: number, to: number, maxBytes: number): Promise<Frame[]> {
    if (from >= this.end) {
      const detail = `the records from ${this.end} to ${to - 1}`;
      throw new SluiceError('log_gap', { detail, file: basename(segmentPath('', this.end)) });
    }
    await this.reader.exec(`SET VARIABLE read_from = ${from}; SET VARIABLE read_to = ${to}`);
    const index = await this.reader.rows(sql.index);
    let last = 0;
    for (let bytes = 0, at = 0; at < index.length; at++) {
      // the first frame may lie before `from` for the most part, so it does not count
      if (at > 1 && bytes + Number(index[at]?.['bytes']) > maxBytes) break;
      if (at > 0) bytes += Number(index[at]?.['bytes']);
      last = Number(index[at]?.['first_offset']);
    }
    const first = index[0]?.['first_offset'];
    await this.reader.exec(`SET VARIABLE frame_from = ${first ?? 0}; SET VARIABLE frame_to = ${last}`);
    const rows = first === undefined ? [] : await this.reader.rows(sql.frames);
    const frames = rows.map((row) => ({
      firstOffset: Number(row['first_offset']),
      records: Number(row['records']),
      data: row['data'] as Uint8Array,
    }));
    let expected = from;
    for (const frame of frames) {
      if (frame.firstOffset > expected) break;
      expected = frame.firstOffset + frame.records;
    }
    const complete = frames.at(-1);
    if (complete === undefined || expected !== complete.firstOffset + complete.records) {
      throw new SluiceError('log_gap', { detail: `record ${expected} is missing`, file: basename(this.path) });
    }
    return frames;
  }

  /** Moves the write-ahead log into the file, so that the file alone is the segment. Nothing can be appended any more. */
  seal(): Promise<void> {
    return this.reads.run(async () => {
      this.closeAppender();
      await this.writer.exec('CHECKPOINT');
      // frees the memory of the frames off this thread; closing would do it on it
      await this.writer.exec(`SET memory_limit = '1MiB'`).catch(() => undefined);
    });
  }

  private closeAppender(): void {
    const { appender } = this;
    this.appender = null;
    try {
      appender?.closeSync();
    } catch {
      // it only says again what a refused append said
    }
  }

  /** Waits for reads under way, then closes without a checkpoint. */
  close(): Promise<void> {
    return this.reads.run(async () => {
      if (this.closed) return;
      this.closed = true;
      this.closeAppender();
      this.reader.close();
      this.writer.close();
      this.database.close();
    });
  }
}

function unreadable(path: string, cause: unknown): SluiceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SluiceError('log_corrupt', { detail: reason, file: basename(path), cause });
}
