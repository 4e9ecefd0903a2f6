import type { Logger } from './logger.ts';

/** Moves sealed segments into the archive every so often, while nothing asks it to rest. */
export class ArchiveTimer {
  private timer: NodeJS.Timeout | undefined;
  private step: Promise<void> = Promise.resolve();
  private resting = 0;
  private stopped = false;

  constructor(
    private readonly archiver: { step(): Promise<{ more: boolean }> },
    private readonly logger: Logger,
    private readonly everyMs = 10_000,
  ) {
    this.plan(everyMs);
  }

  /** Does `work` while no segment moves. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.resting += 1;
    try {
      await this.step;
      return await work();
    } finally {
      this.resting -= 1;
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.step;
  }

  private plan(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      if (this.resting > 0) return this.plan(this.everyMs);
      const began = performance.now();
      this.step = this.archiver.step().then(
        // as long as it took: a step works on the thread that answers HTTP
        ({ more }) => this.plan(more ? performance.now() - began : this.everyMs),
        (error) => {
          this.logger.error({ err: error }, 'a segment could not be archived; it stays and is tried again');
          this.plan(this.everyMs * 6);
        },
      );
    }, delayMs);
    this.timer.unref();
  }
}
