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

it('gives what follows on a place, and keeps the rest for whoever goes on there', () => {
  const window = new FetchWindow(1e6);
  expect(window.keep(records(5, 4))).toBe(40);
  expect(offsets(window.take('t/0', 4n, 100, 1))).toEqual([]);
  expect(offsets(window.take('t/0', 5n, 25, 1))).toEqual([5, 6]);
  expect(offsets(window.take('t/0', 7n, 100, 1))).toEqual([7, 8]);
  expect(window.held('t/0', 9n)).toEqual({ bytes: 0, next: 9n });
});

it('gives one record that is larger than asked for, if one must be given', () => {
  const window = new FetchWindow(1e6);
  window.keep(records(0, 2, 500));
  expect(offsets(window.take('t/0', 0n, 100, 0))).toEqual([]);
  expect(offsets(window.take('t/0', 0n, 100, 1))).toEqual([0]);
});

it('joins what follows, and counts it', () => {
  const window = new FetchWindow(1e6);
  window.keep(records(0, 2));
  // 200 bytes of a record's own beside its body
  expect(window.held('t/0', 0n)).toEqual({ bytes: 2 * 210, next: 2n });
  window.keep(records(2, 3));
  expect(window.held('t/0', 0n)).toEqual({ bytes: 5 * 210, next: 5n });
  expect(offsets(window.take('t/0', 0n, 1000, 1))).toEqual([0, 1, 2, 3, 4]);
});

it('lets the oldest go when it is full', () => {
  const window = new FetchWindow(1000);
  window.keep(records(0, 3));
  window.keep(records(100, 3));
  expect(offsets(window.take('t/0', 0n, 1000, 1))).toEqual([]);
  expect(offsets(window.take('t/0', 100n, 1000, 1))).toEqual([100, 101, 102]);
});

it('gives every record once and in order, however it came and however it is asked for', () => {
  const step = fc.record({ came: fc.integer({ min: 0, max: 5 }), asked: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const window = new FetchWindow(1e6);
      const seen: number[] = [];
      let end = 0;
      for (const { came, asked } of steps) {
        window.keep(records(end, came));
        end += came;
        seen.push(...offsets(window.take('t/0', BigInt(seen.length), asked, 1)));
        expect(window.held('t/0', BigInt(seen.length))).toEqual({ bytes: (end - seen.length) * 210, next: BigInt(end) });
      }
      expect(seen).toEqual(Array.from(seen, (_, n) => n));
    }),
  );
});
