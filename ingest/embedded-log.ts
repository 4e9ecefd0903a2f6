import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { SluiceError } from '../sql/errors.ts';
import type { EventLog } from './event-log.ts';
import { decodeFrames, encodeFrame, type Frame, type FrameItem } from './frame.ts';
import { FrameRing } from './frame-ring.ts';
import { GroupCommit } from './group-commit.ts';
import type { LogRecord, NewRecord, Place, Positions, RecordKind } from './record.ts';
import { type SealedSegment, SealedSegments } from './sealed-segments.ts';
import { listSegments, removeSegment, Segment, segmentPath } from './segment.ts';
import { TimeShare } from './time-share.ts';
import { cutTornCommit } from './torn-tail.ts';
import { Waiters } from './waiters.ts';

/** The embedded log's only partition. */
export const embeddedPartition = 'log';

export interface EmbeddedLogOptions {
  /** Where the segments lie; made when absent. */
  folder: string;
  /** Bytes of frames after which a new segment begins; memory in use is about twice that. 32 MiB unless told. */
  segmentBytes?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Bytes of one commit: enough to ride out bursts, little enough that handing it over does not hold the thread (measured: 2 ms). */
const commitBytes = 2 * 2 ** 20;
/** So much is handed over at once: the disk works while the thread reads on. */
const eagerBytes = 32 * 2 ** 10;
/** A commit of up to so many records and bytes is written by the calling thread: handed over, it waits twice for the scheduler, … */
const [smallRecords, smallBytes] = [8, eagerBytes];
/** … as long as that takes no more than this share of the thread's time. A send's commit takes 1.7 ms (measured, 80 a second), so one number a sixth. */
const ownShare = 1 / 2;
const queueBytes = 64 * 2 ** 20;
const ringBytes = 32 * 2 ** 20;
/** After a failed write the next try waits this long, so that refusing stays cheap. */
const retryMs = 250;
const dayMs = 86_400_000;

/**
 * The event log in DuckDB files of this machine: see EventLog for its promises, Segment for the files.
 *
 * Commits of much run in libuv's thread pool, which every thread of the process shares. UV_THREADPOOL_SIZE must exceed the number of DuckDB
 * calls that may run at once elsewhere: with its default of 4, four long queries held an append up for 8 s (measured; with 12, 0.1 s).
 */
export class EmbeddedLog implements EventLog {
  private readonly commits = new GroupCommit({ commitBytes, eagerBytes, queueBytes, commit: (items) => this.commit(items) });
  private readonly ownTime = new TimeShare(ownShare);
  private readonly ring = new FrameRing(ringBytes);
  private readonly waiters = new Waiters();
  /** An empty segment made ahead, so that a rotation only names it. */
  private spare: Promise<string> | undefined;
  /** Whether `active` is open and ends where the log ends. */
  private healthy = true;
  private retryAt = 0;
  private rotateAtBytes: number;
  private appliedOffset = 0;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly segmentBytes: number,
    private readonly now: () => number,
    private readonly sealed: SealedSegments,
    private active: Segment,
    /** Day (since 1970) of the first record of `active`; undefined while it is empty. */
    private activeDay: number | undefined,
    /** The offset after the last durable record. */
    private next = active.nextOffset,
  ) {
    this.rotateAtBytes = segmentBytes;
    this.prepareSpare();
  }

  /**
   * Opens the log in a folder, or begins one. What a crash left unfinished is finished or dropped; acknowledged records stay.
   * Older segments are looked at when they are read, so that intake starts even when one of them is damaged.
   * @throws SluiceError `log_corrupt` when the newest segment cannot be read
   */
  static async open({ folder, segmentBytes = 32 * 2 ** 20, now = Date.now }: EmbeddedLogOptions): Promise<EmbeddedLog> {
    await mkdir(folder, { recursive: true });
    const firsts = await listSegments(folder);
    const newest = firsts.at(-1) ?? 0;
    const path = segmentPath(folder, newest);
    // A name without bytes is what power loss may leave of a segment that held nothing yet.
    const hollow = statSync(path, { throwIfNoEntry: false })?.size === 0;
    const active =
      firsts.length === 0 || hollow
        ? await Segment.start(await Segment.prepare(folder), folder, newest)
        : await openNewest(path, newest);
    const sealed = new SealedSegments(folder);
    firsts.slice(0, -1).forEach((first, index) => {
      sealed.add(first, firsts[index + 1] ?? newest);
    });
    const frames = active.nextOffset > newest ? await active.read(newest, newest + 1, 0) : [];
    const [oldest] = decodeFrames(frames, embeddedPartition, newest, 0);
    const day = oldest && Math.floor(Number(oldest.receivedAt / 1000n) / dayMs);
    return new EmbeddedLog(folder, segmentBytes, now, sealed, active, day);
  }

