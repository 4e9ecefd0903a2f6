import { afterEach, describe, expect, it } from 'vitest';
import type { EventLog, EventLogReader } from '../../ingest/event-log.ts';
import type { LogRecord, RecordKind } from '../../ingest/record.ts';

/** One log under test. `reopen` closes it and opens it again on the same stored records. */
export interface LogUnderTest {
  log: EventLog;
  reopen(): Promise<EventLog>;
  /** Closes and removes whatever is left. */
  dispose(): Promise<void>;
}

const kinds: RecordKind[] = ['webhook', 'event', 'command'];
const text = (value: string) => new TextEncoder().encode(value);
const plain = ({ kind, receivedAt, body }: LogRecord) => ({ kind, receivedAt, body: Buffer.from(body).toString('latin1') });

/** Everything a log holds, read in pieces of `maxBytes`, by partition. Checks that offsets follow by one from 0. */
export async function readAll(log: EventLogReader, maxBytes = 1 << 20): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  const position = new Map<string, bigint>();
  for (;;) {
    const records = await log.read(position, maxBytes);
    if (records.length === 0) return all;
    for (const record of records) {
      expect(record.offset).toBe(position.get(record.partition) ?? 0n);
      position.set(record.partition, record.offset + 1n);
      all.push(record);
    }
  }
}

/** By the time of receipt, which these tests let grow: partitions stand in no order to each other. */
const inTime = (records: LogRecord[]) => records.toSorted((a, b) => Number(a.receivedAt - b.receivedAt));

