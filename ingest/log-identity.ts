import type { Connection } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { readProjectFile } from '../sql/files.ts';
import type { EventLogReader } from './event-log.ts';
import { recordAt } from './history-reader.ts';
import type { LogRecord } from './record.ts';

/** A record that was applied, as it is known again: what a log does not change, whoever is forgotten in it. */
export type KnownRecord = Pick<LogRecord, 'partition' | 'offset' | 'receivedAt'>;

const newest = readProjectFile('sql/queries/newest_records.sql');

/** The newest record of each partition that is in the warehouse, as far as that was noted. */
export async function newestRecords(connection: Connection): Promise<KnownRecord[]> {
  return (await connection.rows(newest)).map((row) => ({
    partition: String(row.log_partition),
    offset: row.record_offset as bigint,
    receivedAt: row.received_at as bigint,
  }));
}

/**
 * Looks whether the log is the one that these records were read from. A topic that was deleted and made anew counts from 0 again: once it
 * is longer than the warehouse's position, reading would go on in its midst, and what lies before would be lost without a word.
 * A record that is gone says nothing.
 * @throws SluiceError `log_gap` when another record stands in the place of one of these
 */
export async function recogniseLog(reader: EventLogReader, known: readonly KnownRecord[]): Promise<void> {
  for (const { partition, offset, receivedAt } of known) {
    const found = await recordIfKept(reader, partition, offset);
    if (found === undefined || found.receivedAt === receivedAt) continue;
    const [now, then] = [found.receivedAt, receivedAt].map((at) => new Date(Number(at / 1000n)).toISOString());
    throw new SluiceError('log_gap', {
      detail: `${partition}: record ${offset} is of ${now}, but the one that was applied is of ${then}; was the topic made anew, or the log's folder exchanged?`,
    });
  }
}

async function recordIfKept(reader: EventLogReader, partition: string, offset: bigint): Promise<LogRecord | undefined> {
  try {
    return await recordAt(reader, partition, offset);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'log_gap') return undefined;
    throw error;
  }
}
