import type { LogRecord } from '../record.ts';

/**
 * Records that were fetched and not yet asked for. Kafka answers with whole batches, a reader asks for less; a reader goes on where it
 * stopped, so what is kept is the rest behind each reader's last record. Bounded: the oldest goes first, and is fetched again if needed.
 */
export class FetchWindow {
  private readonly runs = new Map<string, LogRecord[]>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Keeps consecutive records of one partition. */
  keep(records: readonly LogRecord[]): void {
    const [first] = records;
    if (first === undefined) return;
    this.drop(key(first.partition, first.offset));
    this.runs.set(key(first.partition, first.offset), [...records]);
    this.bytes += weight(records);
    for (const oldest of this.runs.keys()) {
      if (this.bytes <= this.maxBytes || this.runs.size === 1) break;
      this.drop(oldest);
    }
  }

  /** Takes the records kept from exactly this place on; undefined when there are none. */
  take(partition: string, offset: bigint): LogRecord[] | undefined {
    const records = this.runs.get(key(partition, offset));
    this.drop(key(partition, offset));
    return records;
  }

  has(partition: string, offset: bigint): boolean {
    return this.runs.has(key(partition, offset));
  }

  private drop(place: string): void {
    const records = this.runs.get(place);
    if (records === undefined) return;
    this.bytes -= weight(records);
    this.runs.delete(place);
  }
}

const recordBytes = 200;

function key(partition: string, offset: bigint): string {
  return `${partition}@${offset}`;
}

function weight(records: readonly LogRecord[]): number {
  return records.reduce((sum, { body }) => sum + body.byteLength + recordBytes, 0);
}
