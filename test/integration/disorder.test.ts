import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../simulator/random.ts';
import { clean, deliver, type Item, posts, type Send, shuffled, simulatedDay } from '../deliveries.ts';
import { applied, inFile, Sender, serve } from '../served.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { temporaryFolder } from '../temporary.ts';
import { contentDump, type Dump, differences } from '../warehouse.ts';

const samples = (): Item[] =>
  readdirSync(sharedPath('whatsapp', 'payloads'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ kind: 'raw', body: readFileSync(sharedPath('whatsapp', 'payloads', file)) }));

/** Tells a new Sluice all this, in parts after each of which its models are built, and takes it down in the end. */
async function told(
  dataDir: string,
  sends: readonly Send[],
  { parts, atOnce }: { parts: number; atOnce: number },
): Promise<Dump> {
  const server = await serve(dataDir);
  const sender = new Sender(server.url, atOnce);
  for (let part = 0; part < parts; part += 1) {
    const [from, to] = [part, part + 1].map((n) => Math.floor((sends.length * n) / parts));
    await deliver(sender, sends.slice(from, to), atOnce);
    await applied(server.warehouse);
    const built = await server.warehouse.buildModels(false);
    expect(built.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  }
  await sender.close();
  await server.close();
  return inFile(dataDir, contentDump);
}

describeWithShared('a day of webhooks and events, mixed with every sample payload', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  it('gives byte-identical facts and marts whether told once in order or three times in any order', async () => {
    const random = new Random(20_261_020);
    const day = simulatedDay();
    const thrice = [...samples(), ...day.filter(({ kind }) => kind !== 'command')].flatMap((item) => [item, item, item]);
    const mixed = shuffled([...thrice, ...day.filter(({ kind }) => kind === 'command')], random);
    const disordered = posts(mixed, () => 1 + random.int(40));
    const ordered = posts([...samples(), ...clean(day)], () => 500);

    const [first, second] = await Promise.all([
      told(join(folder.path, 'ordered'), ordered, { parts: 1, atOnce: 1 }),
      told(join(folder.path, 'disordered'), disordered, { parts: 3, atOnce: 4 }),
    ]);
    expect(differences(first, second)).toEqual({});
    // The day was one worth the name.
    for (const table of ['fact_message', 'fact_status', 'fact_inbound', 'fact_click', 'fact_conversion', 'fact_consent']) {
      expect(first[table]?.length, table).toBeGreaterThan(0);
    }
    for (const model of ['funnel_15m', 'failure_15m', 'message_outcome', 'contact_period', 'event_credit']) {
      expect(first[model]?.length, model).toBeGreaterThan(0);
    }
    expect(first['fact_message']?.length).toBeGreaterThan(300);
  }, 300_000);
});
