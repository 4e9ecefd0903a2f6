import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** Something to be brought to an address. */
export interface Letter {
  /** The same over all tries: whoever gets it twice can tell. */
  id: string;
  /** Of letters with one key only the newest is worth bringing. */
  key: string;
  body: string;
}

/** How a letter fared. Times in ms since 1970. */
export interface Delivery {
  id: string;
  key: string;
  attempts: number;
  given_at: number;
  acknowledged_at: number | null;
  /** Why it is not brought any more: a newer one took its place, the address is gone, or it was tried for too long. */
  dropped: 'superseded' | 'gone' | 'given_up' | null;
}

/** Waits between tries, ms: quick at first, because a brake that is heard of late is none; for two days in all. */
export const retryWaits: readonly number[] = [
  ...[1, 5, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 4, 8, 12, 20].map((hours) => hours * 3_600_000),
];
const patienceMs = 15_000;
const mostKept = 500;

/** Brings letters to one address until each is acknowledged (2xx), the newest of a key only. */
export class Courier {
  /** Newest last. */
  readonly deliveries: Delivery[] = [];
  private readonly pool: Pool;
  private readonly path: string;
  private readonly waiting = new Map<string, { letter: Letter; delivery: Delivery; newer: AbortController }>();
  private readonly rounds = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private gone = false;

  constructor(
    readonly url: string,
    private readonly parts: {
      headers: (letter: Letter, at: number) => Record<string, string>;
      now: () => Date;
      report: (error: unknown) => void;
      /** From 0 to 1: spreads retries, so that many senders do not come at once. */
      random: () => number;
      waits?: readonly number[];
    },
  ) {
    const { origin, pathname, search } = new URL(url);
    this.pool = new Pool(origin, { connections: 4, pipelining: 1, headersTimeout: patienceMs, bodyTimeout: patienceMs });
    this.path = pathname + search;
  }

  /** Where it goes, without what could be a secret. */
  get origin(): string {
    return new URL(this.url).origin;
  }

  /** Letters that are not acknowledged yet. */
  get open(): number {
    return this.waiting.size;
  }

  give(letter: Letter): void {
    if (this.stopping.signal.aborted) return;
    const { id, key } = letter;
    const delivery: Delivery = { id, key, attempts: 0, given_at: this.at(), acknowledged_at: null, dropped: null };
    this.deliveries.push(delivery);
    if (this.deliveries.length > mostKept) this.deliveries.shift();
    if (this.gone) {
      delivery.dropped = 'gone';
      return;
    }
    const older = this.waiting.get(key);
    this.waiting.set(key, { letter, delivery, newer: new AbortController() });
    if (older === undefined) {
      const round = this.bringAll(key).finally(() => this.rounds.delete(round));
      this.rounds.add(round);
      return;
    }
    older.delivery.dropped = 'superseded';
    older.newer.abort();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.rounds);
    await this.pool.destroy();
  }

  /** Brings what stands under a key, and what takes its place meanwhile. */
  private async bringAll(key: string): Promise<void> {
    for (let one = this.waiting.get(key); one !== undefined; one = this.waiting.get(key)) {
      await this.bring(one.letter, one.delivery, AbortSignal.any([one.newer.signal, this.stopping.signal]));
      if (this.stopping.signal.aborted) return;
      if (this.waiting.get(key) === one) this.waiting.delete(key);
    }
  }

  private async bring(letter: Letter, delivery: Delivery, over: AbortSignal): Promise<void> {
    const { waits = retryWaits, random, report } = this.parts;
    for (const wait of [...waits, null]) {
      delivery.attempts += 1;
      const status = await this.post(letter).catch((error: unknown) => {
        if (!this.stopping.signal.aborted) report(error);
        return null;
      });
      if (status !== null && status >= 200 && status < 300) {
        delivery.acknowledged_at = this.at();
        delivery.dropped = null;
        return;
      }
      if (status === 410) {
        // The specification: who answers so wants no more.
        this.gone = true;
        delivery.dropped = 'gone';
        return;
      }
      if (over.aborted) return;
      if (status !== null) report(new Error(`a control webhook was answered ${status}`));
      if (wait === null) break;
      await sleep(wait * (1 + 0.2 * random()), undefined, { signal: over, ref: false }).catch(() => undefined);
      if (over.aborted) return;
    }
    delivery.dropped = 'given_up';
  }

  private async post(letter: Letter): Promise<number> {
    const answer = await this.pool.request({
      method: 'POST',
      path: this.path,
      headers: { 'content-type': 'application/json', 'user-agent': 'sluice', ...this.parts.headers(letter, this.at()) },
      body: letter.body,
      signal: this.stopping.signal,
    });
    await answer.body.dump();
    return answer.statusCode;
  }

  private at(): number {
    return this.parts.now().getTime();
  }
}
