/**
 * `npm run chaos`: kills a server under load again and again and counts what came of it.
 * Options: --kills <n> (30), --seconds <n> (12): most seconds of one life, --seed <n>: the same lives and the same requests.
 */
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../temporary.ts';
import { storm } from './rounds.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [kills, seconds, seed] = [values.kills, values.seconds, values.seed].map(Number) as [number, number, number];
if (![kills, seconds, seed].every((n) => Number.isFinite(n) && n >= 0))
  throw new Error('--kills, --seconds and --seed are numbers');

const say = (line: string) => console.log(line);
const folder = await temporaryFolder();
say(`${kills} kills, lives of up to ${seconds} s, seed ${seed}, in ${folder.path}`);
const report = await storm({ folder: folder.path, kills, seconds, seed, say });
const { acknowledged, facts, lost, doubled, invented, unanswered, rebuiltOtherwise } = report;
const changed = Object.keys(rebuiltOtherwise);
say(`unanswered ${unanswered.sent}, of these in the facts ${unanswered.found}; never sent ${invented.length}`);
say(`a rebuild from log and archive ${changed.length === 0 ? 'is byte-identical' : `differs in ${changed.join(', ')}`}`);
say(`acknowledged ${acknowledged}, facts ${facts}, lost ${lost.length}, doubled ${doubled.length}`);
for (const [name, list] of Object.entries({ lost, doubled, invented })) {
  for (const fact of list.slice(0, 10)) say(`${name}: ${fact}`);
}
const good = lost.length + doubled.length + invented.length + changed.length === 0 && acknowledged === facts && acknowledged > 0;
if (good) await folder.remove();
else {
  say(JSON.stringify(rebuiltOtherwise, null, 2));
  say(`The data folder is kept: ${folder.path}`);
}
process.exitCode = good ? 0 : 1;