  /** The body must not change until the promise settles. */
  append(kind: RecordKind, body: Uint8Array, receivedAt: bigint): Promise<Place> {
    return this.appendAll(kind, [{ body, receivedAt }]);
  }

  async appendAll(kind: RecordKind, records: readonly NewRecord[]): Promise<Place> {
    this.refuseWhenClosed();
    for (const { receivedAt } of records) {
      if (receivedAt < 0n) throw new RangeError(`receivedAt must not be negative: ${receivedAt}`);
    }
    const offset = await this.commits.add(records.map((record) => ({ kind, ...record })));
    return { partition: embeddedPartition, offset: BigInt(offset) };
  }

  private async commit(items: readonly FrameItem[]): Promise<number> {
    if (performance.now() < this.retryAt) throw unavailable('the last write failed; trying again shortly');
    try {
      if (!this.healthy) await this.recover();
      if (this.active.bytes >= this.rotateAtBytes) await this.startSegment();
      const frame = { firstOffset: this.next, records: items.length, data: encodeFrame(items) };
      await this.write(frame);
      this.activeDay ??= Math.floor(this.now() / dayMs);
      this.ring.push(frame);
      this.next += items.length;
      this.waiters.wake(this.next);
      return frame.firstOffset;
    } catch (cause) {
      this.healthy = false;
      this.retryAt = performance.now() + retryMs;
      throw unavailable(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  private async write(frame: Frame): Promise<void> {
    const isSmall = frame.records <= smallRecords && frame.data.byteLength <= smallBytes;
    if (isSmall && this.ownTime.isFree) this.ownTime.spend(() => this.active.appendHere(frame));
    else await this.active.append(frame);
  }

  /** After a failed write only the file knows what was written: opens it again and goes on after its last whole frame. */
  private async recover(): Promise<void> {
    const { path, first } = this.active;
    await this.active.close();
    // A segment that was named but could not be opened holds nothing.
    for (const other of await listSegments(this.folder)) if (other > first) await removeSegment(segmentPath(this.folder, other));
    this.active = await Segment.open(path, first, 'write');
    if (this.active.nextOffset < this.next) {
      throw new SluiceError('log_corrupt', {
        detail: `it ends before record ${this.next}, which was durable`,
        file: basename(path),
      });
    }
    this.ring.clear();
    this.next = this.active.nextOffset;
    this.waiters.wake(this.next);
    this.healthy = true;
  }

  private async startSegment(): Promise<void> {
    const prepared = await this.prepareSpare();
    if (prepared === undefined) {
      // No room for a new file: the old one takes more, and rotation is tried again later.
      this.rotateAtBytes = this.active.bytes + this.segmentBytes / 4;
      return;
    }
    this.spare = undefined;
    const started = await Segment.start(prepared, this.folder, this.next);
    this.sealed.add(this.active.first, this.next, this.active);
    this.active = started;
    this.activeDay = undefined;
    this.rotateAtBytes = this.segmentBytes;
    this.prepareSpare();
  }

  private async prepareSpare(): Promise<string | undefined> {
    this.spare ??= Segment.prepare(this.folder);
    return this.spare.catch(() => {
      this.spare = undefined;
      return undefined;
    });
  }

  /** Begins a new segment, so that every record so far lies in a sealed one. Does nothing when the newest is empty. */
  rotate(): Promise<void> {
    return this.commits.between(async () => {
      this.refuseWhenClosed();
      if (!this.healthy) await this.recover();
      if (this.next > this.active.first) await this.startSegment();
      if (this.next > this.active.first) throw unavailable('a new segment could not be made');
    });
  }

  /** Rotates when the newest segment began on an earlier UTC day, so that days reach the archive even when little comes in. */
  async rotateDaily(): Promise<void> {
    if (this.activeDay !== undefined && this.activeDay < Math.floor(this.now() / dayMs)) await this.rotate();
  }

  async read(from: Positions, maxBytes: number): Promise<LogRecord[]> {
    this.refuseWhenClosed();
    const offset = Number(from.get(embeddedPartition) ?? 0n);
    if (offset === this.next) return [];
    if (offset > this.next) {
      throw new SluiceError('log_gap', { detail: `record ${offset} was asked for, but the log ends before ${this.next}` });
    }
    const frames =
      this.ring.from(offset, maxBytes) ??
      (offset >= this.active.first
        ? await this.active.read(offset, this.next, maxBytes)
        : await this.sealed.read(offset, maxBytes));
    return decodeFrames(frames, embeddedPartition, offset, maxBytes);
  }

  /** Records from an offset on, for the archive. */
  readSegment(_segment: { first: number; end: number }, from: number, maxBytes: number): Promise<LogRecord[]> {
    return this.read(new Map([[embeddedPartition, BigInt(from)]]), maxBytes);
  }

  async waitFor(from: Positions, timeoutMs: number): Promise<void> {
    const offset = Number(from.get(embeddedPartition) ?? 0n);
    if (offset < this.next || this.closing !== undefined) return;
    await this.waiters.wait(offset, timeoutMs);
  }

  async end(): Promise<Positions> {
    return new Map([[embeddedPartition, BigInt(this.next)]]);
  }

  async applied(positions: Positions): Promise<void> {
    this.appliedOffset = Math.max(this.appliedOffset, Number(positions.get(embeddedPartition) ?? 0n));
  }

  /** Segments that are not written any more, oldest first. */
  get sealedSegments(): readonly SealedSegment[] {
    return this.sealed.list;
  }

  /** Removes the sealed segments whose every record is applied and lies below this offset, up to which all is archived. */
  release(archivedOffset: number): Promise<number> {
    return this.sealed.removeBelow(Math.min(archivedOffset, this.appliedOffset));
  }

  /**
   * A copy of the log as it stands, in an empty folder, while it runs: a new segment begins, the sealed ones are linked or copied,
   * and an empty one keeps the place of the next record. Records already released are not in it: Archiver.copyTo copies both.
   */
  async copyTo(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await this.rotate();
    const next = this.active.first;
    await this.sealed.copyTo(folder, next);
    const empty = await Segment.start(await Segment.prepare(folder), folder, next);
    await empty.close();
  }

  /** Gauges; bytes are those of the sealed files and of the frames in the newest. */
  stats(): { segments: number; bytes: number; oldestOffset: bigint; nextOffset: bigint; queuedBytes: number } {
    return {
      segments: this.sealed.list.length + 1,
      bytes: this.sealed.bytes + this.active.bytes,
      oldestOffset: BigInt(this.sealed.list[0]?.first ?? this.active.first),
      nextOffset: BigInt(this.next),
      queuedBytes: this.commits.queuedBytes,
    };
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    await this.commits.idle();
    this.waiters.wake(Number.POSITIVE_INFINITY);
    await this.spare?.then(removeSegment).catch(() => undefined);
    await this.sealed.close();
    if (this.healthy) await this.active.seal().catch(() => undefined);
    await this.active.close();
  }

  private refuseWhenClosed(): void {
    if (this.closing !== undefined) throw unavailable('the log is closed');
  }
}

async function openNewest(path: string, first: number): Promise<Segment> {
  try {
    return await Segment.open(path, first, 'write');
  } catch (error) {
    if (!(error instanceof SluiceError && (await cutTornCommit(path, error.detail ?? '')))) throw error;
    return Segment.open(path, first, 'write');
  }
}

function unavailable(detail: string, cause?: unknown): SluiceError {
  return new SluiceError('log_unavailable', { detail, cause });
}
