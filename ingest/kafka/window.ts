import type { LogRecord } from '../record.ts';

/** Consecutive records of one partition, in the pieces in which they came; those below `at` of the first piece have been taken. */
interface Run {
  pieces: (readonly LogRecord[])[];
  at: number;
  /** What is left of it. */
  bytes: number;
  /** The offset behind its last record. */
  next: bigint;
}

/** Where a reader stands: the partition's name and the offset that it needs next. */
export interface Stand {
  name: string;
  from: bigint;
}

/**
 * Records that were fetched and not yet asked for. Kafka answers with whole batches, a reader asks for less; a reader goes on where it
 * stopped, so what is kept is a run of records from each reader's place on. Bounded: the oldest goes first, and is fetched again if
 * needed; but what a reader gathers right now stays, or two readers would take the room from each other for ever.
 */
export class FetchWindow {
  private readonly runs = new Map<string, Run>();
  /** By how many readers a run is being gathered. */
  private readonly gathered = new Map<string, number>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** What all that is kept weighs, bytes. */
  get size(): number {
    return this.bytes;
  }

  /** Does `work` while nothing goes that is kept from these places on. */
  async gathering<T>(places: readonly Stand[], work: () => Promise<T>): Promise<T> {
    const keys = places.map(({ name, from }) => key(name, from));
    for (const place of keys) this.gathered.set(place, (this.gathered.get(place) ?? 0) + 1);
    try {
      return await work();
    } finally {
      for (const place of keys) {
        const others = (this.gathered.get(place) ?? 1) - 1;
        if (others > 0) this.gathered.set(place, others);
        else this.gathered.delete(place);
      }
    }
  }

  /**
   * Keeps consecutive records of one partition for the reader that stands at `from`, behind those that are kept for it. What follows on
   * neither is of no use to it, and goes. Tells how many bytes the bodies have.
   */
  keep(from: bigint, records: readonly LogRecord[]): number {
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return 0;
    const bodies = records.reduce((sum, { body }) => sum + body.byteLength, 0);
    const place = key(first.partition, from);
    const before = this.runs.get(place);
    if (first.offset !== (before?.next ?? from)) return bodies;
    this.put(place, {
      pieces: before === undefined ? [records] : [...before.pieces, records],
      at: before?.at ?? 0,
      bytes: (before?.bytes ?? 0) + bodies + recordBytes * records.length,
      next: last.offset + 1n,
    });
    for (const oldest of this.runs.keys()) {
      if (this.bytes <= this.maxBytes) break;
      if (oldest !== place && !this.gathered.has(oldest)) this.drop(oldest);
    }
    return bodies;
  }

  /** Takes records from exactly this place on, at most `maxBytes` of bodies, but one if `least` says so; none when none are kept. */
  take(partition: string, offset: bigint, maxBytes: number, least: 0 | 1): LogRecord[] {
    const place = key(partition, offset);
    const run = this.runs.get(place);
    if (run === undefined) return [];
    const taken: LogRecord[] = [];
    let { at } = run;
    let bodies = 0;
    const pieces = [...run.pieces];
    for (let [piece] = pieces; piece !== undefined; piece = pieces[0]) {
      const record = piece[at];
      if (record === undefined) {
        pieces.shift();
        at = 0;
        continue;
      }
      bodies += record.body.byteLength;
      if (bodies > maxBytes && taken.length >= least) break;
      taken.push(record);
      at += 1;
    }
    this.drop(place);
    if (pieces.length > 0) {
      const rest = { pieces, at, bytes: run.bytes - weight(taken), next: run.next };
      this.put(key(partition, offset + BigInt(taken.length)), rest);
    }
    return taken;
  }

  /** What is kept from exactly this place on: about how many bytes, and the offset behind it. */
  held(partition: string, offset: bigint): { bytes: number; next: bigint } {
    const run = this.runs.get(key(partition, offset));
    return { bytes: run?.bytes ?? 0, next: run?.next ?? offset };
  }

  /** In the place of what another reader may have left there. */
  private put(place: string, run: Run): void {
    this.drop(place);
    this.runs.set(place, run);
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
