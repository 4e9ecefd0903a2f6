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
    count: recordCount({ partition: '', kind: 'webhook' }, 0),
  };
  for (const record of records) {
    const { partition, kind } = record;
    if (partition !== last.partition || kind !== last.kind) {
      const key = `${partition} ${kind}`;
      const count = counts.get(key) ?? recordCount(record, 0);
      counts.set(key, count);
      last = { partition, kind, count };
    }
    const { updates, events, commands, unmodelled } = decodeRecord(record, decoded);
    const { count } = last;
    count.records += 1;
    count.items += updates + events + commands;
    count.unmodelled += unmodelled;
  }
  decoded.record_count.push(...counts.values());
  return decoded;
}

/** The count of records of one kind, before their items are. */
export function recordCount({ partition, kind }: Pick<LogRecord, 'partition' | 'kind'>, records: number): Count {
  return { log_partition: partition, record_kind: kind, records, items: 0, unmodelled: 0 };
}
