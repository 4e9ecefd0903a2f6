import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import type { RunningServer } from '../../api/server.ts';
import { Database } from '../../sql/database.ts';
import { projectRoot } from '../../sql/files.ts';
import { applied, Sender, serve } from '../served.ts';
import { temporaryFolder } from '../temporary.ts';

const doc = await readFile(join(projectRoot, 'docs/projects.md'), 'utf8');
/** The commands and the files of the page, in its order. */
const steps = [...doc.matchAll(/```(sh|yaml)\n([\s\S]*?)```/g)].map(([, kind, text = '']) => ({ kind, text }));

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let server: RunningServer;
let sender: Sender;
const said: string[] = [];

/** Runs a line of the page in the folder, as a shell would: `sluice` with what was exported before. */
async function runLine(line: string): Promise<void> {
  const [command, ...args] = line.split(' ');
  if (command !== 'sluice') return;
  const env = { SLUICE_DATA_DIR: join(home.path, 'data'), SLUICE_PROJECT_DIR: join(home.path, 'shop') };
  const inFolder = args[0] === 'init' ? ['init', join(home.path, args[1] ?? '')] : args;
  let out = '';
  const code = await run(inFolder, { env: () => env, out: (text) => (out += text), err: (text) => (out += text) });
  expect(code, `${line}: ${out}`).toBe(0);
  said.push(out);
}

const at = Date.now() - 2 * 86_400_000;
const iso = (minutes: number) => new Date(at + minutes * 60_000).toISOString();
async function send(n: number, click: boolean): Promise<void> {
  const send_id = `send-${n}`;
  const answer = await sender.events([
    {
      id: `r${n}`,
      type: 'message.requested',
      at: iso(n),
      contact_id: `c${n}`,
      send_id,
      phone_number_id: '1',
      campaign_id: 'spring',
      category: 'marketing',
    },
    ...(click ? [{ id: `l${n}`, type: 'link.clicked', at: iso(n + 5), send_id }] : []),
  ]);
  expect(answer.status).toBe(200);
  const status = {
    id: `wamid.${n}`,
    status: 'read',
    timestamp: String(Math.floor(at / 1000) + 60 * n + 60),
    recipient_id: '4915112345678',
    biz_opaque_callback_data: send_id,
  };
  const value = { messaging_product: 'whatsapp', metadata: { phone_number_id: '1' }, statuses: [status] };
  const body = { object: 'whatsapp_business_account', entry: [{ id: '2', changes: [{ field: 'messages', value }] }] };
  expect((await sender.webhook(Buffer.from(JSON.stringify(body)))).status).toBe(200);
}
/** A person writes to the business. */
async function says(n: number, body: string): Promise<void> {
  const from = `4915112345${n}`;
  const message = { id: `wamid.in.${n}`, from, timestamp: String(Math.floor(at / 1000) + n), type: 'text', text: { body } };
  const value = { messaging_product: 'whatsapp', metadata: { phone_number_id: '1' }, messages: [message] };
  const webhook = { object: 'whatsapp_business_account', entry: [{ id: '2', changes: [{ field: 'messages', value }] }] };
  expect((await sender.webhook(Buffer.from(JSON.stringify(webhook)))).status).toBe(200);
}
async function settled(): Promise<void> {
  await applied(server.warehouse);
  const built = await server.warehouse.buildModels(false);
  expect(built.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
}

beforeAll(async () => {
  home = await temporaryFolder();
  for (const { kind, text } of steps) {
    if (kind === 'sh') for (const line of text.trim().split('\n')) await runLine(line);
    const file = kind === 'yaml' ? /^# file: (\S+)/.exec(text)?.[1] : undefined;
    if (file === undefined) continue;
    await mkdir(dirname(join(home.path, file)), { recursive: true });
    await writeFile(join(home.path, file), text);
  }
  server = await serve(join(home.path, 'data'), { projectDir: join(home.path, 'shop') });
  sender = new Sender(server.url, 2);
  await send(1, true);
  await send(2, false);
  await says(701, 'Acha kutuma!');
  await says(702, 'Baja');
  await settled();
}, 240_000);
afterAll(async () => {
  await sender.close();
  await server.close();
  await home.remove();
});

describe('who follows docs/projects.md in an empty folder', () => {
  it('is told after each step that all is well', () => {
    expect(said.filter((text) => text.includes('are well'))).toHaveLength(3);
  });

  it('has the metric, among ours', async () => {
    const answer = await sender.get('/v1/metrics?metrics=clicks_per_read,evening_click_rate&by=campaign');
    expect(answer.status, answer.text).toBe(200);
    // one click, two messages read
    expect(JSON.parse(answer.text)).toMatchObject({
      rows: [{ campaign: 'spring', clicks_per_read: { numerator: 1, denominator: 2, value: 0.5 } }],
    });
  });

  it('hears the words of the page, and no longer the one that it takes back', async () => {
    const answer = await sender.get('/v1/metrics?metrics=consents_withdrawn&by=source');
    expect(answer.status, answer.text).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ rows: [{ consents_withdrawn: { value: 1 } }] });
  });

  it('has the dashboard, with the metric in it', async () => {
    const page = await sender.get('/dashboards/attention');
    expect(page.status, page.text.slice(0, 500)).toBe(200);
    expect(page.text).toContain('Clicks per read message');
  });

  it('has the segment', async () => {
    const built = await server.warehouse.status();
    expect(built.models.find(({ model }) => model === 'segment_never_ordered')).toMatchObject({ outcome: 'ok' });
  });

  it('reads of every column in the docs of the models, those of the project among them', async () => {
    await runLine('sluice models docs');
    const text = said.at(-1) ?? '';
    expect(text).toContain('funnel_15m --> evening_funnel');
    expect(text.split('### evening_funnel')[1]).toContain('| delivered | messages | any proof of delivery |');
    expect(text).toContain('Metrics: evening_click_rate.');
  });
});

