/**
 * `npm run chaos:kafka`: receivers and warehouses on real brokers (Java 17 and Maven) in a storm of kills, cuts and takeovers; counts what
 * came of it. Options: --minutes <n> (5), --brokers <n> (3), --seed <n>: the same troubles and the same requests, as far as time allows.
 */
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../temporary.ts';
import { kafkaStorm } from './kafka-rounds.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    brokers: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [minutes, seed, brokers] = [values.minutes, values.seed, values.brokers].map(Number) as [number, number, number];
if (![minutes, seed, brokers].every((n) => Number.isFinite(n) && n >= 0)) {
  throw new Error('--minutes, --seed and --brokers are numbers');
}

const say = (line: string) => console.log(line);
const folder = await temporaryFolder();
say(`${minutes} minutes, ${brokers} brokers, seed ${seed}, in ${folder.path}`);
const report = await kafkaStorm({ folder: folder.path, minutes, seed, brokers, say });
const { acknowledged, facts, lost, doubled, invented, unanswered, rebuiltOtherwise, troubles, faults, restarts } = report;
const changed = Object.keys(rebuiltOtherwise);
for (const [name, count] of Object.entries(troubles)) say(`${count} times ${name}`);
say(
  `processes that gave up while the broker was in trouble, and were started anew: ${restarts}; at any other time: ${faults.length}`,
);
for (const fault of faults) say(fault);
say(`unanswered ${unanswered.sent}, of these in the facts ${unanswered.found}; never sent ${invented.length}`);
say(`a rebuild from topics and archive ${changed.length === 0 ? 'is byte-identical' : `differs in ${changed.join(', ')}`}`);
for (const [name, list] of Object.entries({ lost, doubled, invented })) {
  for (const fact of list.slice(0, 10)) say(`${name}: ${fact}`);
}
say(`produced ${acknowledged}, facts ${facts}, lost ${lost.length}, doubled ${doubled.length}`);
const wrong = lost.length + doubled.length + invented.length + changed.length + faults.length;
const good = wrong === 0 && acknowledged === facts && acknowledged > 0;
if (good) await folder.remove();
else {
  say(JSON.stringify(rebuiltOtherwise, null, 2));
  say(`The data folder is kept: ${folder.path}`);
}
process.exitCode = good ? 0 : 1;
