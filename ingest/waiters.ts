/** Readers that wait for the log to grow past an offset. */
export class Waiters {
  private readonly waiting = new Set<{ offset: number; wake: () => void }>();

  /** Resolves when `wake` is called with an end beyond `offset`, or after `timeoutMs`. */
  wait(offset: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiter = {
        offset,
        wake: () => {
          clearTimeout(timer);
          this.waiting.delete(waiter);
          resolve();
        },
      };
      const timer = setTimeout(waiter.wake, timeoutMs);
      this.waiting.add(waiter);
    });
  }

  wake(end: number): void {
    for (const waiter of this.waiting) if (end > waiter.offset) waiter.wake();
  }
}