describe('a snapshot', () => {
  it('says what a number was, however it was restated since', async () => {
    const taken = await sender.post('/v1/admin/snapshots');
    expect(taken.status, taken.text).toBe(200);
    const { name, taken_at } = JSON.parse(taken.text) as { name: string; taken_at: string };
    await send(3, true);
    await settled();
    const value = async (query: string) => {
      const answer = await sender.get(`/v1/metrics?metrics=clicks_per_read${query}`);
      expect(answer.status, answer.text).toBe(200);
      return (JSON.parse(answer.text) as { rows: { clicks_per_read: { numerator: number } }[] }).rows[0]?.clicks_per_read
        .numerator;
    };
    expect(await value('')).toBe(2);
    expect(await value(`&as_of=${taken_at}`)).toBe(1);
    expect(await value(`&as_of=${taken_at.slice(0, 10)}`)).toBe(1);
    const before = await sender.get('/v1/metrics?metrics=clicks_per_read&as_of=2020-01-01');
    expect(before.status).toBe(404);
    expect(JSON.parse(before.text)).toMatchObject({ code: 'snapshot_unknown' });

    const folder = join(home.path, 'data/snapshots', name);
    const files = await readdir(folder);
    expect(files).toEqual(expect.arrayContaining(['funnel_15m.parquet', 'evening_funnel.parquet', 'snapshot.json']));
    const database = await Database.open({ path: ':memory:', memoryMb: 64, threads: 1 });
    const connection = await database.connect();
    expect(await connection.rows(`SELECT sum(clicked)::INTEGER AS clicked FROM '${join(folder, 'funnel_15m.parquet')}'`)).toEqual(
      [{ clicked: 1 }],
    );
    // nobody is in it: no column names a person or a message
    for (const file of files.filter((one) => one.endsWith('.parquet'))) {
      const columns = await connection.rows(`DESCRIBE FROM '${join(folder, file)}'`);
      const names = columns.map((row) => String(row['column_name']));
      expect(
        names.filter((column) => /alias|customer|contact$|person|message_id|message_key/.test(column) && !/s$/.test(column)),
        file,
      ).toEqual([]);
    }
    database.close();
  }, 180_000);
});
