import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type Pair, pausedFirst, report } from './brake/report.ts';
import { history, liveTime } from './brake/scenario.ts';

// Does the brake work? The same worlds with and without it, in process: the real controller and permit book, counts from a collector.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    'first-seed': { type: 'string', default: '1' },
    contacts: { type: 'string', default: '20000' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const [seeds, firstSeed, contacts, workers] = [values.seeds, values['first-seed'], values.contacts, values.workers].map(Number);
if (![seeds, firstSeed, contacts, workers].every((value) => Number.isInteger(value) && Number(value) >= 1)) {
  console.error('--seeds, --first-seed, --contacts and --workers are whole numbers from 1 on');
  process.exit(2);
}

const hour = 3_600_000;
console.log(
  `${seeds} seeds, ${contacts} contacts. Each world has ${history / hour} h behind it (a month would cost ten times as much, and its waves would be over), ` +
    `then ${liveTime / hour} h with permits and a bought list from the start, and all four broadcasts of the month in them. ` +
    'A step is 15 s, the controller looks once a minute, delay curves are the built-in ones.',
);

const began = performance.now();
const pairs: Pair[] = [];
let next = Number(firstSeed);
const last = next + Number(seeds) - 1;
await Promise.all(
  Array.from({ length: Math.min(Number(workers), Number(seeds)) }, async () => {
    const worker = new Worker(new URL('./brake/worker.js', import.meta.url), { workerData: { contacts } });
    for (let seed = next++; seed <= last; seed = next++) {
      const pair = await new Promise<Pair>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage(seed);
      });
      worker.removeAllListeners('error');
      pairs.push(pair);
      const { controlled } = pair;
      const bad = controlled.good.filter(({ paused }) => paused).map(({ campaign }) => campaign);
      if (!pausedFirst(controlled))
        console.log(`seed ${seed}: not paused before ${JSON.stringify(controlled.downgrades[0] ?? 'the end')}`);
      if (bad.length > 0) console.log(`seed ${seed}: paused wrongly: ${bad.join(', ')}`);
      if (pairs.length % 10 === 0)
        console.log(`${pairs.length} seeds after ${((performance.now() - began) / 1000).toFixed(0)} s`);
    }
    await worker.terminate();
  }),
);

const { text, met } = report(pairs);
console.log(`\n${text}\n\n${met ? 'All targets are met.' : 'A TARGET IS MISSED.'}`);
process.exitCode = met ? 0 : 1;
