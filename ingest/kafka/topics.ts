import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { SluiceError } from '../../sql/errors.ts';
import type { RecordKind } from '../record.ts';
import { recordKinds } from '../record.ts';
import { kafkaError } from './errors.ts';
import type { KafkaOptions } from './options.ts';

// Node finds no more than some names of a CommonJS module by itself: https://nodejs.org/api/esm.html#commonjs-namespaces
const { ConfigResourceTypes } = kafkajs;

/** What a record may weigh beside its body: header, lengths and the batch around it. */
const overheadBytes = 1024;

/** The topic of each kind of record. */
export function topicNames(prefix: string): Record<RecordKind, string> {
  return { webhook: `${prefix}webhooks`, event: `${prefix}events`, command: `${prefix}commands` };
}

/** The topic that mirrors the quarantine, where it is wanted. */
export function deadLetterTopic({ topicPrefix }: Pick<KafkaOptions, 'topicPrefix'>): string {
  return `${topicPrefix}dead-letters`;
}

/** A partition's name in positions and facts: `<topic>/<n>`. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/**
 * Makes sure that the three topics exist, creating what is missing if that is allowed.
 * @throws SluiceError `kafka_topic_missing`, `kafka_refused`, `kafka_topic_invalid` when a topic would lose records or refuse ours,
 * `log_unavailable`
 */
export async function ensureTopics(admin: Admin, options: KafkaOptions): Promise<void> {
  try {
    const existing = new Set(await admin.listTopics());
    const names = topicNames(options.topicPrefix);
    const missing = recordKinds.filter((kind) => !existing.has(names[kind]));
    if (missing.length > 0) {
      if (!options.createTopics) throw topicMissing(missing.map((kind) => names[kind]));
      const { brokers } = await admin.describeCluster();
      const replication = options.replication ?? Math.min(3, brokers.length);
      await admin.createTopics({
        waitForLeaders: false,
        topics: missing.map((kind) => topicConfig(names[kind], kind, replication, options)),
      });
    }
    await untilLed(admin, Object.values(names));
    await checkTopics(admin, Object.values(names), options);
  } catch (error) {
    throw kafkaError(error, 'the topics could not be looked at');
  }
}

/**
 * Makes sure that the dead-letter topic exists: one partition, kept as long as webhooks are.
 * @throws what kafkajs throws, SluiceError `kafka_topic_missing`
 */
export async function ensureDeadLetterTopic(admin: Admin, options: KafkaOptions): Promise<void> {
  const topic = deadLetterTopic(options);
  if (!(await admin.listTopics()).includes(topic)) {
    if (!options.createTopics) throw topicMissing([topic]);
    const { brokers } = await admin.describeCluster();
    const config = topicConfig(topic, 'webhook', options.replication ?? Math.min(3, brokers.length), options);
    await admin.createTopics({ waitForLeaders: false, topics: [{ ...config, numPartitions: 1 }] });
  }
  await untilLed(admin, [topic]);
}

/** Answers that a broker gives of a topic that was made a moment ago. kafkajs waits out the second only. */
const notYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const patienceMs = 10_000;

/** Resolves when the brokers know these topics, which exist, and their leaders. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  for (const until = performance.now() + patienceMs; ; await sleep(50)) {
    try {
      await admin.fetchTopicMetadata({ topics });
      return;
    } catch (error) {
      if (!notYet.has((error as { type?: string }).type ?? '') || performance.now() > until) throw error;
    }
  }
}

/**
 * Nothing is compacted: every record is history that a rebuild needs. With three copies, two must have a record before it counts as
 * written: acks=all alone waits only for the copies that happen to be in step, which may be the leader alone.
 */
function topicConfig(topic: string, kind: RecordKind, replication: number, options: KafkaOptions): ITopicConfig {
  const entries = {
    'cleanup.policy': 'delete',
    'retention.ms': kind === 'command' ? -1 : options.retentionMs,
    'retention.bytes': -1,
    'max.message.bytes': options.maxRecordBytes + overheadBytes,
    'min.insync.replicas': Math.max(1, replication - 1),
    'unclean.leader.election.enable': false,
    'message.timestamp.type': 'LogAppendTime',
  };
  return {
    topic,
    numPartitions: kind === 'command' ? 1 : options.partitions,
    replicationFactor: replication,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value: String(value) })),
  };
}

/** Refuses topics that someone made so that records would vanish or be turned away. Skipped where describing them is not allowed. */
async function checkTopics(admin: Admin, topics: string[], { maxRecordBytes }: KafkaOptions): Promise<void> {
  const resources = topics.map((name) => ({
    type: ConfigResourceTypes.TOPIC,
    name,
    configNames: ['cleanup.policy', 'max.message.bytes'],
  }));
  const described = await admin.describeConfigs({ resources, includeSynonyms: false }).catch((error) => {
    if (error?.type === 'TOPIC_AUTHORIZATION_FAILED') return { resources: [] };
    throw error;
  });
  for (const { resourceName, configEntries } of described.resources) {
    const value = (name: string) => configEntries.find(({ configName }) => configName === name)?.configValue;
    const wrong = (detail: string) => new SluiceError('kafka_topic_invalid', { detail: `${resourceName}: ${detail}` });
    if (value('cleanup.policy')?.includes('compact'))
      throw wrong('cleanup.policy is compact, so records would vanish; set delete');
    const most = Number(value('max.message.bytes') ?? Number.POSITIVE_INFINITY);
    if (most < maxRecordBytes + overheadBytes) {
      throw wrong(`max.message.bytes is ${most}, but records may have ${maxRecordBytes + overheadBytes} bytes`);
    }
  }
}

export function topicMissing(topics: readonly string[]): SluiceError {
  return new SluiceError('kafka_topic_missing', { detail: topics.join(', ') });
}
