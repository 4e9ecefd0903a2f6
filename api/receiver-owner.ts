import { Agent, type Dispatcher, request } from 'undici';
import { SluiceError } from '../sql/errors.ts';

/** What is asked of the owner. The body is whole, so that it can go to the next address when one does not take it. */
export interface OwnerRequest {
  method: Dispatcher.HttpMethod;
  /** Path and query. */
  path: string;
  headers: Record<string, string | string[]>;
  body: Uint8Array | string | null;
  /** How long to wait for the answer to begin, ms. */
  patienceMs: number;
}

/** The owner did not answer. */
export class OwnerAway extends Error {
  constructor(
    /** Whether it may have got the request all the same. */
    readonly mayHaveActed: boolean,
    cause: unknown,
  ) {
    super('the owner did not answer', { cause });
  }

  /** As the client hears it. */
  get problem(): SluiceError {
    const { code } = (this.cause ?? {}) as { code?: string };
    const detail = this.mayHaveActed ? 'it may have got this request, so ask it again' : 'no address took the request';
    return new SluiceError('owner_away', { detail: code === undefined ? detail : `${detail} (${code})`, cause: this.cause });
  }
}

/** Whether it failed before a byte was sent: there was no connection to send it on. */
function isUnsent(error: unknown): boolean {
  const { code, syscall } = error as { code?: string; syscall?: string };
  // Node tries all addresses of a name and then throws the failures of all together.
  const together = error instanceof AggregateError;
  return together || syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** A header by which a warehouse that stands by tells itself from one that answers. */
export const standbyHeader = 'x-sluice-standby';

/** The way to the one warehouse that owns the data folder: of several addresses the one that does not stand by. */
export class OwnerLink {
  /** Whether the newest request was answered; null before the first. */
  up: boolean | null = null;
  private readonly agent = new Agent({ connections: 64, pipelining: 1, connect: { timeout: 1000 }, bodyTimeout: 300_000 });
  /** The address that answered last. */
  private latest = 0;

  constructor(readonly urls: readonly string[]) {}

  /**
   * Asks the owner, whatever it answers.
   * @throws SluiceError `warehouse_elsewhere` when no address is set; OwnerAway when none answered
   */
  async ask({ method, path, headers, body, patienceMs }: OwnerRequest): Promise<Dispatcher.ResponseData> {
    if (this.urls.length === 0) throw new SluiceError('warehouse_elsewhere', { detail: 'SLUICE_OWNER_URLS is empty' });
    let cause: unknown = new Error('every warehouse stands by');
    for (let tried = 0; tried < this.urls.length; tried += 1) {
      const index = (this.latest + tried) % this.urls.length;
      const url = `${this.urls[index]}${path}`;
      try {
        const answer = await request(url, { method, headers, body, dispatcher: this.agent, headersTimeout: patienceMs });
        if (answer.headers[standbyHeader] === undefined) {
          this.latest = index;
          this.up = true;
          return answer;
        }
        await answer.body.dump();
      } catch (error) {
        cause = error;
        if (isUnsent(error)) continue;
        this.up = false;
        throw new OwnerAway(true, error);
      }
    }
    this.up = false;
    throw new OwnerAway(false, cause);
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
