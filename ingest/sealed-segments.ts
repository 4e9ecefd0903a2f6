import { statSync } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SluiceError } from '../sql/errors.ts';
import { syncFolder } from './durable-file.ts';
import type { Frame } from './frame.ts';
import { removeSegment, Segment, segmentPath } from './segment.ts';

/** A segment that is not written any more. */
export interface SealedSegment {
  readonly path: string;
  /** Offset of its first record. */
  readonly first: number;
  /** Offset after its last record: the first of the next segment. */
  readonly end: number;
}

interface Entry extends SealedSegment {
  /** Resolves when the file is closed and may be opened. */
  ready: Promise<void>;
  opened: Promise<Segment> | undefined;
  users: number;
  lastUse: number;
}

/** Segments that wait to be archived and applied: opened for reading when someone asks, two at most kept open. */
export class SealedSegments {
  private entries: Entry[] = [];
  private uses = 0;
  private held: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly keepOpen = 2,
  ) {}

  get list(): readonly SealedSegment[] {
    return this.entries;
  }

  /** Bytes of their files. */
  get bytes(): number {
    return this.entries.reduce((sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  /** Takes a segment over; an opened one is sealed and closed in the background, and readers of it wait for that. */
  add(first: number, end: number, opened?: Segment): void {
    const path = segmentPath(this.folder, first);
    this.entries.push({ path, first, end, ready: seal(path, first, opened), opened: undefined, users: 0, lastUse: 0 });
  }

  /**
   * Frames from the one that holds `from` on, of one segment.
   * @throws SluiceError `log_gap` when no segment holds it, `log_corrupt` when it cannot be read
   */
  async read(from: number, maxBytes: number): Promise<Frame[]> {
    const entry = this.entries.find(({ first, end }) => first <= from && from < end);
    if (entry === undefined) {
      throw new SluiceError('log_gap', {
        detail: `the log does not hold record ${from} any more`,
        file: basename(segmentPath(this.folder, from)),
      });
    }
    return this.use(entry, (segment) => segment.read(from, entry.end, maxBytes));
  }

  /** Lends the opened segment to `work`; meanwhile it is neither closed nor removed. */
  private async use<T>(entry: Entry, work: (segment: Segment) => Promise<T>): Promise<T> {
    entry.users++;
    entry.lastUse = ++this.uses;
    try {
      entry.opened ??= entry.ready.then(() => Segment.open(entry.path, entry.first, 'read'));
      const segment = await entry.opened.catch((error: unknown) => {
        entry.opened = undefined;
        throw error;
      });
      return await work(segment);
    } finally {
      entry.users--;
      await this.closeIdle();
    }
  }

  private async closeIdle(): Promise<void> {
    const open = this.entries.filter(({ opened }) => opened !== undefined).sort((a, b) => b.lastUse - a.lastUse);
    await Promise.all(open.slice(this.keepOpen).map((entry) => (entry.users === 0 ? closeEntry(entry) : undefined)));
  }

  /** Removes the segments that end at or before `offset`. Waits for readers and for a copy under way. */
  removeBelow(offset: number): Promise<number> {
    return this.hold(async () => {
      const going = this.entries.filter(({ end, users }) => end <= offset && users === 0);
      this.entries = this.entries.filter((entry) => !going.includes(entry));
      for (const entry of going) {
        await closeEntry(entry);
        await removeSegment(entry.path);
      }
      if (going.length > 0) await syncFolder(this.folder);
      return going.length;
    });
  }

  /** Links (or, on another disk, copies) the segments below `end` into a folder. A sealed file never changes, so a link is a copy. */
  copyTo(folder: string, end: number): Promise<void> {
    return this.hold(async () => {
      for (const entry of this.entries.filter((entry) => entry.end <= end)) {
        await entry.ready;
        for (const ending of ['', '.wal']) {
          if (statSync(entry.path + ending, { throwIfNoEntry: false }) === undefined) continue;
          const target = join(folder, basename(entry.path) + ending);
          await link(entry.path + ending, target).catch(() => copyFile(entry.path + ending, target));
        }
      }
      await syncFolder(folder);
    });
  }

  async close(): Promise<void> {
    await this.held;
    for (const entry of this.entries) await closeEntry(entry);
  }

  private hold<T>(work: () => Promise<T>): Promise<T> {
    const result = this.held.then(work, work);
    this.held = result.catch(() => undefined);
    return result;
  }
}

/** Whoever wants it meanwhile waits: a file is never open twice. */
async function closeEntry(entry: Entry): Promise<void> {
  const { opened } = entry;
  entry.opened = undefined;
  if (opened !== undefined) entry.ready = opened.then((segment) => segment.close()).catch(() => undefined);
  await entry.ready;
}

/** Never fails: without a checkpoint (no space for it) the segment stays readable together with its write-ahead log. */
async function seal(path: string, first: number, opened: Segment | undefined): Promise<void> {
  if (opened === undefined && statSync(`${path}.wal`, { throwIfNoEntry: false }) === undefined) return;
  try {
    const segment = opened ?? (await Segment.open(path, first, 'write'));
    await segment.seal().catch(() => undefined);
    await segment.close();
  } catch {
    // whoever reads it gets the coded error
  }
}
