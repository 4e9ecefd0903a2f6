import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../sql/errors.ts';
import { publishFile } from './durable-file.ts';
import { embeddedPartition } from './embedded-log.ts';

/** One Parquet file of the archive: the records of one segment that were received on one UTC day. */
export interface ArchiveFile {
  /** Path inside the archive: `<day>/<first offset>-<last offset>.parquet`; of Kafka `<day>/<topic>/<n>/…`. */
  file: string;
  /** The log's partition. */
  partition: string;
  day: string;
  first_offset: number;
  last_offset: number;
  rows: number;
  /** Of the file. */
  bytes: number;
  /** Of the records' bodies. */
  body_bytes: number;
  sha256: string;
  /** Offsets of the segment it came from: the files of a segment hold all of `segment_first` to below `segment_end` together. */
  segment_first: number;
  segment_end: number;
}

/** The files that hold one segment, which interleave when requests arrive around midnight. */
export interface ArchivedSegment {
  partition: string;
  first: number;
  end: number;
  files: ArchiveFile[];
}

const fileName = 'manifest.json';

/**
 * What the archive in a folder holds; empty when there is none.
 * @throws SluiceError `log_corrupt` when the manifest cannot be read
 */
export async function loadManifest(folder: string): Promise<ArchiveFile[]> {
  let text: string;
  try {
    text = await readFile(join(folder, fileName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw corrupt(error);
  }
  try {
    const { files } = JSON.parse(text) as { files: (ArchiveFile & { partition?: string })[] };
    // manifests of version 0.1 name no partition
    const named = files.map((file) => ({ ...file, partition: file.partition ?? embeddedPartition }));
    return named.sort((a, b) => a.segment_first - b.segment_first || a.first_offset - b.first_offset);
  } catch (error) {
    throw corrupt(error);
  }
}

/** Replaces the manifest in one step. */
export async function saveManifest(folder: string, files: readonly ArchiveFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${fileName}.tmp`);
  await writeFile(temporary, `${JSON.stringify({ version: 1, files }, null, 1)}\n`);
  await publishFile(temporary, join(folder, fileName));
}

/** The archived segments, oldest first. */
export function archivedSegments(files: readonly ArchiveFile[]): ArchivedSegment[] {
  const segments = new Map<string, ArchivedSegment>();
  for (const file of files) {
    const { partition, segment_first: first, segment_end: end } = file;
    const segment = segments.get(`${partition}@${first}`) ?? { partition, first, end, files: [] };
    segment.files.push(file);
    segments.set(`${partition}@${first}`, segment);
  }
  return [...segments.values()];
}

function corrupt(cause: unknown): SluiceError {
  return new SluiceError('log_corrupt', { detail: `the archive's manifest: ${(cause as Error).message}`, file: fileName, cause });
}
