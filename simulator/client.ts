import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { EventBody, WebhookBody } from './emission.ts';
import type { PermitAnswer, PermitRequest } from './permit-desk.ts';

export interface ClientOptions {
  /** Base address of Sluice, e.g. http://127.0.0.1:8080. */
  url: string;
  appSecret: string;
  /** A token that may send events and register campaigns. */
  token: string;
  /** Connections kept open; no more requests than this run at once. */
  connections?: number;
  /** Tries of one request before it is given up. */
  attempts?: number;
  /** How the wait between tries is spent; tests put in one that does not wait. */
  wait?: (milliseconds: number) => Promise<unknown>;
}

/** What the server refused of a batch of events, as it said so. */
export interface Refusal {
  id?: string;
  field?: string;
  message: string;
}

/** Posts what a world puts on the wire. Each call resolves once the server has answered that it is durable. */
export class Client {
  readonly counts = { requests: 0, retries: 0, events: 0, refused: 0 };
  /** The first few refusals, to be shown. */
  readonly refusals: Refusal[] = [];
  private readonly pool: Pool;
  private readonly attempts: number;
  private readonly wait: (milliseconds: number) => Promise<unknown>;
  private readonly authorization: string;
  private readonly ending = new AbortController();

  constructor(private readonly options: ClientOptions) {
    this.pool = new Pool(options.url, { connections: options.connections ?? 4, pipelining: 1 });
    this.attempts = options.attempts ?? 9;
    this.wait =
      options.wait ?? ((milliseconds) => sleep(milliseconds, undefined, { signal: this.ending.signal }).catch(() => undefined));
    this.authorization = `Bearer ${options.token}`;
  }

  /** Posts a signed webhook; anything but 200 makes it come again, as with the platform. Throws when all tries failed. */
  async webhook(body: WebhookBody): Promise<void> {
    const bytes = encodeWebhook(body);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'facebookexternalua',
      'x-hub-signature-256': signatureOf(bytes, this.options.appSecret),
    };
    await this.send('POST', '/webhooks/whatsapp', headers, bytes, (status) => status !== 200);
  }

  /** Posts first-party events in one batch. Refused ones are counted and the first few kept. */
  async events(events: readonly EventBody[]): Promise<void> {
    const headers = { 'content-type': 'application/json', authorization: this.authorization };
    const text = await this.send('POST', '/v1/events', headers, Buffer.from(JSON.stringify(events)), isTransient);
    const answer = JSON.parse(text) as { accepted: number; rejected: Refusal[] };
    this.counts.events += answer.accepted;
    this.counts.refused += answer.rejected.length;
    this.refusals.push(...answer.rejected.slice(0, 10 - this.refusals.length));
  }

  /** Registers a campaign, portfolio, account or number. */
  async command(path: string, body: Record<string, unknown>): Promise<void> {
    const headers = { 'content-type': 'application/json', authorization: this.authorization };
    await this.send('PUT', path, headers, Buffer.from(JSON.stringify(body)), isTransient);
  }

  /** Asks for sending rights. The same request gets the same answer, so it may be tried again. */
  async permit(request: PermitRequest): Promise<PermitAnswer> {
    const headers = { 'content-type': 'application/json', authorization: this.authorization };
    const text = await this.send('POST', '/v1/permits', headers, Buffer.from(JSON.stringify(request)), isTransient);
    const { permit_id, granted, expires_at, retry_after_ms } = JSON.parse(text) as {
      permit_id: string;
      granted: number;
      expires_at: string;
      retry_after_ms: number | null;
    };
    return { request_id: request.request_id, permit_id, granted, expires_at: Date.parse(expires_at), retry_after_ms };
  }

  /** Gives back rights that are not needed; those whose time is over are gone anyway. */
  async giveBack(permitId: string, count: number): Promise<void> {
    const headers = { 'content-type': 'application/json', authorization: this.authorization };
    const path = `/v1/permits/${encodeURIComponent(permitId)}/return`;
    await this.send('POST', path, headers, Buffer.from(JSON.stringify({ count })), isTransient, isOver);
  }

  /** Ends what is under way, and every call after it. */
  async close(): Promise<void> {
    if (this.ending.signal.aborted) return;
    this.ending.abort();
    await this.pool.close();
  }

  private async send(
    method: 'POST' | 'PUT',
    path: string,
    headers: Record<string, string>,
    body: Buffer,
    again: (status: number) => boolean,
    alsoFine: (status: number) => boolean = () => false,
  ): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      this.counts.requests++;
      const outcome = await this.attempt(method, path, headers, body);
      const fine = (outcome.status >= 200 && outcome.status < 300) || alsoFine(outcome.status);
      if (fine && !again(outcome.status)) return outcome.text;
      if (this.ending.signal.aborted || attempt >= this.attempts || !(outcome.status === 0 || again(outcome.status))) {
        throw new Error(`${method} ${path} failed with ${outcome.status || 'no answer'}: ${outcome.text.slice(0, 500)}`);
      }
      this.counts.retries++;
      await this.wait(Math.min(10_000, 100 * 2 ** (attempt - 1)));
    }
  }

  /** One try; status 0 when there was no answer. */
  private async attempt(
    method: 'POST' | 'PUT',
    path: string,
    headers: Record<string, string>,
    body: Buffer,
  ): Promise<{ status: number; text: string }> {
    try {
      const response = await this.pool.request({ method, path, headers, body });
      return { status: response.statusCode, text: await response.body.text() };
    } catch (error) {
      return { status: 0, text: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The bytes of a webhook as the platform writes them: JSON in ASCII, every other character as \uXXXX. */
export function encodeWebhook(body: WebhookBody): Buffer {
  const text = JSON.stringify(body).replaceAll(/[\u0080-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return Buffer.from(text, 'latin1');
}

/** The value of `X-Hub-Signature-256`: HMAC-SHA256 of the raw bytes, keyed with the app secret. */
export function signatureOf(bytes: Uint8Array, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(bytes).digest('hex')}`;
}

/** The lease is over, or so long over that nobody knows it any more. */
function isOver(status: number): boolean {
  return status === 404 || status === 409;
}

function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
