import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import { places } from '../../api/data-folder.ts';
import type { RunningServer } from '../../api/server.ts';
import type { QuarantineRow } from '../../api/warehouse.ts';
import { Database } from '../../sql/database.ts';
import { tokenOf } from '../app-under-test.ts';
import { applied, archiveAll, dumpOf, inFile, Sender, serve } from '../served.ts';
import { temporaryFolder } from '../temporary.ts';
import { differences } from '../warehouse.ts';
import { changeOf, message, messagesChange, status } from '../webhook-record.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const envelope = (entry: unknown) => json({ object: 'whatsapp_business_account', entry });
const good = (id: string) => ({ ...status, id });
const { timestamp: _, ...timeless } = status;
const { id: __, ...nameless } = message;

/** What is wrong, the body, why it is set aside, the bytes that are kept, and the message ids that become facts all the same. */
const cases: { wrong: string; body: Buffer; reason: string; kept?: unknown; neighbours?: string[] }[] = [
  { wrong: 'no JSON', body: Buffer.from('{"object": broken'), reason: 'json_invalid' },
  { wrong: 'no UTF-8', body: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), reason: 'utf8_invalid' },
  { wrong: 'no entry', body: json({ object: 'page' }), reason: 'envelope_invalid' },
  {
    wrong: 'an entry without changes',
    body: envelope([{ id: 'waba', changes: 'none' }, entryOf(messagesChange({ statuses: [good('wamid.1')] }))]),
    reason: 'envelope_invalid',
    kept: { object: 'whatsapp_business_account', entry: [{ id: 'waba', changes: 'none' }] },
    neighbours: ['wamid.1'],
  },
  {
    wrong: 'a change without a value',
    body: envelope([entryOf(changeOf(7)), entryOf(messagesChange({ statuses: [good('wamid.2')] }))]),
    reason: 'envelope_invalid',
    kept: changeOf(7),
    neighbours: ['wamid.2'],
  },
  {
    wrong: 'a status that is a number',
    body: json(messagesChange({ statuses: [good('wamid.3'), 7, good('wamid.4')] })),
    reason: 'item_invalid',
    kept: messagesChange({ statuses: [7] }),
    neighbours: ['wamid.3', 'wamid.4'],
  },
  {
    wrong: 'a status without a time',
    body: json(messagesChange({ statuses: [timeless, good('wamid.5')] })),
    reason: 'time_invalid',
    kept: messagesChange({ statuses: [timeless] }),
    neighbours: ['wamid.5'],
  },
  {
    wrong: 'a message without an id',
    body: json(messagesChange({ messages: [nameless], statuses: [good('wamid.6')] })),
    reason: 'id_missing',
    kept: messagesChange({ messages: [nameless] }),
    neighbours: ['wamid.6'],
  },
];

function entryOf(body: object): unknown {
  return (body as { entry: unknown[] }).entry[0];
}

