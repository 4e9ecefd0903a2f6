const hourMs = 3_600_000;

/**
 * So many calls an hour, and none while the platform asked for rest. The platform allows 200 calls an hour for each app and account by
 * default; senders need some of them. Times in ms since 1970.
 */
export class CallBudget {
  private left: number;
  private filledAt: number;
  private restUntil = Number.NEGATIVE_INFINITY;
  private troubles = 0;

  constructor(
    private readonly perHour: number,
    now: number,
  ) {
    // A sixth of an hour's calls may be made at once.
    this.left = this.most;
    this.filledAt = now;
  }

  /** Takes one call; false when it must wait. */
  take(now: number): boolean {
    this.left = Math.min(this.most, this.left + (Math.max(0, now - this.filledAt) * this.perHour) / hourMs);
    this.filledAt = Math.max(this.filledAt, now);
    if (now < this.restUntil || this.left < 1) return false;
    this.left -= 1;
    return true;
  }

  /** A call went well. */
  well(): void {
    this.troubles = 0;
  }

  /** A call was refused or not answered: rests a minute, twice as long each time, an hour at most, or as long as the platform says. */
  trouble(now: number, saidMs: number | null = null): void {
    const rest = Math.max(saidMs ?? 0, Math.min(hourMs, 60_000 * 2 ** this.troubles));
    this.troubles += 1;
    this.restUntil = Math.max(this.restUntil, now + rest);
  }

  /** When it rests until, if it does. */
  get rests(): number {
    return this.restUntil;
  }

  private get most(): number {
    return Math.max(1, this.perHour / 6);
  }
}
