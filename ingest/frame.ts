import { SluiceError } from '../sql/errors.ts';
import type { LogRecord, NewRecord, RecordKind } from './record.ts';

/**
 * A frame is what one group commit writes: many records in one value, so that a commit costs one row.
 * Layout, big-endian: a header of 13 bytes a record (u8 kind, u64 receivedAt in microseconds, u32 end of its body counted from the
 * first body), then the bodies one after another. The ends make every record of a frame reachable without walking the others.
 */
export interface Frame {
  /** Offset of its first record; the others follow by one. */
  firstOffset: number;
  records: number;
  data: Uint8Array;
}

/** What a writer gives: a record without its place. */
export interface FrameItem extends NewRecord {
  kind: RecordKind;
}

const headerBytes = 13;
/** Codes are stored; never change one. */
const codes: Record<RecordKind, number> = { webhook: 1, event: 2, command: 3 };
const kinds = new Map(Object.entries(codes).map(([kind, code]) => [code, kind as RecordKind]));

/** Bytes that an item takes in a frame. */
export function itemBytes(item: FrameItem): number {
  return headerBytes + item.body.byteLength;
}

/** Packs records into one value. The result owns its memory, so that it may be transferred to another thread. */
export function encodeFrame(items: readonly FrameItem[]): Uint8Array<ArrayBuffer> {
  const bodies = items.length * headerBytes;
  const data = Buffer.from(new ArrayBuffer(items.reduce((sum, item) => sum + itemBytes(item), 0)));
  let end = 0;
  items.forEach(({ kind, receivedAt, body }, index) => {
    data.set(body, bodies + end);
    end += body.byteLength;
    data.writeUInt8(codes[kind], index * headerBytes);
    data.writeBigUInt64BE(receivedAt, index * headerBytes + 1);
    data.writeUInt32BE(end, index * headerBytes + 9);
  });
  return data;
}

/**
 * The records of consecutive frames from offset `from` on: at least one, then as many as fit `maxBytes` of bodies.
 * Bodies are views into the frames' memory.
 * @throws SluiceError `log_corrupt` when the bytes are not a frame
 */
export function decodeFrames(
  frames: readonly Frame[],
  partition: string,
  from = 0,
  maxBytes = Number.POSITIVE_INFINITY,
): LogRecord[] {
  const records: LogRecord[] = [];
  let bytes = 0;
  for (const frame of frames) {
    const bodies = frame.records * headerBytes;
    const { buffer, byteOffset, byteLength } = frame.data;
    if (byteLength < bodies) throw corrupt(frame, 'it is shorter than its header');
    const view = Buffer.from(buffer, byteOffset, byteLength);
    for (let index = Math.max(0, from - frame.firstOffset); index < frame.records; index++) {
      const at = index * headerBytes;
      const kind = kinds.get(view.readUInt8(at));
      const start = bodies + (index === 0 ? 0 : view.readUInt32BE(at - 4));
      const end = bodies + view.readUInt32BE(at + 9);
      if (kind === undefined || start > end || end > byteLength) throw corrupt(frame, `the header of record ${index} is wrong`);
      bytes += end - start;
      if (records.length > 0 && bytes > maxBytes) return records;
      const offset = BigInt(frame.firstOffset + index);
      records.push({ partition, offset, kind, receivedAt: view.readBigUInt64BE(at + 1), body: view.subarray(start, end) });
    }
  }
  return records;
}

function corrupt(frame: Frame, reason: string): SluiceError {
  return new SluiceError('log_corrupt', {
    detail: `the frame of ${frame.records} records at offset ${frame.firstOffset}: ${reason}`,
  });
}
