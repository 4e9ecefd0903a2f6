import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readForgotten } from '../../api/forgotten-book.ts';
import { PrivacyDesk } from '../../api/privacy-desk.ts';
import type { HeldName } from '../../api/privacy-warehouse.ts';
import { phoneAlias } from '../../ingest/alias.ts';
import { Archiver } from '../../ingest/archive.ts';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { forgetIn } from '../../ingest/forget-record.ts';
import { historyReader } from '../../ingest/history-reader.ts';
import { Database } from '../../sql/database.ts';
import { readAll } from '../contract/event-log.ts';
import { fixedWarehouse, MemoryLog } from '../stand-ins.ts';
import { temporaryFolder } from '../temporary.ts';

const day = 86_400_000;
const start = Date.parse('2026-03-01T12:00:00Z');
let clock: number;
let home: Awaited<ReturnType<typeof temporaryFolder>>;
let log: EmbeddedLog;
let archiver: Archiver;
let quiet: HeldName[];
let rebuilds: number;

beforeEach(async () => {
  clock = start;
  quiet = [];
  rebuilds = 0;
  home = await temporaryFolder();
  log = await EmbeddedLog.open({ folder: join(home.path, 'log'), now: () => clock });
  archiver = await Archiver.open({ folder: join(home.path, 'archive'), log });
});
afterEach(async () => {
  await archiver.close();
  await log.close();
  await home.remove();
});

async function desk(days: { text?: number; profile?: number; person?: number }): Promise<PrivacyDesk> {
  const warehouse = fixedWarehouse(new MemoryLog(), {
    inactiveNames: async () => quiet,
    reloadForgotten: async () => log.applied(new Map([['log', 1_000_000n]])),
    rebuild: async () => {
      rebuilds += 1;
      return { records: 1, seconds: 0 };
    },
  });
  const retention = {
    textDays: days.text ?? null,
    profileDays: days.profile ?? null,
    personDays: days.person ?? null,
    forgetKeepDays: 90,
  };
  const book = await readForgotten(home.path);
  const during = <T>(work: () => Promise<T>) => work();
  return new PrivacyDesk({ dataDir: home.path, retention, book, archiver, during, warehouse, log, now: () => new Date(clock) });
}

const message = (words: string) => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '1',
      changes: [
        {
          field: 'messages',
          value: {
            contacts: [{ profile: { name: 'Anna Muster' }, wa_id: '4915112345678' }],
            messages: [{ from: '4915112345678', id: 'wamid.1', timestamp: '1772366400', type: 'text', text: { body: words } }],
          },
        },
      ],
    },
  ],
});
const profile = {
  id: 'c1',
  type: 'contact.upserted',
  at: '2026-03-01T12:00:00Z',
  contact_id: 'anna',
  name: 'Anna Muster',
  language: 'de',
};

/** Puts a record into a file of the archive of its own. */
async function archive(kind: 'webhook' | 'event', body: unknown): Promise<void> {
  await log.append(kind, Buffer.from(JSON.stringify(body)), BigInt(clock) * 1000n);
  await archiver.forceRotate();
  await log.applied(await log.end());
  while ((await archiver.step()).more);
}
async function kept(): Promise<string[]> {
  const reader = await ArchiveReader.open(join(home.path, 'archive'));
  try {
    return (await readAll(historyReader(reader, log), 2 ** 20)).map(({ body }) => Buffer.from(body).toString());
  } finally {
    reader.close();
  }
}

describe('what ages out', () => {
  it('words and names go from records older than their days, and who wrote when stays', async () => {
    await archive('webhook', message('my address is Elm Street'));
    clock = start + 20 * day;
    await archive('webhook', message('a younger text'));
    clock = start + 31 * day;
    const done = await (await desk({ text: 30 })).sweep();
    expect(done).toMatchObject({ archive_files: 1, requests: 0 });
    const [old = '', young = ''] = await kept();
    expect(old).not.toMatch(/Elm|Anna/);
    expect(old).toContain('4915112345678');
    expect(young).toContain('a younger text');
    // the warehouse held raw bodies too: it is made anew
    expect(rebuilds).toBe(1);
    expect(await (await desk({ text: 30 })).sweep()).toMatchObject({ archive_files: 0, records: 0 });
    expect(rebuilds).toBe(1);
  });

  it('names of profiles go by their own days', async () => {
    await archive('event', [profile]);
    clock = start + 31 * day;
    await (await desk({ text: 30 })).sweep();
    expect((await kept())[0]).toContain('Anna Muster');
    await (await desk({ profile: 30 })).sweep();
    const [event] = JSON.parse((await kept())[0] ?? '[]') as [object];
    expect(event).toEqual({ id: 'c1', type: 'contact.upserted', at: '2026-03-01T12:00:00Z', contact_id: 'anna', language: 'de' });
  });

  it('people of whom nothing was heard are forgotten, and the bytes of their number are gone', async () => {
    await archive('webhook', message('hello'));
    const alias = phoneAlias('4915112345678');
    quiet = alias === null ? [] : [{ alias_id: alias.alias_id, kind: 'phone', value: alias.value, from: null, to: null }];
    clock = start + 400 * day;
    const done = await (await desk({ person: 365 })).sweep();
    expect(done).toMatchObject({ people_aged_out: 1, requests: 1, archive_files: 1 });
    expect((await kept()).join()).not.toContain('4915112345678');
    const book = await readFile(join(home.path, 'forgotten.json'), 'utf8');
    expect(book).not.toContain('4915112345678');
    expect(book).not.toContain(alias?.alias_id);
  });

  it('of who was forgotten nothing is kept after its days', async () => {
    const first = await desk({});
    await first.forget({ phone: '4915112345678' }, 'admin');
    await first.sweep();
    expect((await readForgotten(home.path)).requests).toHaveLength(1);
    clock = start + 91 * day;
    expect(await first.sweep()).toMatchObject({ lapsed: 1 });
    expect((await readForgotten(home.path)).requests).toEqual([]);
  });
});

describe('a file of the archive that is rewritten', () => {
  it('takes the place of the old one in the manifest; the rows of a reader who was in the midst of it go on', async () => {
    await archive('webhook', message('hello'));
    const reader = await ArchiveReader.open(join(home.path, 'archive'));
    await archiver.rewrite((record) => ({ ...record, body: Buffer.from('{}') }));
    const files = (await readdir(join(home.path, 'archive'), { recursive: true })).filter((name) => name.endsWith('.parquet'));
    expect(files).toEqual(['2026-03-01/0000000000000000-0000000000000000.2.parquet']);
    expect(Buffer.from((await reader.read('log', 0, 100))[0]?.body ?? []).toString()).toBe('{}');
    reader.close();
    const database = await Database.open({ path: ':memory:', memoryMb: 64, threads: 1 });
    const rows = await (await database.connect()).rows(`SELECT log_offset FROM '${join(home.path, 'archive', files[0] ?? '')}'`);
    expect(rows).toEqual([{ log_offset: 0n }]);
    database.close();
  });

  it('is left alone when nothing in it changes', async () => {
    await archive('webhook', message('hello'));
    const people = await desk({});
    expect(await archiver.rewrite((record) => forgetIn(record, people.forgotten))).toBe(0);
  });
});
