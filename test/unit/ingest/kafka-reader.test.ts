import { expect, it } from 'vitest';
import type { KafkaBroker, KafkaCluster } from '../../../ingest/kafka/client.ts';
import { kafkaDefaults } from '../../../ingest/kafka/options.ts';
import { KafkaReader } from '../../../ingest/kafka/reader.ts';

const body = Buffer.alloc(100_000);
/** Of a batch: a broker answers with whole ones. */
const batch = 5;

/** A cluster of one broker whose topics have this many records in each of two partitions. */
function clusterOf(count: number): KafkaCluster {
  const offsetsFrom = (first: number) => Array.from({ length: Math.min(batch, count - first) }, (_, n) => String(first + n));
  let fetches = 0;
  const broker: KafkaBroker = {
    offsetCommit: async () => undefined,
    fetch: async ({ topics }) => {
      fetches += 1;
      if (fetches > (3 * 6 * count) / batch)
        throw new Error('it was asked three times as often as its six partitions have batches');
      const responses = topics.map(({ topic, partitions }) => ({
        topicName: topic,
        partitions: partitions.map(({ partition, fetchOffset }) => ({
          partition,
          highWatermark: String(count),
          messages: offsetsFrom(Number(fetchOffset)).map((offset) => ({
            ...{ key: null, value: body, timestamp: '1', attributes: 0, offset },
            headers: { received_us: Buffer.from('1') },
          })),
        })),
      }));
      return { responses };
    },
  };
  const nothing = async () => undefined;
  return {
    ...{ connect: nothing, disconnect: nothing, addMultipleTargetTopics: nothing },
    ...{ refreshMetadata: nothing, refreshMetadataIfNecessary: nothing, removeBroker: () => undefined },
    findBroker: async () => broker,
    findGroupCoordinator: async () => broker,
    findTopicPartitionMetadata: () => [0, 1].map((partitionId) => ({ partitionId, leader: 1 })),
    fetchTopicsOffset: async () => [],
  };
}

it('readers that ask for more together than is kept at once all get what they asked for', async () => {
  const cluster = clusterOf(10_000);
  const options = { ...kafkaDefaults, brokers: ['unused:1'], topicPrefix: 't.' };
  const reader = new KafkaReader(cluster, cluster, options, () => undefined);
  const asked = 12 * 2 ** 20;
  const places = ['t.webhooks/0', 't.webhooks/1', 't.events/0'];
  const all = [reader.read(new Map(), asked), ...places.map((name) => reader.readPartition(name, 500n, asked))];
  for (const records of await Promise.all(all)) {
    const bytes = records.reduce((sum, one) => sum + one.body.byteLength, 0);
    expect(bytes).toBeGreaterThan(asked / 2);
    expect(bytes).toBeLessThanOrEqual(asked);
  }
  await reader.close();
});

it('a reader far behind and an archive that follows it reach the end, however long that is', async () => {
  const count = 500;
  const cluster = clusterOf(count);
  const reader = new KafkaReader(cluster, cluster, { ...kafkaDefaults, brokers: [], topicPrefix: 't.' }, () => undefined);
  const at = new Map<string, bigint>();
  const archived = new Map<string, bigint>();
  const archive = async (name: string, below: bigint) => {
    for (let next = archived.get(name) ?? 0n; next < below; archived.set(name, next)) {
      next += BigInt((await reader.readPartition(name, next, 2 ** 20)).length);
    }
  };
  for (;;) {
    const records = await reader.read(at, 4 * 2 ** 20);
    if (records.length === 0) break;
    const before = new Map(at);
    for (const { partition, offset } of records) at.set(partition, offset + 1n);
    await Promise.all([...before].map(([name, next]) => archive(name, next)));
  }
  expect(new Set(at.values())).toEqual(new Set([BigInt(count)]));
  await reader.close();
});
