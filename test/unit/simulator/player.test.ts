import { describe, expect, it } from 'vitest';
import { day, type EventBody, hour, minute, second, type WebhookBody } from '../../../simulator/emission.ts';
import type { PermitAnswer, PermitRequest } from '../../../simulator/permit-desk.ts';
import { backfill, live, mergedBody, type Sink } from '../../../simulator/player.ts';
import { recount } from './recount.ts';
import { played, smallWorld, startAt } from './worlds.ts';

class Keeper implements Sink {
  readonly bodies: WebhookBody[] = [];
  readonly batches: (readonly EventBody[])[] = [];
  readonly commands: string[] = [];
  /** What was asked, and what was posted and under way at that moment. */
  readonly permits: { count: number; underWay: number; events: number }[] = [];
  readonly returned: string[] = [];
  underWay = 0;
  most = 0;

  async webhook(body: WebhookBody): Promise<void> {
    await this.work();
    this.bodies.push(body);
  }
  async events(events: readonly EventBody[]): Promise<void> {
    await this.work();
    this.batches.push(events);
  }
  async command(path: string): Promise<void> {
    this.commands.push(path);
  }
  async permit({ request_id, count }: PermitRequest): Promise<PermitAnswer> {
    this.permits.push({ count, underWay: this.underWay, events: this.batches.flat().length });
    return { request_id, permit_id: `permit ${this.permits.length}`, granted: count, expires_at: Infinity, retry_after_ms: null };
  }
  async giveBack(permitId: string): Promise<void> {
    this.returned.push(permitId);
  }
  private async work(): Promise<void> {
    this.underWay++;
    this.most = Math.max(this.most, this.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    this.underWay--;
  }
  get updates(): number[] {
    return this.bodies.map(updatesOf);
  }
}

describe('a backfill', () => {
  it('puts everything that goes out until then into large posts, a few at a time, and all of it is answered at the end', async () => {
    const keeper = new Keeper();
    const shares: number[] = [];
    await backfill(smallWorld(), keeper, startAt + 6 * day, ({ share }) => shares.push(share));
    const emissions = played(smallWorld(), 6);
    expect(keeper.batches.flat()).toHaveLength(emissions.filter(({ kind }) => kind === 'event').length);
    expect(keeper.commands).toHaveLength(13);
    expect(Math.max(...keeper.updates)).toBeLessThanOrEqual(500);
    expect(keeper.bodies.length).toBeLessThan(emissions.length / 100);
    expect(keeper.most).toBe(4);
    expect(keeper.underWay).toBe(0);
    expect(shares.at(-1)).toBe(1);
    // Nothing was lost or changed by putting posts together: the plain recount of both is the same.
    const posted = [
      ...keeper.batches.flat().map((event) => ({ kind: 'event' as const, at: 0, event })),
      ...keeper.bodies.map((body) => ({ kind: 'webhook' as const, at: 0, body, updates: updatesOf(body) })),
    ];
    expect(recount(posted)).toEqual(recount(emissions));
  });

  it('ends with the error of a post that failed for good', async () => {
    const keeper = new Keeper();
    keeper.webhook = async () => {
      throw new Error('gone');
    };
    await expect(backfill(smallWorld(), keeper, startAt + day)).rejects.toThrow('gone');
  });
});

describe('playing a world that asks for permits', () => {
  it('posts everything that went out before a request, waits for it, and hands the answer to the world for its next step', async () => {
    const world = smallWorld({ permitsFrom: startAt });
    const keeper = new Keeper();
    await backfill(world, keeper, startAt + day);
    // The same world, the same answers at the same moments, played by hand.
    const other = smallWorld({ permitsFrom: startAt });
    const eventsBefore: number[] = [];
    let events = 0;
    for (let at = startAt + hour / 2; at <= startAt + day; at += hour / 2) {
      const answers: PermitAnswer[] = [];
      for (const emission of other.advance(at)) {
        if (emission.kind === 'event') events++;
        if (emission.kind !== 'permit') continue;
        eventsBefore.push(events);
        const { request_id, count } = emission.request;
        const permit_id = `permit ${eventsBefore.length}`;
        answers.push({ request_id, permit_id, granted: count, expires_at: Infinity, retry_after_ms: null });
      }
      for (const answer of answers) other.permit(answer);
    }
    expect(keeper.permits.length).toBeGreaterThan(10);
    expect(keeper.permits.map((permit) => permit.events)).toEqual(eventsBefore);
    expect(keeper.permits.every(({ underWay }) => underWay === 0)).toBe(true);
    expect(world.tally()).toEqual(other.tally());
  });
});

describe('putting posts together', () => {
  const metadata = (id: string) => ({
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '49', phone_number_id: id },
  });
  const post = (value: Record<string, unknown>, time?: number): WebhookBody => ({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', ...(time === undefined ? {} : { time }), changes: [{ field: 'messages', value }] }],
  });

  it('joins plain statuses of one number, and leaves alone what has contacts, messages or a time of its own', () => {
    const merged = mergedBody([
      post({ ...metadata('a'), statuses: [1] }),
      post({ ...metadata('b'), statuses: [2] }),
      post({ ...metadata('a'), statuses: [3, 4] }),
      post({ ...metadata('a'), contacts: ['x'], statuses: [5] }),
      post({ ...metadata('a'), contacts: ['x'], messages: [6] }),
      post({ event: 'APPROVED' }, 1_792_000_000),
    ]);
    expect(merged.entry).toEqual([
      {
        id: '1',
        changes: [
          { field: 'messages', value: { ...metadata('a'), statuses: [1, 3, 4] } },
          { field: 'messages', value: { ...metadata('b'), statuses: [2] } },
          { field: 'messages', value: { ...metadata('a'), contacts: ['x'], statuses: [5] } },
          { field: 'messages', value: { ...metadata('a'), contacts: ['x'], messages: [6] } },
        ],
      },
      { id: '1', time: 1_792_000_000, changes: [{ field: 'messages', value: { event: 'APPROVED' } }] },
    ]);
  });
});

