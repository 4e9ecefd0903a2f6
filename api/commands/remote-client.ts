import { Agent, type Dispatcher, request } from 'undici';
import { type ErrorCode, errorCatalogue, SluiceError } from '../../sql/errors.ts';

type Method = 'GET' | 'POST' | 'DELETE';

/** Asks a running server. Waits as long as it takes: a rebuild may run for hours. */
export class RemoteClient {
  private readonly agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5000 });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @throws SluiceError as the server answered it, `warehouse_locked` when it does not answer at all */
  async request(method: Method, path: string, body?: object): Promise<Dispatcher.ResponseData> {
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(`${this.url}${path}`, {
        method,
        dispatcher: this.agent,
        headers: {
          authorization: `Bearer ${this.token}`,
          accept: '*/*',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
    } catch (cause) {
      throw new SluiceError('warehouse_locked', { detail: `the server at ${this.url} holds it and does not answer`, cause });
    }
    if (answer.statusCode < 400) return answer;
    throw problemError(await answer.body.text(), answer.statusCode);
  }

  async json<T>(method: Method, path: string, body?: object): Promise<T> {
    const answer = await this.request(method, path, body);
    return (await answer.body.json()) as T;
  }

  async close(): Promise<void> {
    await this.agent.close();
  }
}

/** The error that a problem document stands for. */
export function problemError(text: string, status: number): SluiceError {
  try {
    const { code, detail, field } = JSON.parse(text) as { code: string; detail?: string; field?: string };
    if (Object.hasOwn(errorCatalogue, code)) {
      return new SluiceError(code as ErrorCode, {
        ...(detail === undefined ? {} : { detail }),
        ...(field === undefined ? {} : { field }),
      });
    }
  } catch {
    // Not a problem document: something else listens there.
  }
  return new SluiceError('internal', { detail: `the server answered ${status}` });
}
