import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shopCampaigns } from '../../simulator/campaign.ts';
import { encodeWebhook } from '../../simulator/client.ts';
import { day, type Emission, type EventBody, type WebhookBody } from '../../simulator/emission.ts';
import { mergedBody } from '../../simulator/player.ts';
import { Random } from '../../simulator/random.ts';
import { createWorld } from '../../simulator/world.ts';
import { type Answer, applied, inFile, Sender, serve, together } from '../served.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { temporaryFolder } from '../temporary.ts';
import { contentDump, type Dump, differences } from '../warehouse.ts';

const startAt = Date.UTC(2026, 9, 20);
const contacts = 150;

/** Something to be told to Sluice: a sample payload or what the simulated world put on the wire. */
type Item = { kind: 'sample'; body: Buffer } | Emission;
type Send = (sender: Sender) => Promise<Answer>;

const samples = (): Item[] =>
  readdirSync(sharedPath('whatsapp', 'payloads'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ kind: 'sample', body: readFileSync(sharedPath('whatsapp', 'payloads', file)) }));

/** A day of the shop, all its campaigns sent on it. */
function simulatedDay(): Emission[] {
  const campaigns = shopCampaigns(contacts).map((plan) => {
    const { timing } = plan;
    if (timing.kind === 'waves') return { ...plan, timing: { ...timing, days: [0] } };
    if (timing.kind === 'list') return { ...plan, timing: { ...timing, fromDay: 0.4, size: 60, perHour: 20 } };
    return plan;
  });
  return createWorld({ seed: 7, startAt, contacts, campaigns }).advance(startAt + day);
}

/** Each thing once, in the order in which it happened. */
function clean(day: readonly Emission[]): Emission[] {
  const once = new Map(day.map((emission) => [JSON.stringify({ ...emission, at: 0 }), emission]));
  return [...once.values()].sort((a, b) => happenedAt(a) - happenedAt(b));
}

/** When it happened, which may be long before it went out. */
function happenedAt(emission: Emission): number {
  if (emission.kind === 'command') return startAt;
  if (emission.kind === 'event') return Date.parse(emission.event.at);
  const [, seconds] = /"timestamp":"?(\d+)/.exec(JSON.stringify(emission.body)) ?? [];
  return seconds === undefined ? emission.at : Number(seconds) * 1000;
}

/** Posts of up to `largest` updates or events, in the order given. Samples go as they are, commands alone. */
function posts(items: readonly Item[], largest: () => number): Send[] {
  const sends: Send[] = [];
  let events: EventBody[] = [];
  let bodies: WebhookBody[] = [];
  const flushEvents = () => {
    const batch = events;
    events = [];
    if (batch.length > 0) sends.push((sender) => sender.events(batch));
  };
  const flushBodies = () => {
    const batch = bodies;
    bodies = [];
    if (batch.length > 0) sends.push((sender) => sender.webhook(encodeWebhook(mergedBody(batch))));
  };
  for (const item of items) {
    if (item.kind === 'sample') sends.push((sender) => sender.webhook(item.body));
    else if (item.kind === 'command') sends.push((sender) => sender.json('PUT', item.path, item.body));
    else if (item.kind === 'event') events.push(item.event);
    else bodies.push(item.body);
    if (events.length >= largest()) flushEvents();
    if (bodies.length >= largest()) flushBodies();
  }
  flushEvents();
  flushBodies();
  return sends;
}

/** In any order (Fisher and Yates). */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed: T[] = [];
  for (const item of items) {
    const place = random.int(mixed.length + 1);
    const other = mixed[place];
    if (other === undefined) mixed.push(item);
    else {
      mixed[place] = item;
      mixed.push(other);
    }
  }
  return mixed;
}

/** Tells a new Sluice all this, in parts after each of which its models are built, and takes it down in the end. */
async function told(
  dataDir: string,
  sends: readonly Send[],
  { parts, atOnce }: { parts: number; atOnce: number },
): Promise<Dump> {
  const server = await serve(dataDir);
  const sender = new Sender(server.url, atOnce);
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((sends.length * part) / parts);
    const to = Math.floor((sends.length * (part + 1)) / parts);
    await together(
      sends.slice(from, to),
      async (send) => {
        const { status, text } = await send(sender);
        expect([200, 202], text).toContain(status);
        expect(text).not.toContain('"code"');
      },
      atOnce,
    );
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
