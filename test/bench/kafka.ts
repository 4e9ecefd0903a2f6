import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import type { KafkaOptions } from '../../ingest/kafka/options.ts';
import { topicNames } from '../../ingest/kafka/topics.ts';
import { projectRoot } from '../../sql/files.ts';
import { type Broker, startBroker } from '../kafka/broker.ts';
import { ownTopics } from '../kafka/topics.ts';
import { temporaryFolder } from '../temporary.ts';
import { ask, benchSecret, type Child, startChild } from './child.ts';
import { httpLoad, percentile } from './http-load.ts';
import { fill } from './kafka/fill.ts';
import { StatusTraffic } from './traffic.ts';

/**
 * `npm run bench:kafka`: how fast records of one status each become facts through Kafka, beside a kafkajs consumer that only counts them;
 * how long a receiver takes to acknowledge; how much memory a backlog takes. Needs Java 17 and Maven.
 * Options: --records N (of a round, 400000), --rounds N (3), --backlog N (5000000), --seconds N (of acknowledgements, 20),
 * --only facts|receiver|backlog, --profile FOLDER (Node's CPU profiles of the warehouse's threads).
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    backlog: { type: 'string', default: '5000000' },
    seconds: { type: 'string', default: '20' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const wanted = (part: string) => values.only === undefined || values.only === part;
const status = z.object({ records_applied: z.number() });
const consumed = z.object({ records: z.number(), seconds: z.number(), processorSeconds: z.number() });
type Consumed = z.output<typeof consumed>;

const folder = await temporaryFolder();
let made = 0;
print(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}); the broker shares them`);
const broker: Broker = await startBroker();
try {
  if (wanted('facts')) await facts(Number(values.records), Number(values.rounds));
  if (wanted('receiver')) await receiver(Number(values.seconds));
  if (wanted('backlog')) await backlog(Number(values.backlog));
} finally {
  await broker.dispose();
  await folder.remove();
}

/** The same records to a consumer that counts and to a warehouse that makes facts of them, in turn. */
async function facts(records: number, rounds: number): Promise<void> {
  print(`\nFacts: ${records} records of one status in a topic of 3 partitions`);
  const options = await filled(records);
  const ratios: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const counting = await count(options, records);
    const applying = await apply(options, records);
    ratios.push(rate(applying) / rate(counting));
    for (const [name, one] of Object.entries({ counting, applying })) {
      print(
        `  round ${round} ${name.padEnd(8)} ${Math.round(rate(one))}/s, ${Math.round(one.records / one.processorSeconds)} a second of processor time`,
      );
    }
  }
  print(`  facts / counted: ${ratios.map((ratio) => `${Math.round(ratio * 100)} %`).join(', ')} (wanted: at least 60 %)`);
}

async function count({ topicPrefix }: KafkaOptions, records: number): Promise<Consumed> {
  const script = join(projectRoot, 'dist/test/bench/kafka/count.js');
  const topic = topicNames(topicPrefix).webhook;
  const { stdout } = await promisify(execFile)(process.execPath, [script, broker.address, topic, String(records)]);
  return consumed.parse(JSON.parse(stdout));
}

/** A warehouse of its own that applies everything. */
async function apply(
  options: KafkaOptions,
  records: number,
  look: (child: Child, done: number) => void = () => undefined,
): Promise<Consumed> {
  const child = await serve(options, 'warehouse');
  const begin = { records: await applied(child), at: performance.now(), processor: child.processorTime() };
  let done = begin.records;
  while (done < records) {
    await rest(100);
    done = await applied(child);
    look(child, done);
  }
  const seconds = (performance.now() - begin.at) / 1000;
  const processorSeconds = child.processorTime() - begin.processor;
  await child.stop();
  return { records: records - begin.records, seconds, processorSeconds };
}

/** Single-status posts at a steady rate to a receiver alone; the warehouse is elsewhere. */
async function receiver(seconds: number): Promise<void> {
  const perSecond = 1000;
  print(
    `\nReceiver: ${perSecond} signed posts of one status a second over 32 connections for ${seconds} s, 200 when Kafka has them`,
  );
  const child = await serve(ownTopics(broker.address, { partitions: 3 }), 'receiver');
  const source = new StatusTraffic({ secret: benchSecret, perPost: 1, contacts: 50_000, now: Date.now, run: 'R' });
  const next = () => source.next();
  await httpLoad({ port: child.port, connections: 32, seconds: 2, rate: perSecond, next });
  const load = await httpLoad({ port: child.port, connections: 32, seconds, rate: perSecond, next });
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(load.latencies, share).toFixed(1));
  print(`  acknowledged (acks=all) p50 ${p50} ms, p99 ${p99} ms over ${load.answered} posts; not 200: ${load.refused}`);
  await child.stop();
}

/** Resident memory while a long backlog is applied, by tenths of it. */
async function backlog(records: number): Promise<void> {
  print(`\nBacklog: ${records} records of one status, applied by a warehouse with SLUICE_MEMORY=900MB`);
  const options = await filled(records);
  const started = performance.now();
  let [next, peak] = [records / 10, 0];
  const { seconds } = await apply(options, records, (child, done) => {
    peak = Math.max(peak, child.memory());
    if (done < next) return;
    const at = (performance.now() - started) / 1000;
    print(`  ${done} after ${at.toFixed(0)} s: at most ${mib(peak)} MiB resident meanwhile, ${mib(child.peakMemory())} MiB ever`);
    [next, peak] = [next + records / 10, 0];
  });
  print(`  applied in ${seconds.toFixed(0)} s`);
}

async function filled(records: number): Promise<KafkaOptions> {
  const options = ownTopics(broker.address, { partitions: 3 });
  const started = performance.now();
  await fill(options, records);
  print(`  filled in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return options;
}

function serve({ topicPrefix }: KafkaOptions, role: 'warehouse' | 'receiver'): Promise<Child> {
  made += 1;
  return startChild({
    script: 'sluice',
    ...(values.profile && { node: ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] }),
    dataDir: join(folder.path, `data-${made}`),
    settings: { SLUICE_ROLE: role, SLUICE_KAFKA_BROKERS: broker.address, SLUICE_KAFKA_TOPIC_PREFIX: topicPrefix },
  });
}

async function applied(child: Child): Promise<number> {
  return status.parse(await ask(child.port, '/v1/status')).records_applied;
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function rate({ records, seconds }: Consumed): number {
  return records / seconds;
}
