import { Worker } from 'node:worker_threads';
import { type Pair, pausedFirst, table } from './table.ts';
import { history, liveTime } from './world.ts';

const hour = 3_600_000;

/** Plays the demo's world with and without the brake, and gives the table; whoever waits is told how far it is. */
export async function playDemo(options: {
  seeds: number;
  firstSeed: number;
  contacts: number;
  workers: number;
  say: (line: string) => void;
}): Promise<{ text: string; met: boolean }> {
  const { seeds, firstSeed, contacts, workers, say } = options;
  const began = performance.now();
  const pairs: Pair[] = [];
  let next = firstSeed;
  await Promise.all(
    Array.from({ length: Math.min(workers, seeds) }, async () => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { contacts } });
      for (let seed = next++; seed < firstSeed + seeds; seed = next++) {
        const pair = await new Promise<Pair>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
          worker.postMessage(seed);
        });
        worker.removeAllListeners('error');
        pairs.push(pair);
        const { controlled } = pair;
        const wronged = controlled.good.filter(({ paused }) => paused).map(({ campaign }) => campaign);
        if (!pausedFirst(controlled)) {
          say(`seed ${seed}: not paused before ${JSON.stringify(controlled.downgrades[0] ?? 'the end')}`);
        }
        if (wronged.length > 0) say(`seed ${seed}: paused wrongly: ${wronged.join(', ')}`);
        if (pairs.length % 10 === 0) say(`${pairs.length} seeds after ${((performance.now() - began) / 1000).toFixed(0)} s`);
      }
      await worker.terminate();
    }),
  );
  const { text, met } = table(pairs);
  const played = `${seeds} seeds of the demo's world, ${contacts.toLocaleString('en')} contacts, ${history / hour} h before permits and ${liveTime / hour} h with them.`;
  return { text: `${text}\n\n${played}`, met };
}
