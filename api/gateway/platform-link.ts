import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';

/** What the platform answered, whole. */
export interface PlatformAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  text: string;
}

/** The platform did not answer. */
export class PlatformAway extends Error {
  constructor(
    /** Whether it may have got the message all the same. */
    readonly mayHaveSent: boolean,
    cause: unknown,
  ) {
    super('the platform did not answer', { cause });
  }
}

type Headers = Record<string, string | string[] | undefined>;
const patienceMs = 30_000;
/** Answers to sends have a few hundred bytes. */
const longestAnswer = 1_000_000;

/** Headers of one connection (RFC 9110 §7.6.1), those that are written anew, and those that are ours. */
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
  ...['host', 'content-length', 'cookie'],
]);
const isPassed = (name: string) => !ownHeaders.has(name) && !name.startsWith('x-sluice-') && !name.startsWith('x-forwarded-');

/** Headers as they go on. */
export function passed(headers: Headers): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && isPassed(name));
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

/** The way to the platform. */
export class PlatformLink {
  private readonly agent = new Agent({
    connections: 256,
    pipelining: 1,
    connect: { timeout: 5_000 },
    headersTimeout: patienceMs,
  });

  /** @param url base address of the Graph API, without a slash at the end */
  constructor(private readonly url: string) {}

  /**
   * Sends one message. It is never tried twice: the platform knows no idempotency key.
   * @throws PlatformAway
   */
  async send(path: string, headers: Headers, body: string): Promise<PlatformAnswer> {
    // Without compression: what was answered is read here.
    const { 'accept-encoding': _, ...rest } = passed(headers);
    try {
      const answer = await request(this.url + path, {
        method: 'POST',
        dispatcher: this.agent,
        headers: { ...rest, 'content-type': 'application/json' },
        body,
        bodyTimeout: patienceMs,
      });
      const text = await bounded(answer.body);
      return { status: answer.statusCode, headers: passed(answer.headers), text };
    } catch (error) {
      throw new PlatformAway(!isUnsent(error), error);
    }
  }

  /**
   * Passes anything else through as it comes, both ways.
   * @throws PlatformAway
   */
  async pass(method: string, path: string, headers: Headers, body: Readable | null): Promise<Dispatcher.ResponseData> {
    try {
      return await request(this.url + path, {
        method: method as Dispatcher.HttpMethod,
        dispatcher: this.agent,
        headers: { ...passed(headers), ...present(headers['content-length']) },
        body,
      });
    } catch (error) {
      throw new PlatformAway(!isUnsent(error), error);
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

/** The length of a body that goes on unread. */
const present = (length: string | string[] | undefined) => (length === undefined ? {} : { 'content-length': length });

async function bounded(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > longestAnswer) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Whether it failed before a byte was sent: there was no connection to send it on. */
function isUnsent(error: unknown): boolean {
  const { code, syscall } = error as { code?: string; syscall?: string };
  // Node tries all addresses of a name and then throws the failures of all together.
  const together = error instanceof AggregateError;
  return together || syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
}
