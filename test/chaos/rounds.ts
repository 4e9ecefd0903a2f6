import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../api/commands/program.ts';
import type { WarehouseStatus } from '../../api/warehouse.ts';
import { Random } from '../../simulator/random.ts';
import { dumpOf, inFile, Sender } from '../served.ts';
import { differences } from '../warehouse.ts';
import { Ledger, type Verdict } from './ledger.ts';
import { Load } from './load.ts';
import { ServerProcess, settingsOf } from './server-process.ts';

export interface StormOptions {
  /** An empty folder; the data folder and backups are made in it. */
  folder: string;
  kills: number;
  /** Most seconds between the moment the server listens and its end. */
  seconds: number;
  seed: number;
  say?: (line: string) => void;
}

export interface StormReport extends Verdict {
  /** What a rebuild from log and archive makes different: nothing, if all is well. */
  rebuiltOtherwise: ReturnType<typeof differences>;
}

/**
 * Starts `sluice serve` again and again on one data folder and kills it with SIGKILL at random moments, some of them while it starts,
 * rebuilds, builds models or writes a backup, while senders go on. Then starts it once more, lets it apply what is in the log, stops
 * it in order, and holds its facts to the senders' book and to a rebuild.
 */
export async function storm({ folder, kills, seconds, seed, say = () => undefined }: StormOptions): Promise<StormReport> {
  const random = new Random(seed);
  const dataDir = join(folder, 'data');
  const ledger = new Ledger();
  const load = new Load(ledger, new Random(seed + 1));
  let server: ServerProcess | undefined;
  try {
    for (let round = 1; round <= kills; round += 1) {
      server = new ServerProcess(dataDir);
      const early = round > 1 && random.chance(0.2);
      const work = pick(random, [undefined, undefined, 'rebuild', 'models/build?full=true', 'backup'] as const);
      const lives = random.between(0, early ? 1.5 : seconds);
      if (early) await Promise.race([sleep(lives * 1000), server.url]);
      else {
        const url = await server.url;
        await load.aim(url);
        await sleep(lives * 500);
        if (work !== undefined) ask(url, work, join(folder, `backup-${round}`));
        await sleep(lives * 500);
      }
      await server.kill();
      await load.aim();
      const when = early
        ? 'while starting'
        : `${lives.toFixed(1)} s after the start${work === undefined ? '' : `, at work: ${work}`}`;
      say(`kill ${round} of ${kills}, ${when}; ${load.counts.acknowledged} requests acknowledged so far`);
    }
    await load.stop();
    server = new ServerProcess(dataDir);
    await settled(await server.url);
    const code = await server.stop();
    if (code !== 0) throw new Error(`the last stop ended with code ${code}`);
  } finally {
    await load.stop().catch(() => undefined);
    await server?.stop();
  }
  const verdict = await inFile(dataDir, (connection) => ledger.check(connection));
  const kept = await dumpOf(dataDir);
  await rebuild(dataDir);
  return { ...verdict, rebuiltOtherwise: differences(kept, await dumpOf(dataDir)) };
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.int(choices.length)] as T;
}

/** Gives the server something long to do; the kill may come before it is done. */
export function ask(url: string, work: string, folder: string): void {
  const sender = new Sender(url);
  const answer = work === 'backup' ? sender.json('POST', '/v1/admin/backup', { folder }) : sender.post(`/v1/admin/${work}`);
  answer.catch(() => undefined).finally(() => sender.close());
}

/** Resolves when the log is applied and the models are built, `full` those too whose turn comes once an hour. */
export async function settled(url: string, full = false): Promise<void> {
  const sender = new Sender(url);
  for (;;) {
    const { positions } = JSON.parse((await sender.get('/v1/status')).text) as WarehouseStatus;
    if (positions.every(({ lag }) => lag === '0')) break;
    await sleep(100);
  }
  const { status, text } = await sender.post(`/v1/admin/models/build?full=${full}`);
  if (status !== 200) throw new Error(`the models did not build: ${text}`);
  await sender.close();
}

export async function rebuild(dataDir: string, settings: Record<string, string> = {}): Promise<void> {
  let said = '';
  const hear = (text: string) => {
    said += text;
  };
  const code = await run(['rebuild'], { env: () => ({ ...settingsOf(dataDir), ...settings }), out: hear, err: hear });
  if (code !== 0) throw new Error(`sluice rebuild: ${said}`);
}
