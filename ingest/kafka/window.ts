import type { LogRecord } from '../record.ts';

/** Consecutive records of one partition; those below `at` have been taken. */
interface Run {
  records: readonly LogRecord[];
  at: number;
  bytes: number;
}

/**
 * Records that were fetched and not yet asked for. Kafka answers with whole batches, a reader asks for less; a reader goes on where it
 * stopped, so what is kept is the rest behind each reader's last record. Bounded: the oldest goes first, and is fetched again if needed.
 */
export class FetchWindow {
  private readonly runs = new Map<string, Run>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Keeps consecutive records of one partition. Tells how many bytes their bodies have. */
  keep(records: readonly LogRecord[]): number {
    const [first] = records;
    if (first === undefined) return 0;
    const bodies = records.reduce((sum, { body }) => sum + body.byteLength, 0);
    this.drop(key(first.partition, first.offset));
    this.put(first, { records, at: 0, bytes: bodies + recordBytes * records.length });
    for (const oldest of this.runs.keys()) {
      if (this.bytes <= this.maxBytes || this.runs.size === 1) break;
      this.drop(oldest);
    }
    return bodies;
  }

  /** Takes records from exactly this place on, at most `maxBytes` of bodies, but one if `least` says so; none when none are kept. */
  take(partition: string, offset: bigint, maxBytes: number, least: 0 | 1): LogRecord[] {
    const run = this.runs.get(key(partition, offset));
    if (run === undefined) return [];
    let end = run.at;
    let bodies = 0;
    for (; end < run.records.length; end += 1) {
      bodies += run.records[end]?.body.byteLength ?? 0;
      if (bodies > maxBytes && end - run.at >= least) break;
    }
    const taken = run.records.slice(run.at, end);
    this.drop(key(partition, offset));
    const next = run.records[end];
    if (next !== undefined) this.put(next, { records: run.records, at: end, bytes: run.bytes - weight(taken) });
    return taken;
  }

  has(partition: string, offset: bigint): boolean {
    return this.runs.has(key(partition, offset));
  }

  private put({ partition, offset }: LogRecord, run: Run): void {
    this.runs.set(key(partition, offset), run);
    this.bytes += run.bytes;
  }

  private drop(place: string): void {
    this.bytes -= this.runs.get(place)?.bytes ?? 0;
    this.runs.delete(place);
  }
}

/** What a record costs beside its body. */
const recordBytes = 200;

function key(partition: string, offset: bigint): string {
  return `${partition}@${offset}`;
}

function weight(records: readonly LogRecord[]): number {
  return records.reduce((sum, { body }) => sum + body.byteLength + recordBytes, 0);
}
