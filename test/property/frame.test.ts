import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrames, encodeFrame, type FrameItem, itemBytes } from '../../ingest/frame.ts';
import { recordKinds } from '../../ingest/record.ts';

const item: fc.Arbitrary<FrameItem> = fc.record({
  kind: fc.constantFrom(...recordKinds),
  receivedAt: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  body: fc.uint8Array({ maxLength: 60 }),
});
const items = fc.array(item, { minLength: 1, maxLength: 20 });
const offset = fc.integer({ min: 0, max: 2 ** 40 });

const frame = (firstOffset: number, given: FrameItem[]) => ({ firstOffset, records: given.length, data: encodeFrame(given) });

describe('a frame', () => {
  it('gives back every record with its offset', () => {
    fc.assert(
      fc.property(items, offset, (given, first) => {
        const records = decodeFrames([frame(first, given)], 'log');
        expect(records.map(({ offset: at }) => at)).toEqual(given.map((_, index) => BigInt(first + index)));
        expect(records.map(({ kind, receivedAt }) => ({ kind, receivedAt }))).toEqual(
          given.map(({ kind, receivedAt }) => ({ kind, receivedAt })),
        );
        expect(records.map(({ body }) => [...body])).toEqual(given.map(({ body }) => [...body]));
      }),
    );
  });

  it('is as long as its items say', () => {
    fc.assert(
      fc.property(items, (given) => {
        expect(encodeFrame(given).byteLength).toBe(given.reduce((sum, one) => sum + itemBytes(one), 0));
      }),
    );
  });

  it('is entered at any record, over several frames', () => {
    fc.assert(
      fc.property(items, items, offset, fc.nat(), (one, two, first, skip) => {
        const frames = [frame(first, one), frame(first + one.length, two)];
        const from = first + (skip % (one.length + two.length));
        expect(decodeFrames(frames, 'log', from)).toEqual(decodeFrames(frames, 'log').filter(({ offset: at }) => at >= from));
      }),
    );
  });

  it('gives at most the bytes asked for, but one record at least, and no fewer than fit', () => {
    fc.assert(
      fc.property(items, fc.nat(200), (given, maxBytes) => {
        const records = decodeFrames([frame(0, given)], 'log', 0, maxBytes);
        const bytes = given.map(({ body }) => body.byteLength);
        const sum = (count: number) => bytes.slice(0, count).reduce((total, length) => total + length, 0);
        expect(records.length === 1 || sum(records.length) <= maxBytes).toBe(true);
        expect(records.length === given.length || sum(records.length + 1) > maxBytes).toBe(true);
      }),
    );
  });

  it('that was damaged is refused or decoded, never read past its end', () => {
    fc.assert(
      fc.property(items, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (given, where, flip, cut) => {
        const whole = encodeFrame(given);
        const data = whole.slice(0, whole.length - (cut % 3));
        const at = where % data.length;
        data[at] = (data[at] ?? 0) ^ flip;
        try {
          decodeFrames([{ firstOffset: 0, records: given.length, data }], 'log');
        } catch (error) {
          expect(error).toMatchObject({ code: 'log_corrupt' });
        }
      }),
    );
  });
});
