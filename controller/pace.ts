/**
 * The pace of one scope, kept as time: each right takes 1/rate seconds of its sending, and a lease is given no more rights than can be
 * sent before it ends. So over any `t` seconds at most `rate * (t + lease)` rights are given, and once all leases are over the pace is
 * free again whatever the rate was. Time that was given is not taken back with a right that returns. All times in ms.
 */
export class Pace {
  /** Up to when sending time is given away. */
  private until = Number.NEGATIVE_INFINITY;
  private lastAt = Number.NEGATIVE_INFINITY;

  /** Takes over from grants of an earlier process: their leases are taken as full. */
  restore(at: number, expiresAt: number): void {
    this.until = Math.max(this.until, expiresAt);
    this.lastAt = Math.max(this.lastAt, at);
  }

  /** How many rights at `rate` a second fit into a lease from `now` to `expiresAt`; a slow pace gives one whenever its turn has come. */
  room(rate: number, now: number, expiresAt: number): number {
    if (rate <= 0) return 0;
    const fits = Math.floor(((expiresAt - Math.max(this.until, now)) * rate) / 1000);
    if (fits >= 1) return fits;
    return now >= this.until && now >= this.lastAt + 1000 / rate ? 1 : 0;
  }

  take(count: number, rate: number, now: number, expiresAt: number): void {
    if (count <= 0 || rate <= 0) return;
    const taken = Math.max(this.until, now) + (count * 1000) / rate;
    // Never beyond the end of a lease: so a restart knows it from the leases alone, and a shadow grant takes no more than its own.
    this.until = Math.min(taken, Math.max(this.until, expiresAt));
    this.lastAt = Math.max(this.lastAt, now);
  }

  /** When it is worth asking again for `count`: as soon as these, or one second's worth, fit into a lease of this length. */
  retryAfter(count: number, rate: number, now: number, leaseMs: number): number | null {
    if (rate <= 0) return null;
    const want = Math.max(1, Math.min(count, Math.floor(rate)));
    const fit = this.until + (want * 1000) / rate - leaseMs;
    const turn = Math.max(this.until, this.lastAt + 1000 / rate);
    return Math.max(1, Math.ceil(Math.min(fit, turn) - now));
  }

  /** Whether nothing of it is given away any more. */
  idle(now: number): boolean {
    return now >= this.until && now >= this.lastAt + 3_600_000;
  }
}
