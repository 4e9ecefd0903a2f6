import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../simulator/random.ts';
import { Sender } from '../served.ts';

export interface Held {
  request_id: string;
  permit_id: string;
  granted: number;
  expires_at: string;
}

interface Asked {
  body: { request_id: string; campaign_id: string; lease_seconds: number } & Record<string, unknown>;
  held: Held | null;
  /** Rights that came back for sure, and those whose return got no answer. */
  returned: number;
  unsure: number;
}

const campaigns = 30;
/** Longer than the test, and shorter than the time between two of its looks. */
const [long, short] = [600, 1];

/** Asks a server for permits whatever happens to it, and keeps the book of what it was promised. */
export class PermitHolder {
  readonly asked: Asked[] = [];
  private sender: Sender | undefined;
  private running = true;
  private readonly done: Promise<unknown>;

  constructor(
    private readonly random: Random,
    workers = 6,
  ) {
    this.done = Promise.all(Array.from({ length: workers }, () => this.work()));
    this.done.catch(() => undefined);
  }

  /** The server is at this address; nobody is asked while it is nowhere. */
  async aim(url: string | undefined): Promise<void> {
    const { sender } = this;
    this.sender = url === undefined ? undefined : new Sender(url, 16);
    await sender?.close();
  }

  /** Rejects when a good request was refused. */
  async stop(): Promise<void> {
    this.running = false;
    await this.done;
    await this.aim(undefined);
  }

  /** What was granted and is known to be held. */
  get held(): (Asked & { held: Held })[] {
    return this.asked.filter((one): one is Asked & { held: Held } => one.held !== null);
  }

  /** Rights of long leases that are held in one campaign: each has one stream. */
  heldIn(campaign: string): number {
    return this.held
      .filter(({ body }) => body.campaign_id === campaign && body.lease_seconds === long)
      .reduce((sum, { held, returned, unsure }) => sum + held.granted - returned - unsure, 0);
  }

  get campaigns(): string[] {
    return Array.from({ length: campaigns }, (_, n) => `k${n}`);
  }

  /** The leases that ended while the test ran. */
  get over(): Held[] {
    return this.held.filter(({ body }) => body.lease_seconds === short).map(({ held }) => held);
  }

  private async work(): Promise<void> {
    while (this.running) {
      const { sender } = this;
      if (sender !== undefined) await this.one(sender);
      await sleep(5);
    }
  }

  private async one(sender: Sender): Promise<void> {
    const again = this.random.chance(0.2) ? this.asked[this.random.int(Math.max(1, this.asked.length))] : undefined;
    if (again?.held != null && this.random.chance(0.3)) return this.giveBack(sender, again, again.held);
    const one = again ?? this.next();
    const answer = await this.post(sender, '/v1/permits', one.body);
    if (answer === null) return;
    const permit = JSON.parse(answer) as Held;
    if (permit.granted === 0) return;
    const held = {
      request_id: one.body.request_id,
      permit_id: permit.permit_id,
      granted: permit.granted,
      expires_at: permit.expires_at,
    };
    if (one.held !== null && JSON.stringify(one.held) !== JSON.stringify(held)) {
      throw new Error(`${one.body.request_id} was answered ${JSON.stringify(one.held)}, then ${JSON.stringify(held)}`);
    }
    one.held = held;
  }

  private async giveBack(sender: Sender, one: Asked, { permit_id, granted }: Held): Promise<void> {
    if (one.body.lease_seconds === short || one.returned > 0 || one.unsure > 0) return;
    const count = 1 + this.random.int(granted);
    one.unsure = count;
    const answer = await this.post(sender, `/v1/permits/${permit_id}/return`, { count });
    if (answer === null) return;
    one.unsure = 0;
    one.returned = count;
  }

  private next(): Asked {
    const lease_seconds = this.random.chance(0.1) ? short : long;
    const body = {
      request_id: `q-${this.asked.length}`,
      campaign_id: `k${this.random.int(campaigns)}`,
      lease_seconds,
      template_name: 'autumn_sale',
      phone_number_id: `n${this.random.int(50)}`,
      category: 'marketing',
      count: 1 + this.random.int(20),
    };
    const one = { body, held: null, returned: 0, unsure: 0 };
    this.asked.push(one);
    return one;
  }

  /** The text of a good answer; null when there is none or the server is not ready. */
  private async post(sender: Sender, path: string, body: unknown): Promise<string | null> {
    const answer = await sender.json('POST', path, body).catch(() => null);
    if (answer === null || answer.status === 503) return null;
    if (answer.status !== 200) throw new Error(`a good request was refused: ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer.text;
  }
}
