import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { type KafkaOptions, kafkaDefaults } from '../../ingest/kafka/options.ts';
import { topicNames } from '../../ingest/kafka/topics.ts';

/** Options of a log of its own on a broker that others use too. */
export function ownTopics(address: string, more: Partial<KafkaOptions> = {}): KafkaOptions {
  return { ...kafkaDefaults, brokers: [address], topicPrefix: `t${randomUUID().slice(0, 8)}.`, partitions: 1, ...more };
}

/** Removes the topics of a log. */
export async function removeTopics({ brokers, topicPrefix }: KafkaOptions): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: Object.values(topicNames(topicPrefix)) }).catch(() => undefined);
  await admin.disconnect();
}
