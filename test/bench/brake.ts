import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { scenarios } from '../../simulator/scenario/scenarios.ts';
import { judge } from './brake/criteria.ts';
import { playDemo } from './brake/demo/run.ts';
import type { Score } from './brake/game.ts';
import { players } from './brake/players/all.ts';
import { summarise } from './brake/summary.ts';
import { tables as tablesOf } from './brake/table.ts';
import type { Task } from './brake/worker.ts';

// Does the brake work? Worlds with hidden truth, played in process by the rules that people use today, by ours and by one who knows.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    'first-seed': { type: 'string', default: '1' },
    scenario: { type: 'string', multiple: true },
    player: { type: 'string', multiple: true },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** Plays the world of `sluice demo` instead, with and without the brake. */
    demo: { type: 'boolean', default: false },
    contacts: { type: 'string', default: '20000' },
    /** Puts the tables between the markers of docs/controller.md. */
    write: { type: 'boolean', default: false },
    /** Prints each game of ours that braked something. */
    show: { type: 'boolean', default: false },
  },
});
const [seeds, firstSeed, workers, contacts] = [values.seeds, values['first-seed'], values.workers, values.contacts].map(
  Number,
) as [number, number, number, number];
const chosenScenarios = scenarios.filter(({ name }) => values.scenario?.includes(name) ?? true);
const chosenPlayers = players.filter(({ name }) => name === 'oracle' || (values.player?.includes(name) ?? true));
if (![seeds, firstSeed, workers, contacts].every((value) => Number.isInteger(value) && value >= 1)) {
  fail('--seeds, --first-seed, --workers and --contacts are whole numbers from 1 on');
}
if (values.demo) {
  const { text, met } = await playDemo({ seeds, firstSeed, contacts, workers, say: (line) => console.error(line) });
  console.log(text);
  if (values.write) await write('bench:brake demo', text);
  process.exit(met ? 0 : 1);
}
const unknown = [
  ...(values.scenario ?? []).filter((name) => !scenarios.some((scenario) => scenario.name === name)),
  ...(values.player ?? []).filter((name) => !players.some((player) => player.name === name)),
];
if (unknown.length > 0) {
  const names = (of: readonly { name: string }[]) => of.map(({ name }) => name).join(', ');
  fail(`unknown: ${unknown.join(', ')}; scenarios: ${names(scenarios)}; players: ${names(players)}`);
}

const tasks: Task[] = Array.from({ length: seeds }, (_, i) => i + firstSeed).flatMap((seed) =>
  chosenScenarios.map((scenario) => ({ scenario: scenario.name, players: chosenPlayers.map(({ name }) => name), seed })),
);
const began = performance.now();
const scores: Score[] = [];
let next = 0;
await Promise.all(
  Array.from({ length: Math.min(workers, tasks.length) }, async () => {
    const worker = new Worker(new URL('./brake/worker.js', import.meta.url));
    for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) {
      const answer = await new Promise<Score[]>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage(task);
      });
      worker.removeAllListeners('error');
      scores.push(...answer);
      if (next % (chosenScenarios.length * 20) === 0) {
        console.error(`${next} of ${tasks.length} worlds after ${((performance.now() - began) / 1000).toFixed(0)} s`);
      }
    }
    await worker.terminate();
  }),
);

if (values.show) {
  for (const { scenario, player, seed, braked } of scores) {
    if (player === 'sluice' && braked.length > 0) console.log(`${scenario} seed ${seed}: ${braked.join(' ')}`);
  }
}
const summaries = chosenScenarios.flatMap((scenario) => {
  const of = (name: string) => scores.filter((score) => score.scenario === scenario.name && score.player === name);
  return chosenPlayers.map(({ name }) => summarise(scenario, name, of(name), of('oracle')));
});
const criteria = judge(summaries);
const text = tablesOf(summaries, chosenPlayers, criteria);
const cpu = process.cpuUsage();
const cost = `${seeds} seeds of ${chosenScenarios.length} scenarios, ${chosenPlayers.length} players`;
console.log(
  `${text}\n\n${cost}: ${((performance.now() - began) / 1000).toFixed(0)} s, ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s of CPU.`,
);
if (values.write) await write('bench:brake', `${text}\n\n${cost}.`);
process.exitCode = criteria.every(({ met }) => met) ? 0 : 1;

async function write(marker: string, tables: string): Promise<void> {
  const page = new URL('../../../docs/controller.md', import.meta.url);
  const before = await readFile(page, 'utf8');
  const markers = new RegExp(`(<!-- ${marker} -->)[\\s\\S]*(<!-- /${marker} -->)`);
  if (!markers.test(before)) fail(`docs/controller.md has no markers <!-- ${marker} --> and <!-- /${marker} -->`);
  await writeFile(
    page,
    before.replace(markers, (_, open: string, close: string) => `${open}\n\n${tables}\n\n${close}`),
  );
}

function fail(why: string): never {
  console.error(why);
  process.exit(2);
}
