import type { Logger } from './logger.ts';

/** Segments that may wait for the archive while facts are behind: 2 GiB of disk at the most. */
const mostWaiting = 64;
/** How long they may wait at a stretch, ms. */
const longestWaitMs = 300_000;

interface ArchiveTimerParts {
  archiver: { step(): Promise<{ more: boolean }>; readonly sealedLeft: number };
  /** Whether much more waits to become facts than one batch. */
  isBehind: () => Promise<boolean>;
  logger: Logger;
  everyMs?: number;
}

/**
 * Moves sealed segments into the archive every so often, while nothing asks it to rest. Where facts are behind it lets them go first: the
 * log is as safe a place, and whoever waits for facts would wait longer by a sixth (measured).
 */
export class ArchiveTimer {
  private timer: NodeJS.Timeout | undefined;
  private step: Promise<void> = Promise.resolve();
  private resting = 0;
  private stopped = false;
  private readonly everyMs: number;
  /** Since when the archive lets facts go first; null while it does not, or has done so long enough. */
  private waitsSince: number | null = null;
  /** Whether it works until all that is sealed is archived, whatever else waits. */
  private catchesUp = false;

  constructor(private readonly parts: ArchiveTimerParts) {
    this.everyMs = parts.everyMs ?? 10_000;
    this.plan(this.everyMs);
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
      this.step = this.work().then(
        (rest) => this.plan(rest),
        (error) => {
          this.parts.logger.error({ err: error }, 'a segment could not be archived; it stays and is tried again');
          this.plan(this.everyMs * 6);
        },
      );
    }, delayMs);
    this.timer.unref();
  }

  /** Answers how long to rest then, ms. */
  private async work(): Promise<number> {
    if (await this.letsFactsPass()) return this.everyMs;
    const began = performance.now();
    const { more } = await this.parts.archiver.step();
    this.catchesUp &&= more;
    // as long as it took: a step works on the thread that answers HTTP
    return more ? performance.now() - began : this.everyMs;
  }

  private async letsFactsPass(): Promise<boolean> {
    if (this.catchesUp) return false;
    if (!(await this.parts.isBehind())) {
      this.waitsSince = null;
      return false;
    }
    const now = performance.now();
    this.waitsSince ??= now;
    this.catchesUp = now - this.waitsSince >= longestWaitMs || this.parts.archiver.sealedLeft >= mostWaiting;
    if (this.catchesUp) this.waitsSince = null;
    return !this.catchesUp;
  }
}