describe('going live', () => {
  it('runs faster until it has caught up with the wall clock, then keeps to it, and stops at the signal', async () => {
    const world = smallWorld();
    const keeper = new Keeper();
    await backfill(world, keeper, startAt + 5 * day);
    const stop = new AbortController();
    const begin = startAt + 5 * day + 2 * hour;
    let wall = begin;
    const lags: number[] = [];
    await live(world, keeper, {
      speed: 60,
      signal: stop.signal,
      now: () => wall,
      wait: async () => {
        wall += second;
        if (wall - begin > 5 * minute) stop.abort();
      },
      onStep: (at) => lags.push(wall - at),
    });
    // Two hours behind at 60:1 are 7200 / 59 = 122 seconds.
    expect(lags.indexOf(0)).toBe(Math.ceil(7200 / 59) - 1);
    expect(lags[0]).toBe(2 * hour - 59 * second);
    expect(lags.slice(130).every((lag) => lag === 0)).toBe(true);
    expect(world.now).toBe(begin + 5 * minute);
  });

  it('posts updates one by one while they are few', async () => {
    const world = smallWorld();
    const keeper = new Keeper();
    await backfill(world, keeper, startAt + 3.2 * day);
    const before = keeper.bodies.length;
    const stop = new AbortController();
    let wall = world.now;
    let steps = 0;
    await live(world, keeper, {
      speed: 1,
      signal: stop.signal,
      now: () => wall,
      wait: async () => {
        wall += second;
        if (++steps > 3600) stop.abort();
      },
    });
    const posts = keeper.bodies.slice(before);
    expect(posts.length).toBeGreaterThan(10);
    expect(posts.every((body) => body.entry.length === 1)).toBe(true);
  });
});

function updatesOf(body: WebhookBody): number {
  const parts = body.entry.flatMap((entry) => entry.changes.map(({ value }) => value));
  return parts.reduce(
    (sum, value) =>
      sum +
      (['statuses', 'messages', 'user_preferences'] as const).reduce(
        (n, name) => n + ((value[name] as unknown[] | undefined)?.length ?? 0),
        0,
      ),
    0,
  );
}
