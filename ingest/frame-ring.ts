import type { Frame } from './frame.ts';

/** The newest frames, kept in memory so that whoever follows the log never touches the disk. Bounded by bytes. */
export class FrameRing {
  private frames: Frame[] = [];
  private head = 0;
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  push(frame: Frame): void {
    this.frames.push(frame);
    this.bytes += frame.data.byteLength;
    for (
      let oldest = this.frames[this.head];
      oldest !== undefined && this.bytes > this.maxBytes;
      oldest = this.frames[this.head]
    ) {
      this.bytes -= oldest.data.byteLength;
      this.head++;
    }
    if (this.head > 64 && this.head * 2 > this.frames.length) {
      this.frames = this.frames.slice(this.head);
      this.head = 0;
    }
  }

  clear(): void {
    this.frames = [];
    this.head = 0;
    this.bytes = 0;
  }

  /** Frames from the one that holds `offset` on, about `maxBytes` of them; undefined when that one is not kept any more. */
  from(offset: number, maxBytes: number): Frame[] | undefined {
    const oldest = this.frames[this.head];
    if (oldest === undefined || offset < oldest.firstOffset) return undefined;
    let low = this.head;
    let high = this.frames.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.frames[middle]?.firstOffset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const found: Frame[] = [];
    for (let index = low, bytes = 0; index < this.frames.length; index++) {
      const frame = this.frames[index];
      if (frame === undefined || (found.length > 1 && bytes >= maxBytes)) break;
      found.push(frame);
      // the first frame may lie before the offset for the most part
      if (index > low) bytes += frame.data.byteLength;
    }
    return found;
  }
}
