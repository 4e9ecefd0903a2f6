import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const graphToken = 'EAAG-stand-in-token-0123456789';

/** One request as the stand-in got it. */
export interface GraphCall {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

interface GraphAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
  /** Cuts the connection instead of answering. */
  cut?: boolean;
}

/** A number, account or template as the Graph API shows it: fields by name. */
export type GraphNode = Record<string, unknown>;

/**
 * Speaks the documented contract of the Graph API as far as Sluice uses it: sends, fields of nodes, templates of an account in pages,
 * errors `{error: {message, type, code, error_data, fbtrace_id}}`, 401 without the token.
 */
export class StandInGraph {
  readonly calls: GraphCall[] = [];
  /** Nodes by id. */
  readonly nodes = new Map<string, GraphNode>();
  /** Templates by account. */
  readonly templates = new Map<string, GraphNode[]>();
  /** Templates a page. */
  pageSize = 25;
  /** Answers in place of the contract while it gives something. */
  instead: ((call: GraphCall) => GraphAnswer | undefined) | null = null;
  private sends = 0;
  private readonly server = createServer((request, response) => void this.take(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The bodies of the sends that arrived. */
  get sent(): GraphNode[] {
    return this.calls
      .filter(({ method, path }) => method === 'POST' && /\/(marketing_)?messages$/.test(path))
      .map(({ body }) => JSON.parse(body) as GraphNode);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const { method = 'GET', headers } = request;
    const call = { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(parts).toString() };
    this.calls.push(call);
    const answer = this.instead?.(call) ?? this.answer(call);
    if (answer.cut) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json; charset=UTF-8', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  private answer({ method, path, query, headers, body }: GraphCall): GraphAnswer {
    const shown = headers.authorization || `Bearer ${query.get('access_token')}`;
    if (shown !== `Bearer ${graphToken}`) return graphFailure(190, 'Invalid OAuth access token', 401);
    const [, , id = '', edge] = path.split('/');
    if (method === 'POST' && (edge === 'messages' || edge === 'marketing_messages')) {
      const { to, recipient, status } = JSON.parse(body) as { to?: string; recipient?: string; status?: string };
      if (status === 'read') return { body: { success: true } };
      const digits = to?.replace(/\D/g, '');
      this.sends += 1;
      return {
        body: {
          messaging_product: 'whatsapp',
          contacts: [digits === undefined ? { input: recipient, user_id: recipient } : { input: to, wa_id: digits }],
          messages: [{ id: `wamid.stand-in-${this.sends}` }],
        },
      };
    }
    if (method === 'GET' && edge === 'message_templates') return this.templatePage(id, path, query);
    const node = this.nodes.get(id);
    if (method === 'GET' && edge === undefined && node !== undefined) {
      const fields = (query.get('fields') ?? '').split(',').filter((name) => name in node);
      return { body: { ...Object.fromEntries(fields.map((name) => [name, node[name]])), id } };
    }
    if (method === 'POST' && edge === 'media') return { body: { id: '1037543291543636', bytes: body.length } };
    return graphFailure(100, 'Unsupported request', 400);
  }

  private templatePage(id: string, path: string, query: URLSearchParams): GraphAnswer {
    const all = this.templates.get(id) ?? [];
    const from = Number(query.get('after') ?? 0);
    const data = all.slice(from, from + this.pageSize);
    const after = String(from + data.length);
    const more = from + data.length < all.length;
    return {
      body: {
        data,
        paging: { cursors: { before: String(from), after }, ...(more ? { next: `${this.url}${path}?after=${after}` } : {}) },
      },
    };
  }
}

/** An error as the platform words it. */
export function graphFailure(code: number, message: string, status = 400, headers: Record<string, string> = {}): GraphAnswer {
  const error = { message: `(#${code}) ${message}`, type: 'OAuthException', code, fbtrace_id: 'AbCdEfGhIjK' };
  return { status, headers, body: { error: { ...error, error_data: { messaging_product: 'whatsapp', details: message } } } };
}
