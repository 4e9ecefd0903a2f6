import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Demo } from '../../api/commands/demo.ts';
import { loadConfig } from '../../api/config.ts';
import { tokenOf } from '../app-under-test.ts';
import { ServerProcess } from '../chaos/server-process.ts';
import { describeWithKafka } from '../kafka/with-kafka.ts';
import { Sender } from '../served.ts';
import { prepareFolder } from '../template-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';

interface Permit {
  permit_id: string;
  granted: number;
  expires_at: string;
  code?: string;
}

const rights = (parts: object) => ({
  phone_number_id: '106540352242922',
  campaign_id: 'roles',
  template_name: 'autumn_sale',
  category: 'marketing',
  ...parts,
});

/** Two warehouses on one data folder and two receivers, processes of their own, on a real broker. The tests build on each other. */
describeWithKafka('receivers, a warehouse and one that stands by', (address) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const processes: ServerProcess[] = [];
  const senders: Sender[] = [];
  const start = async (role: string, settings: Record<string, string> = {}) => {
    const child = new ServerProcess(join(folder.path, 'data'), {
      SLUICE_ROLE: role,
      SLUICE_KAFKA_BROKERS: address(),
      SLUICE_KAFKA_TOPIC_PREFIX: `roles-${process.pid}.`,
      ...settings,
    });
    processes.push(child);
    const url = await child.url;
    const sender = new Sender(url, 8);
    senders.push(sender);
    return { child, url, sender };
  };
  let owner: Awaited<ReturnType<typeof start>>;
  let standby: Awaited<ReturnType<typeof start>>;
  let [a, b]: (Sender | undefined)[] = [];
  const receivers = () => {
    if (a === undefined || b === undefined) throw new Error('the receivers do not run');
    return { a, b };
  };
  const ask = async (sender: Sender, parts: object) => {
    const { status, text } = await sender.json('POST', '/v1/permits', rights(parts));
    return { status, permit: JSON.parse(text) as Permit };
  };
  const ready = async (sender: Sender) => JSON.parse((await sender.get('/readyz')).text).status as string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await prepareFolder(join(folder.path, 'data'));
    owner = await start('warehouse');
    standby = await start('warehouse');
    const settings = {
      SLUICE_OWNER_URLS: `${standby.url},${owner.url}`,
      SLUICE_OWNER_TOKEN: tokenOf('admin'),
      SLUICE_OWNER_BUDGET: '50',
      // Nothing is made there.
      SLUICE_DATA_DIR: join(folder.path, 'none'),
    };
    const both = await Promise.all([start('receiver', settings), start('receiver', settings)]);
    [a, b] = both.map(({ sender }) => sender);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(senders.map((sender) => sender.close()));
    await Promise.all(processes.map((child) => child.stop()));
    await folder.remove();
  });

  it('say what they are', async () => {
    expect(await ready(owner.sender)).toBe('ready');
    expect([(await standby.sender.get('/readyz')).status, await ready(standby.sender)]).toEqual([503, 'standby']);
    expect(JSON.parse((await standby.sender.get('/v1/campaigns')).text)).toMatchObject({ code: 'warehouse_standby' });
    expect((await standby.sender.get('/healthz')).status).toBe(200);
    expect(await ready(receivers().a)).toBe('ready');
  });

  it('what a receiver takes becomes facts of the warehouse, which any receiver shows', async () => {
    const { a, b } = receivers();
    const put = await a.json('PUT', '/v1/campaigns/roles', { name: 'Over two receivers', category: 'marketing' });
    expect([put.status, JSON.parse(put.text).applied]).toEqual([202, false]);
    expect((await b.webhook(Buffer.from('{"object":"x"}'))).status).toBe(200);
    const at = new Date().toISOString();
    const events = await b.events([{ type: 'segment.entered', id: 'e1', at, contact_id: 'k', segment_id: 'loyal' }]);
    expect(JSON.parse(events.text)).toMatchObject({ accepted: 1, rejected: [] });
    const campaign = async () => JSON.parse((await b.get('/v1/campaigns/roles')).text);
    await expect.poll(campaign, { timeout: 10_000 }).toMatchObject({ name: 'Over two receivers', registered: true });
    const status = async () => JSON.parse((await a.get('/v1/status')).text).records_applied as number;
    await expect.poll(status, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
    // Pages too.
    expect((await a.get('/control')).text).toContain('<html');
  });

  let granted: Permit;
  it('the owner grants, whichever receiver is asked, and one request id once', async () => {
    const { a, b } = receivers();
    await expect.poll(async () => (await ask(a, { request_id: 'r1', count: 20 })).status, { timeout: 10_000 }).toBe(200);
    const [one, two] = [await ask(a, { request_id: 'r1', count: 20 }), await ask(b, { request_id: 'r1', count: 20 })];
    expect(one.permit).toMatchObject({ granted: 20, expires_at: expect.any(String) });
    expect(two.permit).toEqual(one.permit);
    granted = one.permit;
    expect(await ask(b, { request_id: 'r1', count: 21 })).toMatchObject({ status: 409, permit: { code: 'request_id_reused' } });
    const list = await ask(b, { request_id: 'r2', contacts: [{ contact_id: 'never-asked' }] });
    expect(list.permit).toMatchObject({ granted: 0, denied: [{ contact_id: 'never-asked', reason: 'no_consent' }] });
    const back = await b.json('POST', `/v1/permits/${one.permit.permit_id}/return`, { count: 5 });
    expect(JSON.parse(back.text)).toEqual({ permit_id: one.permit.permit_id, returned: 5 });
  });

  it('after kill -9 of the owner a receiver grants what it holds and no more, until the other has taken over', async () => {
    const { a, b } = receivers();
    const held = async () => /sluice_receiver_rights_held (\d+)/.exec((await a.get('/metrics')).text)?.[1];
    await expect.poll(held, { timeout: 10_000 }).toBe('50');
    await owner.child.kill();

    const [one, two] = await Promise.all([ask(a, { request_id: 'w1', count: 30 }), ask(a, { request_id: 'w1', count: 30 })]);
    expect([one.status, one.permit.granted]).toEqual([200, 30]);
    expect(two.permit).toEqual(one.permit);
    expect((await ask(a, { request_id: 'w2', count: 30 })).permit.granted).toBe(20);
    const beyond = [
      await ask(a, { request_id: 'w3', count: 1 }),
      await ask(a, { request_id: 'w4', contacts: [{ contact_id: 'k' }] }),
    ];
    expect(beyond).toMatchObject(Array(2).fill({ status: 503, permit: { code: 'owner_away' } }));
    // What came by a receiver before is not granted anew.
    expect((await ask(b, { request_id: 'r1', count: 20 })).permit).toEqual(granted);
    expect((await a.webhook(Buffer.from('{"object":"y"}'))).status).toBe(200);

    const taken = async () => (await ask(standby.sender, { request_id: 'n1', count: 1 }).catch(() => null))?.status;
    await expect.poll(taken, { timeout: 20_000 }).toBe(200);
    expect(await ready(standby.sender)).toBe('ready');
    // The new owner knows what the dead one granted, and what the receiver split meanwhile.
    expect((await ask(standby.sender, { request_id: 'r1', count: 20 })).permit).toEqual(granted);
    expect((await ask(b, { request_id: 'w1', count: 30 })).permit).toEqual(one.permit);
  });

  it('the demo runs on Kafka too, on topics of its own that go with it', async () => {
    const config = loadConfig({
      SLUICE_DATA_DIR: join(folder.path, 'demo'),
      SLUICE_HTTP_PORT: '0',
      SLUICE_LOG_LEVEL: 'error',
      SLUICE_KAFKA_BROKERS: address(),
      SLUICE_KAFKA_TOPIC_PREFIX: `roles-${process.pid}.`,
    });
    const screen = { write: () => undefined };
    const demo = await Demo.open({ config, contacts: 10, seed: 3, speed: 60, screen, signal: new AbortController().signal });
    const topics = await topicsLike('demo-');
    expect(topics).toHaveLength(3);
    expect(demo.about).toContain(topics[0]?.split('demo-')[0]);
    const sender = new Sender(demo.server.url);
    senders.push(sender);
    expect((await sender.webhook(Buffer.from('{}'))).status).toBe(401);
    const headers = { authorization: `Bearer ${demo.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'Of the demo' });
    const put = await fetch(`${demo.server.url}/v1/campaigns/demo`, { method: 'PUT', headers, body });
    expect(put.status).toBeLessThan(300);
    const places = (await demo.server.warehouse.status()).positions.filter(({ end }) => end !== '0');
    expect(places.map(({ partition }) => partition)).toEqual([`${topics.find((topic) => topic.endsWith('commands'))}/0`]);
    await demo.close();
    expect(await topicsLike('demo-')).toEqual([]);
  });

  async function topicsLike(part: string): Promise<string[]> {
    const admin = new Kafka({ brokers: [address()], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return (await admin.listTopics()).filter((topic) => topic.startsWith(`roles-${process.pid}.${part}`));
    } finally {
      await admin.disconnect();
    }
  }

  it('nothing was made where a receiver has no data folder', async () => {
    await expect(stat(join(folder.path, 'none'))).rejects.toThrow('ENOENT');
  });
});