/** What every adapter of EventLog promises. `makeLog` gives an empty log with one partition a kind, or one for all. */
export function eventLogContract(name: string, makeLog: () => Promise<LogUnderTest>): void {
  describe(`event log contract: ${name}`, () => {
    let under: LogUnderTest | undefined;
    const start = async () => {
      under = await makeLog();
      return under;
    };
    afterEach(async () => {
      await under?.dispose();
      under = undefined;
    });

    it('gives back what was appended, in order, bytes, kind and time unchanged', async () => {
      const { log } = await start();
      const bodies = [text('{"a":1}'), new Uint8Array(0), Uint8Array.from({ length: 256 }, (_, byte) => byte), text('żółć 🦦')];
      for (const [index, body] of bodies.entries()) {
        await log.append(kinds[index % 3] ?? 'event', body, 1_700_000_000_000_000n + BigInt(index));
      }
      const records = await readAll(log);
      expect(inTime(records).map(plain)).toEqual(
        bodies.map((body, index) => ({
          kind: kinds[index % 3],
          receivedAt: 1_700_000_000_000_000n + BigInt(index),
          body: Buffer.from(body).toString('latin1'),
        })),
      );
    });

    it('tells each append its own place, and the end is the place of the next', async () => {
      const { log } = await start();
      const places = await Promise.all(Array.from({ length: 500 }, (_, index) => log.append('event', text(`e${index}`), 1n)));
      const records = await readAll(log);
      expect(records).toHaveLength(500);
      for (const [index, place] of places.entries()) {
        const record = records.find(({ partition, offset }) => partition === place.partition && offset === place.offset);
        expect(Buffer.from(record?.body ?? []).toString()).toBe(`e${index}`);
      }
      expect([...(await log.end()).values()].reduce((sum, next) => sum + next, 0n)).toBe(500n);
    });

    it('keeps the order of appends that one caller makes without waiting', async () => {
      const { log } = await start();
      const places = await Promise.all(Array.from({ length: 200 }, (_, index) => log.append('webhook', text(String(index)), 1n)));
      const offsets = places.map(({ offset }) => offset);
      expect(offsets).toEqual([...offsets].sort((a, b) => (a < b ? -1 : 1)));
    });

    it('keeps records together that are appended as one, in their order, and tells the place of the first', async () => {
      const { log } = await start();
      const batch = (name: string) =>
        Array.from({ length: 20 }, (_, n) => ({ body: text(`${name}${n}`), receivedAt: BigInt(n) }));
      const names = ['a', 'b', 'c'];
      const [, ...places] = await Promise.all([
        log.append('command', text('before'), 1n),
        ...names.map((name) => log.appendAll('command', batch(name))),
        log.append('command', text('after'), 1n),
      ]);
      const records = await readAll(log);
      expect(records).toHaveLength(62);
      for (const [index, name] of names.entries()) {
        const { partition, offset = 0n } = places[index] ?? {};
        const together = records.filter((record) => {
          return record.partition === partition && record.offset >= offset && record.offset < offset + 20n;
        });
        expect(together.map(plain)).toEqual(
          batch(name).map(({ body, receivedAt }) => ({ kind: 'command', receivedAt, body: Buffer.from(body).toString() })),
        );
      }
    });

    it('reads from any position, again and again', async () => {
      const { log } = await start();
      const { partition } = await log.append('event', text('0'), 1n);
      await Promise.all(Array.from({ length: 99 }, (_, index) => log.append('event', text(String(index + 1)), 1n)));
      for (const from of [0n, 1n, 50n, 98n, 99n, 50n]) {
        const records = await log.read(new Map([[partition, from]]), 1 << 20);
        expect(records[0]?.offset).toBe(from);
        expect(Buffer.from(records[0]?.body ?? []).toString()).toBe(String(from));
      }
      expect(await log.read(new Map([[partition, 100n]]), 1 << 20)).toEqual([]);
    });

    it('gives about as many bytes as asked, and at least one record', async () => {
      const { log } = await start();
      for (let index = 0; index < 20; index++) await log.append('event', new Uint8Array(1000), 1n);
      expect(await log.read(new Map(), 1)).toHaveLength(1);
      const some = await log.read(new Map(), 5000);
      expect(some.length).toBeGreaterThanOrEqual(1);
      expect(some.length).toBeLessThanOrEqual(6);
    });

    it('takes bodies of 3 MB among small ones', async () => {
      const { log } = await start();
      const big = Uint8Array.from({ length: 3 << 20 }, (_, index) => index % 251);
      await Promise.all([
        log.append('event', text('before'), 1n),
        log.append('webhook', big, 2n),
        log.append('event', text('after'), 3n),
      ]);
      const bodies = inTime(await readAll(log)).map(({ body }) => Buffer.from(body));
      expect(bodies.map(({ length }) => length)).toEqual([6, 3 << 20, 5]);
      expect(bodies[1]?.equals(big)).toBe(true);
    });

    it('starts empty: nothing to read', async () => {
      const { log } = await start();
      expect(await log.read(new Map(), 1 << 20)).toEqual([]);
    });

    it('wakes a waiting reader when a record comes, and not before', async () => {
      const { log } = await start();
      const { partition, offset } = await log.append('event', text('first'), 1n);
      const position = new Map([[partition, offset + 1n]]);
      let woken = false;
      const waiting = log.waitFor(position, 20_000).then(() => {
        woken = true;
      });
      expect(await log.read(position, 1 << 20)).toEqual([]);
      expect(woken).toBe(false);
      await log.append('event', text('second'), 2n);
      await waiting;
      expect((await log.read(position, 1 << 20)).map((record) => Buffer.from(record.body).toString())).toEqual(['second']);
    });

    it('does not let a reader wait when there is something to read, nor for ever when there is nothing', async () => {
      const { log } = await start();
      await log.waitFor(new Map(), 10);
      await log.append('event', text('x'), 1n);
      await log.waitFor(new Map(), 3_600_000);
    });

    it('appends on while readers hold unread positions and read slowly', async () => {
      const { log } = await start();
      await log.append('event', new Uint8Array(100_000), 1n);
      const slow = Array.from({ length: 5 }, () => readAll(log, 1000));
      const places = await Promise.all(Array.from({ length: 100 }, () => log.append('event', new Uint8Array(1000), 1n)));
      expect(new Set(places.map(({ offset }) => offset)).size).toBe(100);
      await Promise.all(slow);
      expect(await readAll(log)).toHaveLength(101);
    });

    it('continues where it stopped when opened again', async () => {
      const made = await start();
      for (const body of ['a', 'b', 'c']) await made.log.append('event', text(body), 1n);
      const log = await made.reopen();
      const { offset } = await log.append('event', text('d'), 1n);
      expect(offset).toBe(3n);
      expect((await readAll(log)).map(({ body }) => Buffer.from(body).toString())).toEqual(['a', 'b', 'c', 'd']);
    });

    it('finishes what is under way when closed, then refuses more', async () => {
      const made = await start();
      const pending = Array.from({ length: 50 }, () => made.log.append('event', text('x'), 1n));
      await made.log.close();
      expect(await Promise.all(pending)).toHaveLength(50);
      await expect(made.log.append('event', text('late'), 1n)).rejects.toMatchObject({ code: 'log_unavailable' });
      expect(await readAll(await made.reopen())).toHaveLength(50);
    });
  });
}
