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
  private senders: Sender[] = [];
  private running = true;
  private readonly done: Promise<unknown>;

  constructor(
    private readonly ledger: Ledger,
    private readonly random: Random,
    workers = 8,
  ) {
    this.traffic = new Traffic(random);
    this.done = Promise.all(Array.from({ length: workers }, () => this.work()));
    this.done.catch(() => undefined);
  }

  /** The servers are at these addresses; nothing is sent while they are nowhere. */
  async aim(...urls: readonly string[]): Promise<void> {
    const { senders } = this;
    this.senders = urls.map((url) => new Sender(url, 16));
    await Promise.all(senders.map((sender) => sender.close()));
  }

  /** Rejects when the server refused what is good. */
  async stop(): Promise<void> {
    this.running = false;
    await this.done;
    await this.aim();
  }

  private async work(): Promise<void> {
    while (this.running) {
      const sender = this.senders[this.random.int(Math.max(1, this.senders.length))];
      const answered = sender === undefined || (await this.one(sender));
      // Where nobody answers a refusal costs nothing: without a rest the book would fill with what was never taken.
      await sleep(answered ? 10 : 100);
    }
  }

  /** Whether it was taken. */
  private async one(sender: Sender): Promise<boolean> {
    const post = (this.random.chance(0.3) ? this.again.shift() : undefined) ?? this.traffic.next();
    this.ledger.sent(post.facts);
    const answer = await send(sender, post);
    if (answer?.status === 200 && !answer.text.includes('"code"')) {
      this.ledger.acknowledged(post.facts);
      this.counts.acknowledged += 1;
      if (post.repeatable && this.random.chance(0.05)) this.again.push(post);
      return true;
    }
    if (answer === null || answer.status === 503) {
      this.counts.unanswered += 1;
      if (post.repeatable && this.random.chance(0.7)) this.again.push(post);
      return false;
    }
    throw new Error(`a good request was refused: ${answer.status} ${answer.text.slice(0, 500)}`);
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
