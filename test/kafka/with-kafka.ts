import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { required } from '../shared.ts';
import { type Broker, type BrokerOptions, startBroker } from './broker.ts';

// biome-ignore lint/style/noProcessEnv: tests learn from outside which broker to use
const { SLUICE_TEST_KAFKA, PATH = '' } = process.env;

const onPath = (command: string) => PATH.split(delimiter).some((folder) => existsSync(join(folder, command)));

/** What keeps this machine from starting a broker; undefined when nothing does. */
function obstacle(): string | undefined {
  if (!onPath('java')) return 'no Java (17 or later)';
  return onPath('mvn') ? undefined : 'no Maven';
}

/** Tests that start brokers themselves: skipped or failed as those of `describeWithKafka`. */
export function describeWhereKafkaStarts(name: string, tests: () => void): void {
  describeUnless(obstacle(), name, tests);
}

function describeUnless(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) describe(name, tests);
  else if (required('kafka')) {
    it(`${name}: needs a Kafka broker`, () => {
      throw new Error(`There is ${missing}. Install both, or set SLUICE_TEST_KAFKA to host:port of a broker.`);
    });
  } else it.skip(`${name} (skipped: ${missing}; set SLUICE_TEST_KAFKA to host:port of a broker)`, () => undefined);
}

/**
 * Tests that need a broker and leave it running: the one that SLUICE_TEST_KAFKA names, else one started for this file. Skipped where
 * neither can be had, failed there when SLUICE_TEST_REQUIRE names "kafka".
 */
export function describeWithKafka(name: string, tests: (address: () => string) => void): void {
  if (SLUICE_TEST_KAFKA) return void describe(name, () => tests(() => SLUICE_TEST_KAFKA));
  describeWithOwnKafka(name, {}, (broker) => tests(() => broker().address));
}

/** Tests that stop, kill or set up their broker: always one of their own. */
export function describeWithOwnKafka(name: string, options: BrokerOptions, tests: (broker: () => Broker) => void): void {
  describeUnless(obstacle(), name, () => {
    let broker: Broker | undefined;
    beforeAll(async () => {
      broker = await startBroker(options);
    }, 300_000);
    afterAll(async () => broker?.dispose());
    tests(() => {
      if (broker === undefined) throw new Error('the broker is not running');
      return broker;
    });
  });
}
