import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listValue } from '@duckdb/node-api';
import { type Connection, Database } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { readProjectFile } from '../sql/files.ts';
import { type ArchivedSegment, archivedSegments, loadManifest } from './archive-manifest.ts';
import { checksum } from './durable-file.ts';
import type { LogRecord, Positions, RecordKind } from './record.ts';
import { Serial } from './serial.ts';

const readSql = readProjectFile('sql/log/archive_read.sql');

/** Reads records back from the archive's Parquet files. May be used in any thread, beside the Archiver that writes. */
export class ArchiveReader {
  private segments: ArchivedSegment[] = [];
  private readonly checked = new Set<string>();
  private readonly reads = new Serial();

  private constructor(
    private readonly folder: string,
    private readonly database: Database,
    private readonly connection: Connection,
  ) {}

  /** @throws SluiceError `log_corrupt` when the manifest cannot be read */
  static async open(folder: string): Promise<ArchiveReader> {
    const database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
    const reader = new ArchiveReader(folder, database, await database.connect());
    await reader.reload();
    return reader;
  }

  /** Looks at the manifest again. */
  async reload(): Promise<void> {
    this.segments = archivedSegments(await loadManifest(this.folder));
  }

  /** A partition of which the archive, as last looked at, holds the record at its position; undefined when it holds none. */
  holding(from: Positions): { partition: string; offset: number } | undefined {
    const partitions = new Set(this.segments.map(({ partition }) => partition));
    for (const partition of partitions) {
      const offset = Number(from.get(partition) ?? 0n);
      if (this.find(partition, offset) !== undefined) return { partition, offset };
    }
    return undefined;
  }

  /**
   * Records from offset `from` of a partition on: at least one, about `maxBytes` of bodies, of one archived segment.
   * @throws SluiceError `log_gap` when the archive does not hold it or a file is missing, `log_corrupt` when a file was changed
   */
  read(partition: string, from: number, maxBytes: number): Promise<LogRecord[]> {
    return this.reads.run(async () => {
      // a file may have been rewritten under another name since the manifest was last looked at
      const known = this.find(partition, from);
      if (known?.files.some(({ file }) => !existsSync(join(this.folder, file)))) await this.reload();
      const segment = this.find(partition, from);
      if (segment === undefined) {
        throw new SluiceError('log_gap', { detail: `the archive does not hold record ${from} of ${partition}` });
      }
      const files = segment.files.filter(({ last_offset }) => last_offset >= from);
      for (const { file, sha256 } of files) await this.check(file, sha256);
      const to = Math.min(segment.end, from + pageRecords(segment, maxBytes));
      await this.connection.exec(`SET VARIABLE read_from = ${from}; SET VARIABLE read_to = ${to}`);
      await this.connection.run('SET VARIABLE archive_files = $1', [listValue(files.map(({ file }) => join(this.folder, file)))]);
      return page(await this.connection.rows(readSql), partition, from, maxBytes, files[0]?.file);
    });
  }

  close(): void {
    this.connection.close();
    this.database.close();
  }

  /** The first record at or behind this place that the archive, as last looked at, holds. */
  firstFrom(partition: string, offset: bigint): bigint | undefined {
    const behind = this.segments.filter((segment) => segment.partition === partition && BigInt(segment.end) > offset);
    const first = Math.min(...behind.map((segment) => segment.first));
    if (behind.length === 0) return undefined;
    return BigInt(first) > offset ? BigInt(first) : offset;
  }

  private find(partition: string, offset: number): ArchivedSegment | undefined {
    return this.segments.find((segment) => segment.partition === partition && segment.first <= offset && offset < segment.end);
  }

  private async check(file: string, sha256: string): Promise<void> {
    if (this.checked.has(file)) return;
    const path = join(this.folder, file);
    if (!existsSync(path)) throw new SluiceError('log_gap', { detail: 'a file of the archive is missing', file });
    if ((await checksum(path)) !== sha256) {
      throw new SluiceError('log_corrupt', { detail: 'the file is not what the manifest says', file });
    }
    this.checked.add(file);
  }
}

/** How many records come to about `maxBytes`, going by the segment's mean. */
function pageRecords({ first, end, files }: ArchivedSegment, maxBytes: number): number {
  const mean = files.reduce((sum, file) => sum + file.body_bytes, 0) / (end - first);
  return Math.min(16_384, Math.max(1, Math.ceil(maxBytes / Math.max(mean, 1))));
}

function page(
  rows: Record<string, unknown>[],
  partition: string,
  from: number,
  maxBytes: number,
  file: string | undefined,
): LogRecord[] {
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const body = row['body'] as Uint8Array;
    const offset = row['log_offset'] as bigint;
    if (offset !== BigInt(from + index)) break;
    bytes += body.byteLength;
    if (index > 0 && bytes > maxBytes) break;
    const kind = row['record_kind'] as RecordKind;
    records.push({ partition, offset, kind, receivedAt: row['received_us'] as bigint, body });
  }
  if (records.length === 0) throw new SluiceError('log_gap', { detail: `record ${from} is missing`, ...(file && { file }) });
  return records;
}
