import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import type { Config } from '../../api/config.ts';
import { createLogger } from '../../api/logger.ts';
import { type RunningServer, startServer } from '../../api/server.ts';
import { bearer, signature, testConfig, tokenOf } from '../app-under-test.ts';

const sentAt = Math.floor(Date.parse('2026-11-20T10:00:00Z') / 1000);
const status = (id: string, state: string, at: number) =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
              statuses: [
                { id, status: state, timestamp: String(at), recipient_id: '16505551234', biz_opaque_callback_data: `send-${id}` },
              ],
            },
          },
        ],
      },
    ],
  });
const requested = (id: string) => ({
  id: `request-${id}`,
  type: 'message.requested',
  at: '2026-11-20T09:59:59Z',
  send_id: `send-${id}`,
  contact_id: `contact-${id}`,
  phone_number_id: '106540352242922',
  campaign_id: 'spring',
});

/** The whole of Sluice on a folder of its own: real log, real warehouse thread (of `dist/`), real sockets. */
describe('a running Sluice', () => {
  let folder: string;
  let config: Config;
  let server: RunningServer;
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-server-'));
    config = testConfig({ dataDir: join(folder, 'data') });
    server = await startServer(config, { logger });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = async (path: string, init: RequestInit & { role?: 'analyst' | 'ops' | 'admin' | 'ingest' } = {}) => {
    const { role = 'admin', headers, ...rest } = init;
    return fetch(`${server.url}${path}`, { ...rest, headers: { ...bearer(role), ...(headers as Record<string, string>) } });
  };
  const hook = (body: string) =>
    fetch(`${server.url}/webhooks/whatsapp`, { method: 'POST', body, headers: { 'x-hub-signature-256': signature(body) } });
  const rates = async () => {
    const answer = await ask('/v1/metrics?metrics=delivery_rate,read_rate&by=campaign', { role: 'analyst' });
    const { rows } = (await answer.json()) as {
      rows: { campaign: string; delivery_rate: { denominator: number }; read_rate: { numerator: number; denominator: number } }[];
    };
    const row = rows.find(({ campaign }) => campaign === 'spring');
    return row && [row.delivery_rate.denominator, row.read_rate.numerator, row.read_rate.denominator];
  };

  /** Runs a command line of `sluice` with this server's settings. */
  const sluice = async (args: string[], env: Record<string, string> = {}) => {
    let out = '';
    let err = '';
    const settings = {
      SLUICE_DATA_DIR: config.dataDir,
      SLUICE_TOKENS: `admin:${tokenOf('admin')}`,
      SLUICE_MEMORY: '256',
      ...env,
    };
    const code = await run(args, { env: () => settings, out: (text) => (out += text), err: (text) => (err += text) });
    return { code, out, err };
  };

  it('says first where it listens, how, on what folder and in what version', () => {
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      url: server.url,
      mode: 'embedded',
      data_dir: config.dataDir,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      msg: expect.stringContaining(server.url),
    });
  });

  it('turns webhooks and events into rates', async () => {
    const campaign = await ask('/v1/campaigns/spring', {
      method: 'PUT',
      body: JSON.stringify({ name: 'Spring' }),
      headers: { 'content-type': 'application/json' },
    });
    expect([campaign.status, await campaign.json()]).toEqual([
      200,
      expect.objectContaining({ name: 'Spring', registered: true }),
    ]);
    const events = await ask('/v1/events', {
      method: 'POST',
      role: 'ingest',
      body: JSON.stringify(['a', 'b', 'c'].map(requested)),
      headers: { 'content-type': 'application/json' },
    });
    expect(await events.json()).toEqual({ accepted: 3, rejected: [] });
    for (const id of ['a', 'b', 'c']) {
      expect((await hook(status(id, 'sent', sentAt))).status).toBe(200);
      expect((await hook(status(id, 'delivered', sentAt + 5))).status).toBe(200);
    }
    expect((await hook(status('a', 'read', sentAt + 60))).status).toBe(200);
    // three attempted and delivered, one read
    await expect.poll(rates, { timeout: 20_000 }).toEqual([3, 1, 3]);
  });

  it('counts a repeated delivery once', async () => {
    for (let n = 0; n < 3; n += 1) await hook(status('a', 'read', sentAt + 60));
    await expect
      .poll(async () => ((await (await ask('/v1/status')).json()) as { positions: { lag: string }[] }).positions[0]?.lag, {
        timeout: 10_000,
      })
      .toBe('0');
    expect(await rates()).toEqual([3, 1, 3]);
  });

  it('answers in Arrow and CSV as well', async () => {
    const csv = await ask('/v1/metrics?metrics=read_rate&by=campaign', { headers: { accept: 'text/csv' } });
    expect((await csv.text()).split('\r\n')[1]).toMatch(/^spring,0\.333/);
    const arrow = await ask('/v1/metrics?metrics=read_rate&by=campaign', {
      headers: { accept: 'application/vnd.apache.arrow.stream' },
    });
    // An Arrow stream begins with the continuation marker.
    expect([...new Uint8Array(await arrow.arrayBuffer()).slice(0, 4)]).toEqual([255, 255, 255, 255]);
  });

  it('refuses a metric and a dimension that do not exist', async () => {
    for (const query of ['metrics=love_rate', 'metrics=read_rate&by=mood', 'metrics=read_rate&where=mood:good']) {
      const answer = await ask(`/v1/metrics?${query}`);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'query_invalid']);
    }
  });

  it('sets broken input aside and shows it', async () => {
    expect((await hook('{"object": broken')).status).toBe(200);
    const quarantined = async () =>
      (
        (await (await ask('/v1/admin/quarantine', { role: 'ops' })).json()) as {
          quarantined: { kind: string; excerpt: string }[];
        }
      ).quarantined;
    await expect.poll(async () => (await quarantined()).length, { timeout: 10_000 }).toBe(1);
    expect((await quarantined())[0]).toMatchObject({ kind: 'webhook', excerpt: '{"object": broken' });
    expect((await sluice(['quarantine', 'list'])).out).toContain('{"object": broken');
    expect((await sluice(['quarantine', 'replay'])).out).toBe('0 became facts, 1 are left.\n');
  });

  it('shows its pages to a browser that logged in', async () => {
    const login = await fetch(`${server.url}/login?token=${tokenOf('analyst')}`, { redirect: 'manual' });
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await fetch(`${server.url}/`, { headers: { cookie, accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Spring')]);
  });

  it('does what the commands ask, because it holds the folder', async () => {
    expect((await sluice(['models', 'build'])).code).toBe(0);
    const file = join(folder, 'messages.csv');
    expect(await sluice(['export', 'fact_message', '--out', file])).toMatchObject({
      code: 0,
      err: expect.stringContaining('3 rows of fact_message'),
    });
    expect((await readFile(file, 'utf8')).split(/\r?\n/)[0]).toContain('message_id');
    expect(await sluice(['export', 'no_such_table', '--out', join(folder, 'x')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no_such_table'),
    });
    const doctor = JSON.parse((await sluice(['doctor', '--json'])).out) as { name: string; outcome: string; detail: string }[];
    expect(doctor).toContainEqual({ name: 'server', outcome: 'ok', detail: expect.stringContaining(server.url) });
    expect(doctor).toContainEqual({ name: 'quarantine', outcome: 'warn', detail: expect.stringContaining('1 items') });
    expect(await sluice(['quarantine', 'list'], { SLUICE_TOKENS: 'analyst:0123456789abcdef' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('names no admin'),
    });
  });

  it('makes its warehouse anew while it serves', async () => {
    let done = false;
    const rebuilt = sluice(['rebuild']).finally(() => {
      done = true;
    });
    const seen: unknown[] = [];
    for (; !done; await sleep(50)) seen.push(await rates());
    expect((await rebuilt).out).toMatch(/^Rebuilt from \d+ records/);
    expect(seen.length).toBeGreaterThan(1);
    for (const each of [...seen, await rates()]) expect(each).toEqual([3, 1, 3]);
  });

  it('is backed up while it runs, and the backup lives on in another folder', async () => {
    const backup = join(folder, 'backup');
    expect((await sluice(['backup', backup])).code).toBe(0);
    const elsewhere = { SLUICE_DATA_DIR: join(folder, 'restored') };
    expect((await sluice(['restore', backup], elsewhere)).code).toBe(0);
    expect((await sluice(['restore', backup], elsewhere)).err).toContain('not empty');
    const restored = join(folder, 'restored.csv');
    expect((await sluice(['export', 'fact_message', '--out', restored], elsewhere)).err).toContain('3 rows');
    const original = join(folder, 'original.csv');
    await sluice(['export', 'fact_message', '--out', original]);
    expect(await readFile(restored, 'utf8')).toBe(await readFile(original, 'utf8'));
  });

  it('lets no second process into its folder', async () => {
    await expect(startServer(config, { logger })).rejects.toMatchObject({ code: 'warehouse_locked' });
    const other = { ...config, dataDir: join(folder, 'other'), http: { ...config.http, port: server.port } };
    await expect(startServer(other, { logger })).rejects.toMatchObject({
      code: 'config_invalid',
      detail: expect.stringContaining('EADDRINUSE'),
    });
  });

  it('stops in order and starts again where it was', async () => {
    await server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    server = await startServer(config, { logger });
    expect(await rates()).toEqual([3, 1, 3]);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});
