import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../../api/health.ts';
import { tokenOf } from '../app-under-test.ts';
import { type Broker, freePorts, startCluster } from '../kafka/broker.ts';
import { type CuttableProxy, cuttableProxy } from '../kafka/cuttable-proxy.ts';
import { Member } from './member.ts';

/** Two receivers and two warehouses that want one data folder, on brokers that half of them reach through a proxy before each. */
export interface KafkaCluster {
  brokers: readonly Broker[];
  proxies: readonly CuttableProxy[];
  receivers: readonly Member[];
  warehouses: readonly Member[];
  /** What a command on the data folder needs to know. */
  settings: Record<string, string>;
  /** The address of the warehouse that serves; waits until one does. @throws Error when none does for two minutes */
  owner(): Promise<string>;
  /** Stops all processes in order; resolves with the exit codes of those that did not end well. */
  stop(): Promise<string[]>;
  dispose(): Promise<void>;
}

const patienceMs = 120_000;

export async function startKafkaCluster(folder: string, dataDir: string, count: number): Promise<KafkaCluster> {
  await mkdir(folder, { recursive: true });
  const targets: string[] = [];
  const proxies = await Promise.all(Array.from({ length: count }, (_, n) => cuttableProxy(() => targets[n] ?? '')));
  const brokers = await startCluster(
    proxies.map(({ port }, n) => ({ dataDir: join(folder, `broker-${n + 1}`), proxyPort: port })),
  );
  targets.push(...brokers.map(({ behindProxy }) => behindProxy));
  const [first, second, third, fourth] = await freePorts(4);
  const settings = { SLUICE_KAFKA_BROKERS: brokers.map(({ address }) => address).join(','), SLUICE_KAFKA_PARTITIONS: '2' };
  const member = (name: string, port: number, more: Record<string, string>) =>
    new Member(name, dataDir, { ...settings, SLUICE_HTTP_PORT: String(port), ...more });
  const cuttable = { SLUICE_KAFKA_BROKERS: proxies.map(({ port }) => `127.0.0.1:${port}`).join(',') };
  const warehouse = { SLUICE_ROLE: 'warehouse' };
  const warehouses = [member('warehouse 1', first, warehouse), member('warehouse 2', second, { ...warehouse, ...cuttable })];
  const receiver = {
    SLUICE_ROLE: 'receiver',
    SLUICE_OWNER_URLS: warehouses.map(({ url }) => url).join(','),
    SLUICE_OWNER_TOKEN: tokenOf('admin'),
  };
  const receivers = [member('receiver 1', third, { ...receiver, ...cuttable }), member('receiver 2', fourth, receiver)];
  const members = [...receivers, ...warehouses];
  return {
    ...{ brokers, proxies, receivers, warehouses, settings },
    owner: async () => {
      for (const until = performance.now() + patienceMs; performance.now() < until; await sleep(100)) {
        for (const { url } of warehouses) {
          const answer = await fetch(`${url}/readyz`).then(
            async (response) => (await response.json()) as Readiness,
            () => null,
          );
          if (answer !== null && answer.status !== 'standby' && answer.checks['warehouse'] === 'ok') return url;
        }
      }
      throw new Error(`no warehouse serves: ${members.flatMap(({ endings }) => endings.at(-1)?.words ?? []).join('\n')}`);
    },
    stop: async () => {
      const codes = await Promise.all(members.map(async (one) => ({ name: one.name, code: await one.stop() })));
      return codes.filter(({ code }) => code !== 0).map(({ name, code }) => `${name} ended with code ${code}`);
    },
    dispose: async () => {
      await Promise.all(members.map((one) => one.stop()));
      await Promise.all(brokers.map((one) => one.dispose()));
      await Promise.all(proxies.map((one) => one.close()));
    },
  };
}
