import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../simulator/random.ts';
import { dumpOf, inFile } from '../served.ts';
import { differences } from '../warehouse.ts';
import { type KafkaCluster, startKafkaCluster } from './kafka-cluster.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import { ask, pick, rebuild, type StormReport, settled } from './rounds.ts';

export interface KafkaStormOptions {
  /** An empty folder; the broker's data, the data folder and backups are made in it. */
  folder: string;
  minutes: number;
  seed: number;
  /** How many brokers. With one every trouble of a broker is an outage; with three another one leads what it led. */
  brokers: number;
  say?: (line: string) => void;
}

export interface KafkaStormReport extends StormReport {
  /** How often each trouble was made. */
  troubles: Record<string, number>;
  /** Processes that ended by themselves long after any trouble with the broker, and stops that did not go well. */
  faults: string[];
  /** Processes that ended by themselves while the broker was in trouble, and were started anew. */
  restarts: number;
}

/** A process may give up this long after the broker or the network was in trouble, ms. */
const aftermathMs = 40_000;

/** One trouble: made, lasted and over when it resolves. */
type Trouble = (cluster: KafkaCluster, random: Random, place: string) => Promise<void>;

const lasting = (random: Random, most: number) => sleep(random.between(0.2, most) * 1000);

const troubles: Record<string, Trouble> = {
  'kill -9 of a warehouse': ({ warehouses }, random) => pick(random, warehouses).kill(),
  'kill -9 of both warehouses': async ({ warehouses }) => {
    await Promise.all(warehouses.map((one) => one.kill()));
  },
  'three takeovers in a row': async ({ warehouses }, random) => {
    for (let n = 0; n < 3; n += 1) {
      await warehouses[n % 2]?.kill();
      await lasting(random, 3);
    }
  },
  'kill -9 of a receiver': ({ receivers }, random) => pick(random, receivers).kill(),
  'broker killed and started': async ({ brokers }, random) => {
    const broker = pick(random, brokers);
    await broker.kill();
    await lasting(random, 12);
    await broker.start();
  },
  'brokers killed, all of them, and started': async ({ brokers }, random) => {
    await Promise.all(brokers.map((one) => one.kill()));
    await lasting(random, 4);
    await Promise.all(brokers.map((one) => one.start()));
  },
  'broker frozen': async ({ brokers }, random) => {
    const broker = pick(random, brokers);
    broker.freeze();
    await lasting(random, 12);
    broker.thaw();
  },
  'network cut': async ({ proxies }, random) => {
    for (const proxy of proxies) proxy.cut();
    await lasting(random, 8);
    for (const proxy of proxies) proxy.heal();
  },
  'network swallows all': async ({ proxies }, random) => {
    for (const proxy of proxies) proxy.stall();
    await lasting(random, 12);
    for (const proxy of proxies) proxy.heal();
  },
  'kill -9 while it works': async (cluster, random, place) => {
    const work = pick(random, ['rebuild', 'models/build?full=true', 'backup']);
    const owner = await cluster.owner();
    ask(owner, work, place);
    await lasting(random, 2);
    await cluster.warehouses.find(({ url }) => url === owner)?.kill();
  },
};
const ofTheBroker = ['broker', 'network'];

/**
 * Receivers and warehouses on real brokers, all processes of their own, under load for some minutes while one trouble after another
 * befalls them. Then peace: what is in the log is applied, all stop in order, and the facts are held to the senders' book and to a
 * rebuild from archive and topics.
 */
export async function kafkaStorm(options: KafkaStormOptions): Promise<KafkaStormReport> {
  const { folder, minutes, seed, brokers, say = () => undefined } = options;
  const random = new Random(seed);
  const dataDir = join(folder, 'data');
  const ledger = new Ledger({ repeats: true });
  const cluster = await startKafkaCluster(folder, dataDir, brokers);
  const load = new Load(ledger, new Random(seed + 1));
  const counts: Record<string, number> = {};
  const upset: { from: number; to: number }[] = [];
  try {
    await cluster.owner();
    await load.aim(...cluster.receivers.map(({ url }) => url));
    const until = performance.now() + minutes * 60_000;
    for (let round = 1; performance.now() < until; round += 1) {
      await lasting(random, 4);
      const name = pick(random, Object.keys(troubles));
      const from = performance.now();
      await troubles[name]?.(cluster, random, join(folder, `backup-${round}`));
      const to = performance.now();
      if (ofTheBroker.some((word) => name.startsWith(word))) upset.push({ from, to });
      counts[name] = (counts[name] ?? 0) + 1;
      const { acknowledged, unanswered } = load.counts;
      say(`${name}, ${((to - from) / 1000).toFixed(1)} s; so far ${acknowledged} requests acknowledged, ${unanswered} not`);
    }
    await load.stop();
    const began = performance.now();
    await calm(cluster);
    say(`all is applied ${((performance.now() - began) / 1000).toFixed(1)} s after the storm`);
    const stops = await cluster.stop();
    const endings = [...cluster.receivers, ...cluster.warehouses].flatMap((one) =>
      one.endings.map(({ at, words }) => ({ at, text: `${one.name} ended by itself: ${words}` })),
    );
    const excused = endings.filter(({ at }) => upset.some(({ from, to }) => at > from && at < to + aftermathMs));
    const faults = [...stops, ...endings.filter((one) => !excused.includes(one)).map(({ text }) => text)];
    const verdict = await inFile(dataDir, (connection) => ledger.check(connection));
    const kept = await dumpOf(dataDir);
    await rebuild(dataDir, cluster.settings);
    const rebuiltOtherwise = differences(kept, await dumpOf(dataDir));
    return { ...verdict, rebuiltOtherwise, troubles: counts, faults, restarts: excused.length };
  } finally {
    await load.stop().catch(() => undefined);
    await cluster.dispose();
  }
}

/** Resolves when everything in the topics is applied and the models are built; a last process may still be coming up. */
async function calm(cluster: KafkaCluster): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await settled(await cluster.owner(), true);
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(1000);
    }
  }
}
