import { setTimeout as sleep } from 'node:timers/promises';
import { type Emission, type EventBody, hour, type WebhookBody, type WebhookChange, type WebhookEntry } from './emission.ts';
import type { PermitAnswer, PermitRequest } from './permit-desk.ts';
import type { World } from './world.ts';

/** Where a player puts what goes out; `Client` is one. */
export interface Sink {
  webhook(body: WebhookBody): Promise<void>;
  events(events: readonly EventBody[]): Promise<void>;
  command(path: string, body: Record<string, unknown>): Promise<void>;
  permit(request: PermitRequest): Promise<PermitAnswer>;
  giveBack(permitId: string, count: number): Promise<void>;
}

export interface Progress {
  /** Simulated time reached, milliseconds since 1970. */
  at: number;
  /** 0 to 1. */
  share: number;
  events: number;
  /** Updates in webhooks. */
  updates: number;
}

/** The platform allows up to 1,000 updates in one POST. */
const largePosts = { events: 1_000, updates: 500 };
const inFlight = 4;

/** Plays the world up to `until` (milliseconds since 1970) as fast as the server takes it, in large posts. All is answered when it returns. */
export async function backfill(
  world: World,
  sink: Sink,
  until: number,
  onProgress?: (progress: Progress) => void,
): Promise<void> {
  const post = new Post(sink);
  const from = world.now;
  while (world.now < until) {
    for (const emission of world.advance(Math.min(until, world.now + hour / 2))) await post.put(emission, largePosts);
    post.answer(world);
    onProgress?.({
      at: world.now,
      share: (world.now - from) / (until - from),
      events: post.sentEvents,
      updates: post.sentUpdates,
    });
  }
  await post.finish();
}

export interface LiveOptions {
  /** Simulated seconds a second, until the wall clock is reached; from then on 1. */
  speed: number;
  signal: AbortSignal;
  /** The wall clock, milliseconds since 1970. */
  now: () => number;
  /** Waits; the signal cuts it short. */
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** After each step, with the simulated time reached. */
  onStep?: (at: number) => void;
}

/** Plays on in small posts until the signal: faster than real time while the world is behind the wall clock, never ahead of it. */
export async function live(world: World, sink: Sink, options: LiveOptions): Promise<void> {
  const { speed, signal, now, onStep } = options;
  const wait = options.wait ?? ((milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => undefined));
  const post = new Post(sink);
  let before = now();
  while (!signal.aborted) {
    await wait(250, signal);
    if (signal.aborted) break;
    const wall = now();
    const target = Math.floor(Math.min(wall, world.now + Math.max(0, wall - before) * speed));
    before = wall;
    if (target <= world.now) continue;
    const emissions = world.advance(target);
    // One POST an update; more in one only when there are too many for that.
    const size = Math.min(500, Math.ceil(emissions.length / 60));
    for (const emission of emissions) await post.put(emission, { events: Math.max(20, size), updates: size });
    await post.finish();
    post.answer(world);
    onStep?.(world.now);
  }
}

/** Gathers emissions into posts and keeps a few posts under way. */
class Post {
  sentEvents = 0;
  sentUpdates = 0;
  private events: EventBody[] = [];
  private bodies: WebhookBody[] = [];
  private updates = 0;
  private answers: PermitAnswer[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private failure: unknown;

  constructor(private readonly sink: Sink) {}

  async put(emission: Emission, limits: { events: number; updates: number }): Promise<void> {
    if (emission.kind === 'command') {
      await this.finish();
      await this.sink.command(emission.path, emission.body);
    } else if (emission.kind === 'event') {
      this.events.push(emission.event);
      if (this.events.length >= limits.events) await this.sendEvents();
    } else if (emission.kind === 'permit') {
      // What went out before is to be known when the request is judged.
      await this.finish();
      this.answers.push(await this.sink.permit(emission.request));
    } else if (emission.kind === 'return') {
      await this.finish();
      await this.sink.giveBack(emission.permit_id, emission.count);
    } else {
      if (this.updates > 0 && this.updates + emission.updates > limits.updates) await this.sendWebhook();
      this.bodies.push(emission.body);
      this.updates += emission.updates;
      if (this.updates >= limits.updates) await this.sendWebhook();
    }
  }

  /** Hands the answers that came in to the world, for its next step. */
  answer(world: World): void {
    for (const answer of this.answers) world.permit(answer);
    this.answers = [];
  }

  /** Sends what is left and waits for all answers. Throws what a post threw. */
  async finish(): Promise<void> {
    if (this.events.length > 0) await this.sendEvents();
    if (this.updates > 0) await this.sendWebhook();
    await Promise.all(this.underWay);
    if (this.failure !== undefined) throw this.failure;
  }

  private async sendEvents(): Promise<void> {
    const { events } = this;
    this.events = [];
    this.sentEvents += events.length;
    await this.start(this.sink.events(events));
  }

  private async sendWebhook(): Promise<void> {
    const { bodies, updates } = this;
    this.bodies = [];
    this.updates = 0;
    this.sentUpdates += updates;
    await this.start(this.sink.webhook(mergedBody(bodies)));
  }

  private async start(sending: Promise<void>): Promise<void> {
    const settled: Promise<void> = sending
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => this.underWay.delete(settled));
    this.underWay.add(settled);
    if (this.underWay.size >= inFlight) await Promise.race(this.underWay);
    if (this.failure !== undefined) throw this.failure;
  }
}

/** Several POSTs as one: entries without a time of their own share one entry, plain statuses of one number one change. */
export function mergedBody(bodies: readonly WebhookBody[]): WebhookBody {
  const [first] = bodies;
  if (first !== undefined && bodies.length === 1) return first;
  const entries: WebhookEntry[] = [];
  const open = new Map<string, { changes: WebhookChange[]; statuses: Map<unknown, unknown[]> }>();
  for (const body of bodies) {
    for (const entry of body.entry) {
      if (entry.time !== undefined) {
        entries.push(entry);
        continue;
      }
      let account = open.get(entry.id);
      if (account === undefined) {
        account = { changes: [], statuses: new Map() };
        open.set(entry.id, account);
        entries.push({ id: entry.id, changes: account.changes });
      }
      for (const change of entry.changes) addChange(account, change);
    }
  }
  return { object: 'whatsapp_business_account', entry: entries };
}

function addChange(account: { changes: WebhookChange[]; statuses: Map<unknown, unknown[]> }, change: WebhookChange): void {
  const { statuses, contacts, metadata } = change.value;
  if (!Array.isArray(statuses) || contacts !== undefined) {
    account.changes.push(change);
    return;
  }
  const number = (metadata as { phone_number_id: string }).phone_number_id;
  const together = account.statuses.get(number);
  if (together !== undefined) {
    together.push(...statuses);
    return;
  }
  const copy = [...statuses];
  account.statuses.set(number, copy);
  account.changes.push({ field: change.field, value: { ...change.value, statuses: copy } });
}