/** Tests go on from where the one before left off. */
describe('bad input', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningServer;
  let sender: Sender;
  let listed: QuarantineRow[];
  let asideAtFirst: Awaited<ReturnType<typeof rows>>;
  let ids: string[];
  const rows = () =>
    inFile(folder.path, (connection) =>
      connection.rows('SELECT log_offset::INTEGER AS place, item, reason, body FROM quarantine ORDER BY log_offset'),
    );
  const start = async () => {
    server = await serve(folder.path);
    sender = new Sender(server.url);
  };
  const stop = async () => {
    if (!server.app.server.listening) return;
    await applied(server.warehouse);
    await server.warehouse.buildModels(false);
    await sender.close();
    await server.close();
  };
  const list = async () => JSON.parse((await sender.get('/v1/admin/quarantine')).text).quarantined as QuarantineRow[];
  const sluice = async (...args: string[]) => {
    let out = '';
    const env = { SLUICE_DATA_DIR: folder.path, SLUICE_TOKENS: `admin:${tokenOf('admin')}`, SLUICE_MEMORY: '256' };
    const code = await run(args, { env: () => env, out: (text) => (out += text), err: () => undefined });
    return { code, out };
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await start();
    for (const { body, wrong } of cases) expect((await sender.webhook(body)).status, wrong).toBe(200);
    await applied(server.warehouse);
    listed = await list();
    await stop();
    asideAtFirst = await rows();
    const facts = await inFile(folder.path, (connection) => connection.rows('SELECT message_id FROM fact_status'));
    ids = facts.map((row) => String(row['message_id']));
  }, 120_000);
  afterAll(async () => {
    await stop();
    await folder.remove();
  });

  it.each(cases.map((one, place) => ({ ...one, place })))(
    'is set aside with its bytes and the reason, and its neighbours go through: $wrong',
    ({ place, reason, body, kept, neighbours = [] }) => {
      const found = asideAtFirst.filter((row) => row['place'] === place);
      expect(found.map((row) => row['reason'])).toEqual([reason]);
      const bytes = Buffer.from(found[0]?.['body'] as Uint8Array);
      // The whole body when the whole cannot be read, else what decodes to this one update.
      if (kept === undefined) expect(bytes.equals(body)).toBe(true);
      else expect(JSON.parse(bytes.toString())).toEqual(kept);
      for (const id of neighbours) expect(ids.filter((found) => found === id)).toEqual([id]);
      expect(listed).toContainEqual(
        expect.objectContaining({ offset: String(place), kind: 'webhook', reason, detail: expect.stringMatching(/\w+/) }),
      );
    },
  );

  it('is all that is set aside', () => {
    expect(asideAtFirst).toHaveLength(cases.length);
    expect(listed).toHaveLength(cases.length);
    expect(listed.find(({ reason }) => reason === 'json_invalid')?.excerpt).toBe('{"object": broken');
  });

  it('is refused at the door where the sender can mend it, event by event', async () => {
    await start();
    const order = {
      type: 'order.completed',
      at: '2026-11-20T10:00:00Z',
      contact_id: 'c',
      order_id: 'o',
      amount: '1',
      currency: 'EUR',
    };
    const answer = await sender.events([
      { ...order, id: 'old', at: '1999-11-20T10:00:00Z' },
      { ...order, id: 'fine' },
      { ...order, id: 'dear', amount: '1,50' },
    ]);
    expect(JSON.parse(answer.text)).toEqual({
      accepted: 1,
      rejected: [
        { index: 0, id: 'old', code: 'input_invalid', field: 'at', message: expect.stringContaining('2009') },
        { index: 2, id: 'dear', code: 'input_invalid', field: 'amount', message: expect.stringContaining('decimal') },
      ],
    });
    await stop();
    const facts = await inFile(folder.path, (connection) => connection.rows('SELECT event_id FROM fact_conversion'));
    expect(facts).toEqual([{ event_id: 'fine' }]);
    expect(await rows()).toHaveLength(cases.length);
  });

  it('stays where it is when it is tried again and still cannot be read', async () => {
    const before = await dumpOf(folder.path);
    expect(await sluice('quarantine', 'replay')).toEqual({ code: 0, out: `0 became facts, ${cases.length} are left.\n` });
    expect(differences(before, await dumpOf(folder.path))).toEqual({});
  });

  it('becomes facts when it is tried again by a version that can read it, though its record is in the archive by now', async () => {
    const before = await dumpOf(folder.path);
    await leaveAsAnOlderVersionWould(cases.length, 'fine');
    await archiveAll(folder.path);
    await start();
    expect((await list()).map(({ offset, reason }) => [offset, reason])).toContainEqual([String(cases.length), 'event_invalid']);
    expect((await sluice('quarantine', 'list')).out).toContain('event_invalid');
    const replayed = await sender.post('/v1/admin/quarantine/replay');
    expect(JSON.parse(replayed.text)).toEqual({ replayed: 1, left: cases.length });
    await stop();
    expect(differences(before, await dumpOf(folder.path))).toEqual({});
  }, 120_000);

  /** As if the decoder of then had refused the record at this offset: no fact of it, and a row in quarantine. */
  async function leaveAsAnOlderVersionWould(offset: number, event: string): Promise<void> {
    const database = await Database.open({ path: places(folder.path).warehouse, memoryMb: 256, threads: 1 });
    const connection = await database.connect();
    expect(await connection.run('DELETE FROM fact_conversion WHERE event_id = $event', { event })).toBe(1);
    await connection.run(
      `INSERT INTO quarantine VALUES ('log', $offset, 0, 'event', TIMESTAMP '2026-11-20 10:00:00', 'event_invalid', 'type: unknown', '[]'::BLOB)`,
      { offset: BigInt(offset) },
    );
    connection.close();
    database.close();
  }
});
