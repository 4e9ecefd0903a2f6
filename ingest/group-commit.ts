import { SluiceError } from '../sql/errors.ts';
import { type FrameItem, itemBytes } from './frame.ts';

/** Items that are committed together or not at all. */
interface Waiting {
  items: readonly FrameItem[];
  bytes: number;
  /** Takes the offset of the first. */
  resolve(offset: number): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions {
  /** Most bytes of one commit; what is larger goes alone. */
  commitBytes: number;
  /** Most bytes that may wait, those under way included; beyond it `add` refuses. */
  queueBytes: number;
  /** So many bytes are written at once, without waiting for what else this round of the event loop brings. Never unless told. */
  eagerBytes?: number;
  /** Makes the items durable and tells the offset of the first. When it throws, all of them are refused with its error. */
  commit(items: readonly FrameItem[]): Promise<number>;
}

/** Collects what arrives while a commit is under way and commits it together: one disk flush for many writers. */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private readonly betweenCommits: (() => Promise<void>)[] = [];
  private readonly whenIdle: (() => void)[] = [];
  private running = false;
  /** What will begin to run, at the end of this round of the event loop. */
  private due: NodeJS.Immediate | null = null;
  private bytes = 0;

  constructor(private readonly options: GroupCommitOptions) {}

  get queuedBytes(): number {
    return this.bytes;
  }

  /**
   * Takes items, at least one, into one commit. Resolves with the offset of the first once all are durable.
   * @throws SluiceError `log_unavailable` when too much waits already
   */
  add(items: readonly FrameItem[]): Promise<number> {
    const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
    if (this.bytes > 0 && this.bytes + bytes > this.options.queueBytes) {
      const detail = `${this.bytes} bytes wait to be written; the disk does not keep up`;
      return Promise.reject(new SluiceError('log_unavailable', { detail }));
    }
    this.bytes += bytes;
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, bytes, resolve, reject });
      this.start();
    });
  }

  /** Runs `work` while no commit is under way, before the next one. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.betweenCommits.push(() => work().then(resolve, reject));
      this.start();
    });
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.whenIdle.push(resolve);
      this.start();
    });
  }

  private start(): void {
    if (this.running) return;
    if (this.bytes >= (this.options.eagerBytes ?? Number.POSITIVE_INFINITY)) void this.run();
    // after this round of socket reads, so that requests which came together share the first commit
    else this.due ??= setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    this.running = true;
    if (this.due !== null) clearImmediate(this.due);
    this.due = null;
    for (;;) {
      const work = this.betweenCommits.shift();
      if (work !== undefined) {
        await work();
        continue;
      }
      const batch = this.take();
      if (batch.length === 0) break;
      await this.commit(batch);
    }
    this.running = false;
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const one of this.waiting) {
      bytes += one.bytes;
      if (count > 0 && bytes > this.options.commitBytes) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async commit(batch: Waiting[]): Promise<void> {
    try {
      let offset = await this.options.commit(batch.flatMap(({ items }) => items));
      for (const { items, resolve } of batch) {
        resolve(offset);
        offset += items.length;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    }
  }
}
