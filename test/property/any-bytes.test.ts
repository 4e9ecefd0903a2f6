import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../sql/errors.ts';
import { type AppUnderTest, appUnderTest, bearer, signature } from '../app-under-test.ts';

const good = {
  webhook: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":[]}}]}]}',
  events: '[{"id":"a","type":"goal.reached","at":"2026-11-21T10:00:00Z","contact_id":"c","goal":"signup"}]',
  campaign: '{"name":"Spring","windows":{"reply_hours":24},"arms":[{"id":"a","weight":1}],"policy":{"x":1}}',
};

/** A text with some of its bytes changed, cut out or put in. */
const mutated = (text: string) =>
  fc
    .array(fc.record({ at: fc.nat(text.length), remove: fc.nat(8), insert: fc.uint8Array({ maxLength: 8 }) }), { maxLength: 4 })
    .map((changes) => {
      let bytes = Buffer.from(text);
      for (const { at, remove, insert } of changes)
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
      return bytes;
    });
const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
  ...Object.values(good).map(mutated),
);
const anyType = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    'text/plain',
    '',
    ';',
    'a/b;c',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((text) => text.replace(/[^\x20-\x7e]/g, '')),
);

describe('any bytes to any endpoint', () => {
  let test: AppUnderTest;
  beforeAll(async () => {
    test = await appUnderTest();
  });
  afterAll(() => test.app.close());

  /** An answer that is a success, or an error of the catalogue with its own status; never our own failure. A form answers its page. */
  function expectHonest(
    answer: { statusCode: number; headers: Record<string, unknown>; body: string },
    { isForm = false } = {},
  ): void {
    expect(answer.statusCode).toBeLessThan(500);
    if (answer.statusCode < 400) return;
    const type = String(answer.headers['content-type']);
    if (isForm) {
      expect(type).toMatch(/^(text\/html|application\/problem\+json)/);
      if (type.startsWith('text/html')) return;
    }
    expect(type).toContain('application/problem+json');
    const { code, status, mend } = JSON.parse(answer.body);
    expect(errorCatalogue[code as keyof typeof errorCatalogue]).toMatchObject({ status: answer.statusCode, mend });
    expect(status).toBe(answer.statusCode);
  }

  it('is a coded error or a success, never a crash', async () => {
    const routes = test.app.routes.filter(({ url }) => url !== '/login' && url !== '/logout');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.string({ maxLength: 40 }),
        anyBody,
        anyType,
        fc.boolean(),
        async ({ method, url }, text, payload, type, signed) => {
          const path = url.replace(/:[a-z]+/g, () => encodeURIComponent(text || 'x')).replace('*', encodeURIComponent(text));
          const answer = await test.app.inject({
            method: method as 'GET',
            url: path,
            headers: {
              ...bearer('admin'),
              ...(type === '' ? {} : { 'content-type': type }),
              ...(signed ? { 'x-hub-signature-256': signature(method === 'POST' ? payload : '') } : {}),
            },
            ...(method === 'POST' || method === 'PUT' ? { payload } : {}),
          });
          if (method !== 'HEAD') expectHonest(answer, { isForm: method === 'POST' && url.startsWith('/control/') });
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('in the address is a coded error or a success', async () => {
    const names = fc.constantFrom(
      'metrics',
      'by',
      'grain',
      'from',
      'to',
      'zone',
      'where',
      'limit',
      'format',
      'full',
      'hub.mode',
      'token',
      '__proto__',
    );
    const paths = fc.constantFrom('/v1/metrics', '/v1/campaigns', '/v1/admin/quarantine', '/webhooks/whatsapp', '/nowhere');
    const values = fc.oneof(
      fc.string(),
      fc.constantFrom('read_rate', 'day', '2026-11-21', '1e999', '-1', 'a:b', 'a:b|c', 'constructor:x', '%', '%00'),
    );
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.array(fc.tuple(names, values, fc.boolean()), { maxLength: 5 }),
        fc.string({ maxLength: 10 }),
        async (path, pairs, accept) => {
          const query = pairs
            .map(([name, value, raw]) => `${name}=${raw ? value.replace(/[^!-~]/g, '') : encodeURIComponent(value)}`)
            .join('&');
          expectHonest(
            await test.app.inject({
              url: `${path}?${query}`,
              headers: { ...bearer('admin'), accept: accept.replace(/[^ -~]/g, '') || '*/*' },
            }),
          );
        },
      ),
      { numRuns: 700 },
    );
  });

  it('on the bare connection neither stop the server nor go unanswered', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const address = test.app.server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const send = (bytes: Uint8Array) =>
      new Promise<string>((resolve) => {
        let received = '';
        const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
        socket.on('data', (chunk) => {
          received += chunk;
        });
        socket.on('error', () => resolve(received));
        socket.on('close', () => resolve(received));
      });
    const requests = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      mutated(`POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`),
    );
    await fc.assert(
      fc.asyncProperty(requests, async (bytes) => {
        const answer = await send(bytes);
        expect(answer).not.toMatch(/^HTTP\/1.1 5/);
      }),
      { numRuns: 300 },
    );
    expect(await send(Buffer.from('NONSENSE\r\n\r\n'))).toContain('"code":"body_unreadable"');
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});
