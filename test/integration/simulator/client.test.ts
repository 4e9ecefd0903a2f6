import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Client, encodeWebhook, signatureOf } from '../../../simulator/client.ts';
import type { WebhookBody } from '../../../simulator/emission.ts';

interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}
type Answer = { status: number; body?: string } | 'hang up';

const appSecret = 'an app secret';
const token = 'a token of sixteen characters';
const open: { close(): Promise<unknown> | unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A server that keeps what it gets and answers from a list, then 200. */
async function standIn(answers: Answer[] = []): Promise<{ url: string; received: Received[]; sockets: () => number }> {
  const received: Received[] = [];
  const sockets = new Set<unknown>();
  const server: Server = createServer((request, response) => {
    sockets.add(request.socket);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks) });
      const answer = answers.shift() ?? { status: 200, body: '{"accepted": 1, "rejected": []}' };
      if (answer === 'hang up') request.socket.destroy();
      else response.writeHead(answer.status).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received, sockets: () => sockets.size };
}

function clientOf(url: string, attempts?: number): { client: Client; waits: number[] } {
  const waits: number[] = [];
  const wait = async (milliseconds: number) => waits.push(milliseconds);
  const client = new Client({ url, appSecret, token, wait, ...(attempts === undefined ? {} : { attempts }) });
  open.unshift(client);
  return { client, waits };
}

const body: WebhookBody = {
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [{ field: 'messages', value: { contacts: [{ profile: { name: 'Zoé 🙏 अनन्या' } }], note: 'a/b "c" \n' } }],
    },
  ],
};

describe('webhooks of the client', () => {
  it('are ASCII, with every other character as \\uXXXX', () => {
    const text = encodeWebhook(body).toString('latin1');
    expect(text).toContain('"Zo\\u00e9 \\ud83d\\ude4f \\u0905\\u0928\\u0928\\u094d\\u092f\\u093e"');
    expect(JSON.parse(text)).toEqual(body);
    expect([...encodeWebhook(body)].every((byte) => byte < 0x80)).toBe(true);
  });

  it('are signed over the bytes that arrive, with the app secret', async () => {
    const { url, received } = await standIn();
    await clientOf(url).client.webhook(body);
    const [request] = received;
    const expected = createHmac('sha256', appSecret)
      .update(request?.body ?? '')
      .digest('hex');
    expect(request?.headers['x-hub-signature-256']).toBe(`sha256=${expected}`);
    expect(request?.url).toBe('/webhooks/whatsapp');
    expect(request?.body).toEqual(encodeWebhook(body));
    // The signature of re-encoded JSON is another one.
    expect(signatureOf(Buffer.from(JSON.stringify(body)), appSecret)).not.toBe(`sha256=${expected}`);
  });

  it('have the signature of a known example', () => {
    // RFC 4231, test case 2.
    expect(signatureOf(Buffer.from('what do ya want for nothing?'), 'Jefe')).toBe(
      'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('come again, unchanged and after growing waits, until the answer is 200', async () => {
    const { url, received } = await standIn([{ status: 500 }, 'hang up', { status: 401 }, { status: 204 }, { status: 200 }]);
    const { client, waits } = clientOf(url);
    await client.webhook(body);
    expect(received).toHaveLength(5);
    expect(new Set(received.map((request) => request.body.toString()))).toHaveLength(1);
    expect(waits).toEqual([100, 200, 400, 800]);
    expect(client.counts).toMatchObject({ requests: 5, retries: 4 });
  });

  it('are given up after the last try, with what the server said', async () => {
    const { url } = await standIn(Array.from({ length: 3 }, () => ({ status: 503, body: 'the disk is full' })));
    await expect(clientOf(url, 3).client.webhook(body)).rejects.toThrow(
      'POST /webhooks/whatsapp failed with 503: the disk is full',
    );
  });
});

it('gives up at once when it has been closed', async () => {
  const { url } = await standIn();
  const { client, waits } = clientOf(url);
  await client.close();
  await expect(client.webhook(body)).rejects.toThrow('no answer');
  expect(waits).toEqual([]);
});

describe('events of the client', () => {
  const event = { id: 'e-1', type: 'link.clicked', at: '2026-10-20T06:00:00.000Z', send_id: 's-1' };

  it('go out as one array with the token, and what is refused is kept', async () => {
    const refusal = { index: 1, id: 'e-2', code: 'input_invalid', field: 'at', message: 'is not a time' };
    const { url, received } = await standIn([{ status: 200, body: JSON.stringify({ accepted: 1, rejected: [refusal] }) }]);
    const { client } = clientOf(url);
    await client.events([event, { ...event, id: 'e-2', at: 'today' }]);
    expect(received[0]).toMatchObject({ method: 'POST', url: '/v1/events', headers: { authorization: `Bearer ${token}` } });
    expect(JSON.parse(received[0]?.body.toString() ?? '')).toHaveLength(2);
    expect(client.counts).toMatchObject({ events: 1, refused: 1 });
    expect(client.refusals).toEqual([refusal]);
  });

  it('come again when the server is busy, but not when it says that they are wrong', async () => {
    const { url, received } = await standIn([{ status: 429 }, { status: 503 }]);
    await clientOf(url).client.events([event]);
    expect(received).toHaveLength(3);
    const wrong = await standIn([{ status: 400, body: 'no' }]);
    await expect(clientOf(wrong.url).client.events([event])).rejects.toThrow('POST /v1/events failed with 400: no');
    expect(wrong.received).toHaveLength(1);
  });
});

it('keeps its connections open', async () => {
  const { url, received, sockets } = await standIn();
  const { client } = clientOf(url);
  await Promise.all(Array.from({ length: 40 }, (_, i) => client.command(`/v1/campaigns/c-${i}`, { name: 'A' })));
  expect(received.map(({ method }) => method)).toEqual(Array(40).fill('PUT'));
  expect(sockets()).toBeLessThanOrEqual(4);
});
