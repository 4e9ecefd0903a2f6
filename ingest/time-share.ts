/** Work that stopped the thread for longer than this shows a disk that is busy, ms: … */
const longestMs = 20;
/** … so long after it none is tried, ms. */
const restMs = 1_000;

/** Keeps work that stops the thread to a share of its time, so that whatever else the thread has to do is not held up for long. */
export class TimeShare {
  private freeAt = Number.NEGATIVE_INFINITY;

  /**
   * @param share of the thread's time, above 0 and at most 1
   * @param elapsed milliseconds of a clock that only goes forward
   */
  constructor(
    private readonly share: number,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  /** Whether the thread may be stopped now. */
  get isFree(): boolean {
    return this.elapsed() >= this.freeAt;
  }

  /** Does the work, whatever `isFree` says, and counts its time. */
  spend<T>(work: () => T): T {
    const began = this.elapsed();
    try {
      return work();
    } finally {
      const ended = this.elapsed();
      const took = ended - began;
      this.freeAt = ended + (took > longestMs ? restMs : took / this.share - took);
    }
  }
}
