import { SluiceError } from '../sql/errors.ts';
import { type FrameItem, itemBytes } from './frame.ts';

interface Waiting extends FrameItem {
  resolve(offset: number): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions {
  /** Most bytes of one commit; a larger record goes alone. */
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
   * Resolves with the item's offset once it is durable.
   * @throws SluiceError `log_unavailable` when too much waits already
   */
  add(item: FrameItem): Promise<number> {
    const bytes = itemBytes(item);
    if (this.bytes > 0 && this.bytes + bytes > this.options.queueBytes) {
      const detail = `${this.bytes} bytes wait to be written; the disk does not keep up`;
      return Promise.reject(new SluiceError('log_unavailable', { detail }));
    }
    this.bytes += bytes;
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...item, resolve, reject });
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
    for (const item of this.waiting) {
      bytes += itemBytes(item);
      if (count > 0 && bytes > this.options.commitBytes) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async commit(batch: Waiting[]): Promise<void> {
    try {
      const first = await this.options.commit(batch);
      batch.forEach((item, index) => {
        item.resolve(first + index);
      });
    } catch (error) {
      for (const item of batch) item.reject(error);
    } finally {
      this.bytes -= batch.reduce((sum, item) => sum + itemBytes(item), 0);
    }
  }
}
