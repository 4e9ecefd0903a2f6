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

/**
 * Records that were fetched and not yet asked for. Kafka answers with whole batches, a reader asks for less; a reader goes on where it
 * stopped, so what is kept is the rest behind each reader's last record. Bounded: the oldest goes first, and is fetched again if needed.
 */
export class FetchWindow {
  private readonly runs = new Map<string, Run>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Keeps consecutive records of one partition, behind those that they follow. Tells how many bytes their bodies have. */
  keep(records: readonly LogRecord[]): number {
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return 0;
    const bodies = records.reduce((sum, { body }) => sum + body.byteLength, 0);
    const piece = { bytes: bodies + recordBytes * records.length, next: last.offset + 1n };
    const [place, before] = this.runBefore(first) ?? [key(first.partition, first.offset), null];
    this.drop(place);
    this.put(place, {
      pieces: before === null ? [records] : [...before.pieces, records],
      at: before?.at ?? 0,
      bytes: (before?.bytes ?? 0) + piece.bytes,
      next: piece.next,
    });
    for (const oldest of this.runs.keys()) {
      if (this.bytes <= this.maxBytes || this.runs.size === 1) break;
      this.drop(oldest);
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

  private runBefore({ partition, offset }: LogRecord): [string, Run] | undefined {
    for (const entry of this.runs) {
      const [place, { next }] = entry;
      if (next === offset && place.startsWith(`${partition}@`)) return entry;
    }
    return undefined;
  }

  private put(place: string, run: Run): void {
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
