import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../simulator/random.ts';
import { type Answer, Sender } from '../served.ts';
import type { Ledger } from './ledger.ts';
import { type Post, Traffic } from './traffic.ts';

/**
 * Senders that go on whatever happens to the server, and keep the book. What got no answer is sent again most times, as the platform
 * does; what got one is sent again now and then.
 */
export class Load {
  readonly counts = { acknowledged: 0, unanswered: 0 };
  private readonly traffic: Traffic;
  private readonly again: Post[] = [];
  private sender: Sender | undefined;
  private running = true;
  private readonly done: Promise<unknown>;

  constructor(
    private readonly ledger: Ledger,
    private readonly random: Random,
    senders = 8,
  ) {
    this.traffic = new Traffic(random);
    this.done = Promise.all(Array.from({ length: senders }, () => this.work()));
    this.done.catch(() => undefined);
  }

  /** The server is at this address; nothing is sent while it is nowhere. */
  async aim(url: string | undefined): Promise<void> {
    const { sender } = this;
    this.sender = url === undefined ? undefined : new Sender(url, 16);
    await sender?.close();
  }

  /** Rejects when the server refused what is good. */
  async stop(): Promise<void> {
    this.running = false;
    await this.done;
    await this.aim(undefined);
  }

  private async work(): Promise<void> {
    while (this.running) {
      const { sender } = this;
      if (sender !== undefined) await this.one(sender);
      await sleep(10);
    }
  }

  private async one(sender: Sender): Promise<void> {
    const post = (this.random.chance(0.3) ? this.again.shift() : undefined) ?? this.traffic.next();
    this.ledger.sent(post.facts);
    const answer = await send(sender, post);
    if (answer?.status === 200 && !answer.text.includes('"code"')) {
      this.ledger.acknowledged(post.facts);
      this.counts.acknowledged += 1;
      if (post.repeatable && this.random.chance(0.05)) this.again.push(post);
    } else if (answer === null || answer.status === 503) {
      this.counts.unanswered += 1;
      if (post.repeatable && this.random.chance(0.7)) this.again.push(post);
    } else throw new Error(`a good request was refused: ${answer.status} ${answer.text.slice(0, 500)}`);
  }
}

/** The answer, null when there is none. */
async function send(sender: Sender, { kind, body }: Post): Promise<Answer | null> {
  try {
    return await (kind === 'webhook' ? sender.webhook(body) : sender.eventBytes(body));
  } catch {
    return null;
  }
}
