import { SluiceError } from '../sql/errors.ts';
import type { ArchiveReader } from './archive-reader.ts';
import type { EventLogReader } from './event-log.ts';
import type { LogRecord, Positions } from './record.ts';

/**
 * Everything that was ever accepted, from offset 0: the archive first, then the live log, as one log. For a rebuild beside the
 * serving warehouse; so what this reader has applied lets no segment go.
 * `read` throws `log_gap` when a record is in neither.
 */
export function historyReader(archive: ArchiveReader, log: EventLogReader): EventLogReader {
  return {
    ...catchUpReader(archive, log),
    read: async (from, maxBytes) => (await archived(archive, from, maxBytes)) ?? readOrArchive(archive, log, from, maxBytes),
    applied: async () => undefined,
  };
}

/**
 * The live log, and the archive for what it has let go: a warehouse that was restored from an old backup, or was away longer than the
 * topics keep records, catches up by itself. `read` throws `log_gap` when a record is in neither.
 */
export function catchUpReader(archive: ArchiveReader, log: EventLogReader): EventLogReader {
  return {
    read: (from, maxBytes) => readOrArchive(archive, log, from, maxBytes),
    waitFor: (from, timeoutMs) => log.waitFor(from, timeoutMs),
    end: () => log.end(),
    applied: (positions) => log.applied(positions),
  };
}

/** The one record at this place; undefined when the log ends before it. */
export async function recordAt(reader: EventLogReader, partition: string, offset: bigint): Promise<LogRecord | undefined> {
  for (let tries = 0; tries < 5; tries += 1) {
    // the others from their ends on, so that this partition alone has something to give, but for what comes in just now
    const from = new Map([...(await reader.end()), [partition, offset] as const]);
    const records = await reader.read(from, 1);
    const record = records.find((one) => one.partition === partition && one.offset === offset);
    if (record !== undefined || records.length === 0) return record;
  }
  return undefined;
}

async function readOrArchive(
  archive: ArchiveReader,
  log: EventLogReader,
  from: Positions,
  maxBytes: number,
): Promise<LogRecord[]> {
  try {
    return await log.read(from, maxBytes);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'log_gap') throw error;
    // the records may have moved into the archive since it was last looked at
    await archive.reload();
    const records = await archived(archive, from, maxBytes);
    if (records === undefined) throw error;
    return records;
  }
}

async function archived(archive: ArchiveReader, from: Positions, maxBytes: number): Promise<LogRecord[] | undefined> {
  const place = archive.holding(from);
  return place && archive.read(place.partition, place.offset, maxBytes);
}
