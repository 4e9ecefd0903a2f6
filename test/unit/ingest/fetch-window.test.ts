import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FetchWindow } from '../../../ingest/kafka/window.ts';
import type { LogRecord } from '../../../ingest/record.ts';

const records = (from: number, count: number, bytes = 10): LogRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    partition: 't/0',
    offset: BigInt(from + n),
    kind: 'event',
    receivedAt: 1n,
    body: new Uint8Array(bytes),
  }));
const offsets = (taken: LogRecord[]) => taken.map(({ offset }) => Number(offset));
/** What a record of 10 bytes weighs: 200 bytes of its own beside its body. */
const weight = 210;

it('gives what follows on a place, and keeps the rest for whoever goes on there', () => {
  const window = new FetchWindow(1e6);
  expect(window.keep(5n, records(5, 4))).toBe(40);
  expect(offsets(window.take('t/0', 4n, 100, 1))).toEqual([]);
  expect(offsets(window.take('t/0', 5n, 25, 1))).toEqual([5, 6]);
  expect(offsets(window.take('t/0', 7n, 100, 1))).toEqual([7, 8]);
  expect(window.held('t/0', 9n)).toEqual({ bytes: 0, next: 9n });
});

it('gives one record that is larger than asked for, if one must be given', () => {
  const window = new FetchWindow(1e6);
  window.keep(0n, records(0, 2, 500));
  expect(offsets(window.take('t/0', 0n, 100, 0))).toEqual([]);
  expect(offsets(window.take('t/0', 0n, 100, 1))).toEqual([0]);
});

it('joins what follows, and counts it', () => {
  const window = new FetchWindow(1e6);
  window.keep(0n, records(0, 2));
  expect(window.held('t/0', 0n)).toEqual({ bytes: 2 * weight, next: 2n });
  window.keep(0n, records(2, 3));
  expect(window.held('t/0', 0n)).toEqual({ bytes: 5 * weight, next: 5n });
  expect(offsets(window.take('t/0', 0n, 1000, 1))).toEqual([0, 1, 2, 3, 4]);
});

it('keeps nothing that follows on nothing', () => {
  const window = new FetchWindow(1e6);
  window.keep(0n, records(3, 2));
  window.keep(0n, records(0, 2));
  window.keep(0n, records(3, 2));
  expect(offsets(window.take('t/0', 0n, 1000, 1))).toEqual([0, 1]);
  expect(window.size).toBe(0);
});

it('lets the oldest go when it is full', () => {
  const window = new FetchWindow(1000);
  window.keep(0n, records(0, 3));
  window.keep(100n, records(100, 3));
  expect(offsets(window.take('t/0', 0n, 1000, 1))).toEqual([]);
  expect(offsets(window.take('t/0', 100n, 1000, 1))).toEqual([100, 101, 102]);
});

it('lets nothing go that a reader gathers, however much that is, until it has it', async () => {
  const window = new FetchWindow(1000);
  await window.gathering([{ name: 't/0', from: 0n }], async () => {
    window.keep(0n, records(0, 4));
    window.keep(100n, records(100, 4));
    expect(window.held('t/0', 0n).bytes).toBe(4 * weight);
  });
  window.keep(200n, records(200, 3));
  expect(window.held('t/0', 0n).bytes).toBe(0);
});

it('gives every record once and in order, however it came and however it is asked for', () => {
  const step = fc.record({ came: fc.integer({ min: 0, max: 5 }), asked: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const window = new FetchWindow(1e6);
      const seen: number[] = [];
      let end = 0;
      for (const { came, asked } of steps) {
        window.keep(BigInt(seen.length), records(end, came));
        end += came;
        seen.push(...offsets(window.take('t/0', BigInt(seen.length), asked, 1)));
        expect(window.held('t/0', BigInt(seen.length))).toEqual({ bytes: (end - seen.length) * weight, next: BigInt(end) });
      }
      expect(seen).toEqual(Array.from(seen, (_, n) => n));
    }),
  );
});

it('weighs nothing once several readers of one partition have taken everything', () => {
  const step = fc.record({
    reader: fc.integer({ min: 0, max: 2 }),
    came: fc.integer({ min: 0, max: 4 }),
    asked: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const window = new FetchWindow(1e6);
      const at = [0, 3, 7];
      for (const { reader, came, asked } of steps) {
        const stands = BigInt(at[reader] ?? 0);
        window.keep(stands, records(Number(window.held('t/0', stands).next), came));
        at[reader] = Number(stands) + window.take('t/0', stands, asked, 1).length;
      }
      for (let n = 0; n < 300; n += 1) window.take('t/0', BigInt(n), 1e6, 1);
      expect(window.size).toBe(0);
    }),
  );
});
