import { describe, expect, it } from 'vitest';
import { FrameRing } from '../../ingest/frame-ring.ts';

/** Frames of ten records and 100 bytes: 0–9, 10–19, ... */
function ringOf(frames: number, maxBytes: number): FrameRing {
  const ring = new FrameRing(maxBytes);
  for (let index = 0; index < frames; index++) ring.push({ firstOffset: index * 10, records: 10, data: new Uint8Array(100) });
  return ring;
}
const firsts = (ring: FrameRing, offset: number, maxBytes: number) =>
  ring.from(offset, maxBytes)?.map(({ firstOffset }) => firstOffset);

describe('the ring of recent frames', () => {
  it('knows nothing when empty', () => {
    expect(new FrameRing(1000).from(0, 100)).toBeUndefined();
  });

  it('begins with the frame that holds the offset', () => {
    const ring = ringOf(5, 10_000);
    expect(firsts(ring, 0, 10_000)).toEqual([0, 10, 20, 30, 40]);
    expect(firsts(ring, 9, 10_000)).toEqual([0, 10, 20, 30, 40]);
    expect(firsts(ring, 25, 10_000)).toEqual([20, 30, 40]);
    expect(firsts(ring, 49, 10_000)).toEqual([40]);
  });

  it('gives enough frames for the bytes asked for, the first one not counted', () => {
    expect(firsts(ringOf(5, 10_000), 9, 200)).toEqual([0, 10, 20]);
  });

  it('forgets the oldest beyond its bytes', () => {
    const ring = ringOf(1000, 300);
    expect(firsts(ring, 9969, 1000)).toBeUndefined();
    expect(firsts(ring, 9970, 1000)).toEqual([9970, 9980, 9990]);
  });

  it('keeps nothing of a frame larger than itself', () => {
    const ring = new FrameRing(50);
    ring.push({ firstOffset: 0, records: 1, data: new Uint8Array(51) });
    expect(ring.from(0, 100)).toBeUndefined();
  });
});
