import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../api/logger.ts';
import type { PermitSource } from '../../api/permit-desk.ts';
import { buildReceiverApp } from '../../api/receiver-app.ts';
import { ReceiverDesk } from '../../api/receiver-desk.ts';
import { OwnerLink } from '../../api/receiver-owner.ts';
import type { Permit } from '../../controller/permit.ts';
import { decodeRecord } from '../../ingest/decode.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { type AppUnderTest, appUnderTest, bearer, signature, testConfig, tokenOf } from '../app-under-test.ts';
import { bookOf, personOf, requestOf } from '../permit-books.ts';
import { MemoryLog } from '../stand-ins.ts';

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** A server that answers every request by this. */
async function answering(answer: Parameters<typeof createServer>[1]): Promise<{ url: string; close(): void }> {
  const server = createServer(answer as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${portOf(server)}`, close };
}

/** An address where nobody listens. */
async function nowhere(): Promise<string> {
  const server = await answering(() => undefined);
  server.close();
  return server.url;
}

const rights = (parts: object = {}) => ({
  request_id: 'r1',
  phone_number_id: '106540352242922',
  campaign_id: 'c1',
  template_name: 't1',
  category: 'marketing',
  count: 40,
  ...parts,
});

describe('a receiver', () => {
  let owner: AppUnderTest;
  const control = { book: bookOf() as PermitSource['book'] };
  let ownerUrl: string;
  let app: FastifyInstance;
  let log: MemoryLog;
  const opened: { close(): void }[] = [];

  async function receiver(urls: string[], parts: { token?: string | null } = {}): Promise<void> {
    const token = parts.token === undefined ? tokenOf('ingest') : parts.token;
    log = new MemoryLog();
    app = await buildReceiverApp({
      config: testConfig({ role: 'receiver', owner: { urls, token, budget: 0 } }),
      log,
      logger: createLogger('silent'),
      now: () => new Date(owner.clock.ms),
    });
  }
  beforeEach(async () => {
    control.book = bookOf();
    owner = await appUnderTest({
      control,
      warehouse: { people: async (contacts) => contacts.map((_, index) => personOf(`p${index}`, { index })) },
    });
    await owner.app.listen({ host: '127.0.0.1', port: 0 });
    ownerUrl = `http://127.0.0.1:${portOf(owner.app.server)}`;
    await receiver([ownerUrl]);
  });
  afterEach(async () => {
    await app.close();
    await owner.app.close();
    for (const one of opened.splice(0)) one.close();
  });
  const post = async (url: string, payload: object, role: 'ingest' | 'analyst' = 'ingest') => {
    const answer = await app.inject({ method: 'POST', url, payload, headers: bearer(role) });
    return { status: answer.statusCode, body: answer.json() };
  };
  const get = (url: string) => app.inject({ url, headers: bearer('admin') });

  it('writes webhooks, events and commands into the log, and asks nobody', async () => {
    await app.close();
    await receiver([await nowhere()]);
    const webhook = { method: 'POST', url: '/webhooks/whatsapp', payload: '{}' } as const;
    expect((await app.inject({ ...webhook, headers: { 'x-hub-signature-256': signature('{}') } })).statusCode).toBe(200);
    expect((await app.inject(webhook)).statusCode).toBe(401);
    const entered = { type: 'segment.entered', id: 'e', at: '2026-11-21T10:00:00Z', contact_id: 'k', segment_id: 's' };
    expect(await post('/v1/events', [entered])).toMatchObject({ status: 200, body: { accepted: 1 } });
    const put = await app.inject({ method: 'PUT', url: '/v1/campaigns/c', payload: { name: 'C' }, headers: bearer('growth') });
    expect([put.statusCode, put.json()]).toEqual([
      202,
      { applied: false, id: 'c', command: expect.objectContaining({ name: 'C' }) },
    ]);
    expect(log.records.map(({ kind }) => kind)).toEqual(['webhook', 'event', 'command']);
    expect((await app.inject({ url: '/readyz' })).json()).toMatchObject({ status: 'ready', checks: { log: 'ok' } });
  });

  it('is not ready while the log refuses', async () => {
    log.broken = true;
    await app.inject({ method: 'PUT', url: '/v1/campaigns/c', payload: { name: 'C' }, headers: bearer('admin') });
    expect((await app.inject({ url: '/readyz' })).statusCode).toBe(503);
  });

  it('passes permits to the owner: its grants, its judgement of lists, its refusals', async () => {
    expect((await post('/v1/permits', rights())).body).toMatchObject({ permit_id: 'p1', granted: 40 });
    const { count: _, ...list } = rights({ request_id: 'r2', contacts: [{ contact_id: 'a' }, { phone: '+33612345678' }] });
    expect((await post('/v1/permits', list)).body).toMatchObject({ permit_id: 'p2', granted: 2 });
    expect(await post('/v1/permits', rights({ count: 41 }))).toMatchObject({
      status: 409,
      body: { code: 'request_id_reused', field: 'request_id' },
    });
    expect((await post('/v1/permits/p1/return', { count: 15 })).body).toEqual({ permit_id: 'p1', returned: 15 });
    expect(await post('/v1/permits/none/return', { count: 1 })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await post('/v1/permits', rights(), 'analyst')).toMatchObject({ status: 403 });
    expect(await post('/v1/permits', rights({ count: 0 }))).toMatchObject({ status: 422, body: { field: 'count' } });
    expect(log.records).toEqual([]);
    expect(owner.log.bodies('command')).toHaveLength(3);
  });

  it('passes everything else on, as it is, with who asked', async () => {
    await owner.app.inject({ method: 'PUT', url: '/v1/campaigns/c', payload: { name: 'C' }, headers: bearer('admin') });
    expect((await get('/v1/campaigns/c')).json()).toMatchObject({ name: 'C', registered: true });
    expect((await get('/v1/metrics?metrics=read_rate&by=campaign')).json().rows).toHaveLength(1);
    expect((await get('/v1/campaigns/none')).statusCode).toBe(404);
    expect((await app.inject({ url: '/v1/campaigns' })).statusCode).toBe(401);
    const page = await app.inject({ url: '/login', headers: { accept: 'text/html' } });
    expect([page.statusCode, page.headers['content-security-policy']]).toEqual([200, expect.stringContaining("'self'")]);
    const login = await app.inject({
      method: 'POST',
      url: '/login',
      payload: `token=${tokenOf('admin')}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-proto': 'https', host: 'sluice.example' },
    });
    // The browser's own connection was https, which only the receiver's proxy knew.
    expect([login.statusCode, login.headers['set-cookie']]).toEqual([303, expect.stringMatching(/sluice_session=.*Secure/)]);
  });

  it('without an address of the owner says where to ask', async () => {
    await app.close();
    await receiver([]);
    const answer = await get('/v1/campaigns');
    expect([answer.statusCode, answer.json()]).toEqual([
      421,
      expect.objectContaining({ code: 'warehouse_elsewhere', mend: expect.stringContaining('SLUICE_OWNER_URLS') }),
    ]);
    expect(await post('/v1/permits', rights())).toMatchObject({ status: 421, body: { code: 'warehouse_elsewhere' } });
  });

  it.each([
    ['none', null],
    ['a wrong one', 'not-a-token-of-the-owner'],
  ])('with %s for a token grants nothing and says why', async (_name, token) => {
    await app.close();
    await receiver([ownerUrl], { token });
    const { status, body } = await post('/v1/permits', rights());
    expect([status, body.code, body.detail]).toEqual([421, 'warehouse_elsewhere', expect.stringContaining('SLUICE_OWNER_TOKEN')]);
  });

  it('finds the owner among those that stand by or are gone, and says when there is none', async () => {
    const standby = await answering((_request, response) => {
      response.writeHead(503, { 'x-sluice-standby': '1' }).end('{}');
    });
    opened.push(standby);
    await app.close();
    await receiver([standby.url, await nowhere(), ownerUrl]);
    expect((await get('/v1/campaigns')).statusCode).toBe(200);
    expect((await post('/v1/permits', rights())).body).toMatchObject({ granted: 40 });
    expect((await get('/metrics')).body).toContain('sluice_owner_up 1');
    await app.close();
    await receiver([standby.url, await nowhere()]);
    const answer = await get('/v1/campaigns');
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'owner_away']);
    expect(await post('/v1/permits', rights())).toMatchObject({ status: 503, body: { code: 'owner_away' } });
    expect((await get('/metrics')).body).toContain('sluice_owner_up 0');
  });
});

describe('what a receiver holds', () => {
  const clock = { ms: Date.parse('2026-11-21T10:00:00Z') };
  let owner: AppUnderTest;
  const urls: string[] = [];
  const closing: { close(): unknown }[] = [];
  let log: MemoryLog;
  let desk: ReceiverDesk;
  const control = { book: bookOf() as PermitSource['book'] };

  beforeEach(async () => {
    control.book = bookOf();
    owner = await appUnderTest({ control });
    await owner.app.listen({ host: '127.0.0.1', port: 0 });
    clock.ms = owner.clock.ms;
    urls.splice(0, urls.length, `http://127.0.0.1:${portOf(owner.app.server)}`);
    log = new MemoryLog();
    const link = new OwnerLink(urls);
    desk = new ReceiverDesk({ owner: link, token: tokenOf('ingest'), budget: 100, log, now: () => new Date(clock.ms) });
    closing.push(link);
    await ask({ count: 10 });
    await desk.renew();
  });
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close();
    await owner.app.close();
  });
  const ask = (parts: Parameters<typeof requestOf>[0]) =>
    new Promise<Permit>((resolve, reject) => {
      desk.ask(requestOf(parts), 'ingest', (error, grant) => (grant === null ? reject(error) : resolve(grant.answer)));
    });
  /** Ends the owner as its machine's end would. */
  const goneOwner = async () => {
    urls.splice(0, urls.length, await nowhere());
  };
  const commands = () => log.bodies('command').map((text) => JSON.parse(text));

  it('is a permit of the owner by count, of the stream in use', () => {
    expect(desk.held()).toBe(100);
    // 10 of the client's, 100 of the receiver's.
    expect(control.book?.outstanding('stream:c1/t1/-')).toBe(110);
  });

  it('is renewed before it ends, and what was left of the old one goes back', async () => {
    clock.ms += 45_000;
    owner.clock.ms = clock.ms;
    await desk.renew();
    expect(desk.held()).toBe(100);
    expect(control.book?.outstanding('stream:c1/t1/-')).toBe(110);
    expect(control.book?.counters.returned).toBe(100);
  });

  it('is not touched while the owner answers, also when it says no', async () => {
    expect(await ask({ count: 200 })).toMatchObject({ granted: 140 });
    expect(await ask({ count: 1 })).toMatchObject({ granted: 0 });
    expect(desk.held()).toBe(100);
  });

  it('is split while the owner is away, durable first, and becomes facts that add up', async () => {
    await goneOwner();
    const budget = commands().length;
    const [one, two] = [await ask({ count: 60 }), await ask({ count: 60 })];
    expect([one.granted, two.granted]).toEqual([60, 40]);
    await expect(ask({ count: 1 })).rejects.toMatchObject({ code: 'owner_away' });
    expect(one.expires_at).toBeLessThanOrEqual(clock.ms + 60_000);
    expect(commands().slice(budget)).toMatchObject([
      { command: 'permit.grant', id: one.permit_id, body: { grants: [{ granted: 60 }] } },
      { command: 'permit.return', id: one.permit_id.split('.')[0], body: { count: 60 } },
      { command: 'permit.grant', id: two.permit_id },
      { command: 'permit.return', body: { count: 40 } },
    ]);
    const decoded = emptyDecoded();
    for (const record of [...owner.log.records, ...log.records]) decodeRecord(record, decoded);
    expect(decoded.quarantine).toEqual([]);
    const sum = (rows: { granted?: bigint; count?: bigint }[]) =>
      rows.reduce((total, { granted = 0n, count = 0n }) => total + granted + count, 0n);
    // 10 + 100 of the owner, of which 100 came back and were given as 60 + 40.
    expect(sum(decoded.permit) - sum(decoded.permit_return)).toBe(110n);
  });

  it('answers a repeated request the same, also at the same moment, and refuses its id to another', async () => {
    await goneOwner();
    const [one, two] = await Promise.all([ask({ request_id: 'x', count: 30 }), ask({ request_id: 'x', count: 30 })]);
    expect(two).toEqual(one);
    expect(await ask({ request_id: 'x', count: 30 })).toEqual(one);
    expect(desk.held()).toBe(70);
    await expect(ask({ request_id: 'x', count: 31 })).rejects.toMatchObject({ code: 'request_id_reused' });
  });

  it('is not given for what the owner granted by way of this receiver before', async () => {
    const granted = await ask({ request_id: 'v', count: 20 });
    await goneOwner();
    expect(await ask({ request_id: 'v', count: 20 })).toEqual({ ...granted, asked: expect.any(String) });
    expect(desk.held()).toBe(100);
  });

  it('is worth nothing for lists, for other streams, and after its end', async () => {
    await goneOwner();
    const list = { contacts: [{ contact_id: 'a', phone: null, user_id: null }] };
    await expect(ask(list)).rejects.toMatchObject({ code: 'owner_away' });
    await expect(ask({ count: 1, category: 'utility' })).rejects.toMatchObject({ code: 'owner_away' });
    clock.ms += 60_000;
    await expect(ask({ count: 1 })).rejects.toMatchObject({ code: 'owner_away' });
    expect(log.records).toEqual([]);
  });

  it('is not given for a request that the owner may have answered', async () => {
    const asked: string[] = [];
    const broken = await answering((request, _response) => {
      asked.push(request.url ?? '');
      request.socket.destroy();
    });
    closing.push(broken);
    urls.splice(0, urls.length, broken.url);
    await expect(ask({ request_id: 'y', count: 5 })).rejects.toMatchObject({ code: 'owner_away' });
    expect(asked).toEqual(['/v1/permits']);
    await goneOwner();
    await expect(ask({ request_id: 'y', count: 5 })).rejects.toMatchObject({ code: 'owner_away' });
    expect(await ask({ request_id: 'z', count: 5 })).toMatchObject({ granted: 5 });
  });

  it('is not given when the log does not take it, and not given anew', async () => {
    await goneOwner();
    log.broken = true;
    await expect(ask({ request_id: 'x', count: 30 })).rejects.toMatchObject({ code: 'log_unavailable' });
    log.broken = false;
    expect(await ask({ request_id: 'x', count: 100 })).toMatchObject({ granted: 70 });
  });

  it('is given while a warehouse that has just taken over is still reading the log', async () => {
    control.book = null;
    expect(await ask({ count: 25 })).toMatchObject({ granted: 25 });
  });

  it('may be given back in parts, to the log, while nobody knows them', async () => {
    await goneOwner();
    const { permit_id } = await ask({ count: 30 });
    expect(await desk.giveBack(permit_id, 12, 'ingest')).toEqual({ returned: 12 });
    expect(await desk.giveBack(permit_id, 12, 'ingest')).toEqual({ returned: 0 });
    expect(commands().at(-1)).toMatchObject({ command: 'permit.return', id: permit_id, body: { count: 12 } });
    await expect(desk.giveBack('other', 1, 'ingest')).rejects.toMatchObject({ code: 'owner_away' });
    // What came back is not split anew: the owner's book is where it is free again.
    expect(desk.held()).toBe(70);
  });
});
