import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import type { RunningServer } from '../../api/server.ts';
import { tokenOf } from '../app-under-test.ts';
import { deliver, posts, type Send, simulatedDay } from '../deliveries.ts';
import { applied, archiveAll, dumpOf, inFile, Sender, serve } from '../served.ts';
import { temporaryFolder } from '../temporary.ts';
import { type Dump, differences } from '../warehouse.ts';

const bad: Send = (sender) => sender.webhook(Buffer.from('{"entry":[{"id":"1","changes":[{"field":"messages","value":7}]}]}'));
const day = posts(simulatedDay(), () => 25);
const share = (from: number, to: number) => day.slice(Math.floor(day.length * from), Math.floor(day.length * to));
const [morning, noon, afternoon, evening] = [share(0, 0.55), share(0.55, 0.7), share(0.7, 0.85), share(0.85, 1)];
/** Told again, these change nothing: commands are not among them. */
const copies = morning.slice(-5);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dataDir: string;
let server: RunningServer;
let sender: Sender;
/** How many requests were answered with yes: so many records there are at least, beside those that the controller writes. */
let told = 0;
let original: Dump;

async function start(): Promise<void> {
  server = await serve(dataDir);
  sender = new Sender(server.url, 8);
}

async function tell(sends: readonly Send[]): Promise<void> {
  await deliver(sender, sends, 8);
  told += sends.length;
}

/** Applies all, builds the models, those too whose turn comes rarely, stops, and looks. */
async function stopAndDump(): Promise<Dump> {
  await judged();
  await applied(server.warehouse);
  const built = await server.warehouse.buildModels(true);
  expect(built.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  await stop();
  return dumpOf(dataDir);
}

/** The controller's first decisions are records of the log too: it has made one for each of the two numbers. */
async function judged(): Promise<void> {
  const trail = () => server.warehouse.decisions({ scopes: null, changes: false, limit: 10, before_seq: null });
  await expect.poll(async () => (await trail()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
}

/** Without what was decided, and looked at, by the clock between two dumps: that goes on while the server runs. What the first one saw must be there. */
function decidedApart(found: ReturnType<typeof differences>): ReturnType<typeof differences> {
  for (const name of ['fact_control_decision', 'fact_control_policy', 'fact_experiment_look']) {
    if (found[name]?.first.length === 0) delete found[name];
  }
  return found;
}

/** How many records of the log are in the warehouse that nobody has open. */
async function appliedTo(): Promise<number> {
  const [position] = await inFile(dataDir, (connection) => connection.rows('SELECT next_offset FROM ingest_position'));
  return Number(position?.['next_offset']);
}

async function stop(): Promise<void> {
  await sender.close();
  await server.close();
}

/** Runs `sluice` with the settings of the server. */
async function sluice(args: string[]): Promise<string> {
  let out = '';
  let err = '';
  const env = { SLUICE_DATA_DIR: dataDir, SLUICE_TOKENS: `admin:${tokenOf('admin')}`, SLUICE_MEMORY: '256' };
  const code = await run(args, { env: () => env, out: (text) => (out += text), err: (text) => (err += text) });
  expect(code, err).toBe(0);
  return out;
}

/** Does `work` again and again until the promise settles; how often it was done. */
async function during(promise: Promise<unknown>, work: () => Promise<void>): Promise<number> {
  let times = 0;
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  while (!settled) {
    await work();
    times += 1;
    await sleep(100);
  }
  return times;
}

const rates = async () => {
  const answer = await sender.get('/v1/metrics?metrics=messages_requested,delivery_rate,read_rate,click_rate&by=campaign');
  expect(answer.status, answer.text).toBe(200);
  return (JSON.parse(answer.text) as { rows: unknown[] }).rows;
};

beforeAll(async () => {
  folder = await temporaryFolder();
  dataDir = join(folder.path, 'data');
  await start();
  // Commands first: they wait for their effect.
  await tell([...morning, bad]);
}, 240_000);
afterAll(async () => {
  await stop();
  await folder.remove();
});

/** Each goes on from where the one before it left the running server. */
describe('a warehouse', () => {
  it('made anew while queries and intake go on has byte-identical facts and marts', async () => {
    const before = await stopAndDump();
    await archiveAll(dataDir);
    await start();
    const asked = await rates();
    expect(asked.length).toBeGreaterThan(1);

    const rebuilt = sender.post('/v1/admin/rebuild');
    const [answer, queries, batches] = await Promise.all([
      rebuilt,
      during(rebuilt, async () => expect(await rates()).toEqual(asked)),
      during(rebuilt, () => tell(copies)),
    ]);
    expect(answer.status, answer.text).toBe(200);
    expect(JSON.parse(answer.text).records).toBeGreaterThanOrEqual(morning.length + 1);
    expect([queries > 1, batches > 1]).toEqual([true, true]);
    expect(await rates()).toEqual(asked);
    expect(decidedApart(differences(before, await stopAndDump()))).toEqual({});
    expect(before['quarantine']).toHaveLength(1);
    await start();
  }, 240_000);

  it('made anew has what came in meanwhile, and the command makes the same again', async () => {
    const rebuilt = sender.post('/v1/admin/rebuild');
    await Promise.all([rebuilt, tell(noon)]);
    const before = await stopAndDump();
    // Only now: the controller may have written its decisions while the server was waited for.
    const records = await appliedTo();
    expect(records).toBeGreaterThanOrEqual(told);
    expect(before['fact_control_policy']?.length).toBeGreaterThan(0);
    expect(await sluice(['rebuild'])).toContain(`Rebuilt from ${records} records`);
    expect(differences(before, await dumpOf(dataDir))).toEqual({});
    await archiveAll(dataDir);
    await start();
    await tell(afternoon);
  }, 240_000);

  it('backed up while everything runs is restored, catches up, and has byte-identical facts and marts', async () => {
    const backup = join(folder.path, 'backup');
    const written = sender.json('POST', '/v1/admin/backup', { folder: backup });
    const late = [...evening];
    const queries = during(written, async () => void (await rates()));
    await during(written, () => tell(late.splice(0, 4)));
    expect((await written).status, (await written).text).toBe(200);
    expect(await queries).toBeGreaterThan(0);
    await tell(late);
    original = await stopAndDump();

    dataDir = join(folder.path, 'restored');
    await sluice(['restore', backup]);
    const copied = await appliedTo();
    await start();
    await applied(server.warehouse);
    // Events came in after the warehouse was copied and before the log was.
    expect((await server.warehouse.status()).records_applied).toBeGreaterThan(copied);
    // What was told after the backup is told again, as senders do.
    await tell(evening);
    expect(decidedApart(differences(original, await stopAndDump()))).toEqual({});
  }, 240_000);

  it('lost is made anew at the next start, from archive and log', async () => {
    await rm(join(dataDir, 'warehouse.duckdb'));
    await start();
    expect(decidedApart(differences(original, await stopAndDump()))).toEqual({});
  }, 240_000);
});
