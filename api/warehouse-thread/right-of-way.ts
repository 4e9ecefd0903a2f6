import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait at once, ms: what goes first may never end. */
const longestMs = 100;

/**
 * Lets work that somebody waits for go before work that nobody waits for. On two cores one then stays free for those who send: with both
 * taken, each of the few steps of a send waits for the scheduler's slice (1.4 ms on Linux 6.18).
 */
export class RightOfWay {
  /** How long all work that gives way has waited so far, ms. */
  waitedMs = 0;
  private under = 0;
  private readonly whenFree: (() => void)[] = [];
  private goesOnUntil = 0;

  /** @param elapsed milliseconds of a clock that only goes forward */
  constructor(private readonly elapsed: () => number = () => performance.now()) {}

  /** Does work that goes first; it waits for nothing. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    this.under += 1;
    try {
      return await work();
    } finally {
      this.under -= 1;
      if (this.under === 0) for (const go of this.whenFree.splice(0)) go();
    }
  }

  /** Waits while such work is under way, but never longer than what it then does without waiting: it takes twice its time at most. */
  async giveWay(): Promise<void> {
    const began = this.elapsed();
    if (this.under === 0 || began < this.goesOnUntil) return;
    const waiting = new AbortController();
    const free = new Promise<void>((resolve) => {
      this.whenFree.push(resolve);
    });
    const late = sleep(longestMs, undefined, { signal: waiting.signal }).catch(() => undefined);
    await Promise.race([free, late]);
    waiting.abort();
    const ended = this.elapsed();
    this.waitedMs += ended - began;
    this.goesOnUntil = ended + (ended - began);
  }
}
