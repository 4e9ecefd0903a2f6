import { decodeRecord } from './decode.ts';
import type { LogRecord } from './record.ts';
import { type Decoded, emptyDecoded, type Staged } from './staged.ts';

type Count = { -readonly [Column in keyof Staged<'record_count'>]: Staged<'record_count'>[Column] };

/** The rows of all records of a batch, with the count of what each partition told, by kind. Never throws, as `decodeRecord`. */
export function decodeBatch(records: readonly LogRecord[]): Decoded {
  const decoded = emptyDecoded();
  const counts = new Map<string, Count>();
  let last: { partition: string; kind: string; count: Count } = {
    partition: '',
    kind: '',
    count: noRecords('', 'webhook'),
  };
  for (const record of records) {
    const { partition, kind } = record;
    if (partition !== last.partition || kind !== last.kind) {
      const key = `${partition} ${kind}`;
      const count = counts.get(key) ?? noRecords(partition, kind);
      counts.set(key, count);
      last = { partition, kind, count };
    }
    const { updates, events, commands, unmodelled } = decodeRecord(record, decoded);
    const { count } = last;
    count.records += 1;
    count.items += updates + events + commands;
    count.unmodelled += unmodelled;
    count.newest_offset = record.offset;
    count.newest_received_at = record.receivedAt;
  }
  decoded.record_count.push(...counts.values());
  return decoded;
}

/** The count of no records. */
export function noRecords(partition: string, kind: string): Count {
  const newest = { newest_offset: null, newest_received_at: null };
  return { log_partition: partition, record_kind: kind, records: 0, items: 0, unmodelled: 0, ...newest };
}

/** The count of one record without what it holds. */
export function oneRecord({ partition, kind, offset, receivedAt }: LogRecord): Count {
  return { ...noRecords(partition, kind), records: 1, newest_offset: offset, newest_received_at: receivedAt };
}
