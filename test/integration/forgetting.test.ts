import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import type { RunningServer } from '../../api/server.ts';
import { tokenOf } from '../app-under-test.ts';
import { applied, Sender, serve } from '../served.ts';
import { temporaryFolder } from '../temporary.ts';

const anna = { contact_id: 'customer-anna-77', phone: '4915112345678', user_id: 'DE.7766554433221100998' };
const bert = { contact_id: 'customer-bert-88', phone: '4915287654321' };
/** The platform's message ids hold the number of the person. */
const wamid = (phone: string, n: number) =>
  `wamid.${Buffer.from(`\x1c\x18\x0d${phone}\x15\x02\x00\x11\x18\x12ABCDEF${n}`, 'latin1').toString('base64')}`;

const at = new Date(Date.now() - 3 * 86_400_000);
const iso = (minutes: number) => new Date(at.getTime() + minutes * 60_000).toISOString();
const unix = (minutes: number) => String(Math.floor(at.getTime() / 1000) + minutes * 60);
const metadata = { display_phone_number: '15550783881', phone_number_id: '106540352242922' };
const webhook = (value: object, field = 'messages') =>
  Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '102290129340398', changes: [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }] }],
    }),
  );

/** Everything that names a person: a send with its feedback, a reply, an order, a consent, a profile, and what cannot be read. */
async function tellOf(
  sender: Sender,
  { contact_id, phone, user_id }: typeof anna | (typeof bert & { user_id?: string }),
  n: number,
) {
  const person = { contact_id, phone: `+${phone}`, ...(user_id === undefined ? {} : { user_id }) };
  const profile = { name: `Surname-of-${contact_id}` };
  const events = await sender.events([
    {
      id: `c${n}`,
      type: 'contact.upserted',
      at: iso(0),
      ...person,
      name: profile.name,
      attributes: { street: `Street ${phone}` },
    },
    { id: `g${n}`, type: 'consent.changed', at: iso(1), ...person, state: 'granted', detail: `by phone ${phone}` },
    {
      id: `r${n}`,
      type: 'message.requested',
      at: iso(2),
      ...person,
      send_id: `send-${n}`,
      phone_number_id: '106540352242922',
      campaign_id: 'spring',
      category: 'marketing',
    },
    { id: `a${n}`, type: 'message.accepted', at: iso(2), send_id: `send-${n}`, message_id: wamid(phone, n), phone },
    { id: `o${n}`, type: 'order.completed', at: iso(90), contact_id, order_id: `order-${n}`, amount: '12.50', currency: 'EUR' },
    {
      id: `l${n}`,
      type: 'link.clicked',
      at: iso(20),
      contact_id,
      send_id: `send-${n}`,
      url: `https://shop.test/?phone=${phone}`,
    },
    { id: `b${n}`, type: 'segment.entered', at: iso(1), contact_id, segment_id: 'vip' },
  ]);
  expect(events.status, events.text).toBe(200);
  const status = (name: string, minutes: number) =>
    webhook({
      statuses: [
        {
          id: wamid(phone, n),
          status: name,
          timestamp: unix(minutes),
          recipient_id: phone,
          ...(user_id && { recipient_user_id: user_id }),
          biz_opaque_callback_data: `send-${n}`,
        },
      ],
    });
  const contacts = [{ profile, wa_id: phone, ...(user_id && { user_id }) }];
  for (const body of [
    status('sent', 3),
    status('delivered', 4),
    status('read', 9),
    webhook({
      contacts,
      messages: [
        {
          from: phone,
          id: wamid(phone, n + 100),
          timestamp: unix(10),
          type: 'text',
          text: { body: `Call me on ${phone}` },
          context: { id: wamid(phone, n) },
        },
      ],
    }),
    // no time: set aside; and a kind that nobody knows
    webhook({ contacts, messages: [{ from: phone, id: wamid(phone, n + 200), type: 'text', text: { body: 'secret words' } }] }),
    webhook(
      { calls: [{ id: `call-${n}`, from: phone, event: 'terminate', timestamp: unix(11), note: `talked to ${profile.name}` }] },
      'calls',
    ),
  ]) {
    expect((await sender.webhook(body)).status).toBe(200);
  }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let elsewhere: typeof folder;
let server: RunningServer;
let sender: Sender;
let before: unknown;

async function settled(): Promise<void> {
  await applied(server.warehouse);
  const built = await server.warehouse.buildModels(false);
  expect(built.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
}

/** Counts of everything, by name: what must stay. */
async function counts({ warehouse } = server, from = sender): Promise<unknown> {
  const metrics = [
    ...[
      'messages_requested',
      'messages_delivered',
      'messages_read',
      'messages_replied',
      'messages_clicked',
      'messages_converted',
    ],
    ...['delivery_rate', 'read_rate', 'conversion_rate', 'reply_rate'],
  ];
  const answer = await from.get(`/v1/metrics?metrics=${metrics.join()}&by=campaign`);
  expect(answer.status, answer.text).toBe(200);
  const { quarantined, unmodelled } = await warehouse.status();
  // what is still expected changes with the hour
  const rows = (
    JSON.parse(answer.text, (key, value: unknown) => (['adjusted', 'maturity'].includes(key) ? undefined : value)) as {
      rows: unknown;
    }
  ).rows;
  return { rows, quarantined, unmodelled };
}

/** Files of the data folder in which any of these bytes stand. */
async function filesWith(...needles: string[]): Promise<string[]> {
  return filesBelowWith(folder.path, needles);
}

async function filesBelowWith(path: string, needles: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // What the log has handed to the archive by now is no longer there.
    const bytes = await readFile(join(entry.parentPath, entry.name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    for (const needle of needles) if (bytes.includes(needle)) found.push(`${entry.name}: ${needle}`);
  }
  return found;
}

async function sluice(...args: string[]): Promise<string> {
  return sluiceOn(folder.path, ...args);
}

async function sluiceOn(dataDir: string, ...args: string[]): Promise<string> {
  let out = '';
  let err = '';
  const env = { SLUICE_DATA_DIR: dataDir, SLUICE_TOKENS: `admin:${tokenOf('admin')}`, SLUICE_MEMORY: '256' };
  const code = await run(args, { env: () => env, out: (text) => (out += text), err: (text) => (err += text) });
  expect(code, err).toBe(0);
  return out;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await serve(folder.path);
  sender = new Sender(server.url, 4);
  expect((await sender.json('PUT', '/v1/campaigns/spring', { name: 'Spring' })).status).toBe(200);
  await tellOf(sender, anna, 1);
  await tellOf(sender, bert, 2);
  await settled();
  before = await counts();
  elsewhere = await temporaryFolder();
  await sluice('backup', join(elsewhere.path, 'old'));
}, 240_000);
afterAll(async () => {
  await elsewhere.remove();
  await sender.close();
  await server.close();
  await folder.remove();
});

describe('a person who asks', () => {
  it('is told all that is held on them, by any of their names, and nothing of others', async () => {
    const answer = await sender.json('POST', '/v1/people/export', { phone: anna.phone, records: true });
    const held = JSON.parse(answer.text) as {
      names: { kind: string; value: string }[];
      tables: Record<string, unknown[]>;
      records: unknown[];
    };
    expect(held.names.map(({ value }) => value).sort()).toEqual([anna.phone, anna.user_id, anna.contact_id].sort());
    const sizes = Object.fromEntries(Object.entries(held.tables).map(([table, rows]) => [table, rows.length]));
    expect(sizes).toMatchObject({
      contact_profile: 1,
      fact_consent: 1,
      fact_message: 1,
      fact_status: 3,
      fact_inbound: 1,
      fact_click: 1,
      fact_conversion: 1,
      fact_segment_membership: 1,
    });
    expect(answer.text).toContain('Call me on 4915112345678');
    expect(answer.text).not.toContain(bert.phone);
    expect(answer.text).not.toContain('bert');
  });

  it('is forgotten in facts, marts, log, archive, quarantine and raw updates, and every count stays', async () => {
    expect((await filesWith(anna.phone)).length).toBeGreaterThan(0);
    const out = await sluice('forget', '--phone', `+${anna.phone}`);
    expect(out).toMatch(/3 ids and numbers/);
    expect(out).toMatch(/1 requests carried out, \d+ files of the archive rewritten, the warehouse was made anew of \d+ records/);
    await settled();
    expect(await counts()).toEqual(before);
    expect(await filesWith(anna.phone, anna.contact_id, anna.user_id, 'Surname-of-customer-anna')).toEqual([]);
    expect(JSON.parse(before === undefined ? '{}' : JSON.stringify(before))).toMatchObject({ quarantined: 2 });
    expect(await filesWith(wamid(anna.phone, 1).slice(6))).toEqual([]);
    const answer = await sender.json('POST', '/v1/people/export', { phone: anna.phone, records: true });
    const held = JSON.parse(answer.text) as { tables: Record<string, unknown[]>; records: unknown[] };
    expect(Object.values(held.tables).flat()).toEqual([]);
    expect(held.records).toEqual([]);
  }, 180_000);

  it('does not come back by a rebuild, nor by late feedback on what was sent to them', async () => {
    const late = webhook({
      statuses: [{ id: wamid(anna.phone, 1), status: 'played', timestamp: unix(60), recipient_id: anna.phone }],
    });
    expect((await sender.webhook(late)).status).toBe(200);
    await settled();
    await server.warehouse.rebuild();
    await settled();
    expect(await counts()).toEqual(before);
    const answer = await sender.json('POST', '/v1/people/export', { phone: anna.phone });
    expect(Object.values((JSON.parse(answer.text) as { tables: Record<string, unknown[]> }).tables).flat()).toEqual([]);
  }, 180_000);

  it('does not come back from a backup that is older than the request, when the newest list of the forgotten lies in the target', async () => {
    const restored = join(elsewhere.path, 'restored');
    expect((await filesBelowWith(join(elsewhere.path, 'old'), [anna.phone])).length).toBeGreaterThan(0);
    await mkdir(restored);
    await copyFile(join(folder.path, 'forgotten.json'), join(restored, 'forgotten.json'));
    await sluiceOn(restored, 'restore', join(elsewhere.path, 'old'));
    const again = await serve(restored);
    const reader = new Sender(again.url, 1);
    try {
      // The timer does the same within ten minutes of the start.
      const swept = await reader.post('/v1/people/sweep');
      expect(JSON.parse(swept.text)).toMatchObject({ requests: 1 });
      await again.warehouse.buildModels(false);
      expect(await counts(again, reader)).toEqual(before);
      expect(await filesBelowWith(restored, [anna.phone, anna.contact_id, anna.user_id, 'Surname-of-customer-anna'])).toEqual([]);
      expect((await filesBelowWith(restored, [bert.phone])).length).toBeGreaterThan(0);
    } finally {
      await reader.close();
      await again.close();
    }
  }, 180_000);

  it('leaves everybody else as they were', async () => {
    const answer = await sender.json('POST', '/v1/people/export', { contact_id: bert.contact_id, records: true });
    expect(answer.text).toContain('Surname-of-customer-bert-88');
    expect(answer.text).toContain('Call me on 4915287654321');
  });

  it('is known again when they come back by themselves', async () => {
    const again = await sender.events([
      { id: 'new', type: 'consent.changed', at: new Date().toISOString(), phone: anna.phone, state: 'granted' },
    ]);
    expect(again.status).toBe(200);
    await settled();
    const answer = await sender.json('POST', '/v1/people/export', { phone: anna.phone });
    expect((JSON.parse(answer.text) as { tables: Record<string, unknown[]> }).tables['fact_consent']).toHaveLength(1);
  });
});
