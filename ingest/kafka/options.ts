/** How to reach a Kafka cluster and what the topics are like. A plain object; the settings SLUICE_KAFKA_* make one. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are found through them. */
  brokers: readonly string[];
  /** The name under which brokers log and limit this client. */
  clientId: string;
  /** Stands before the names of the three topics, and names the consumer group that lag monitors look at. */
  topicPrefix: string;
  /** TLS: the system's certificates (`true`), or PEM texts; `false` sends everything in the clear. */
  tls: boolean | { ca?: string; cert?: string; key?: string };
  sasl: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string } | null;
  /** gzip saves disk and network, and costs the reader three times the processor time (measured). */
  compression: 'none' | 'gzip';
  /** Of the topics of webhooks and of events when they are created. Commands have one: their order holds. */
  partitions: number;
  /** Copies of each record in topics that are created; null = 3, or as many as there are brokers. */
  replication: number | null;
  /** How long webhooks and events stay in topics that are created, ms. Commands stay for ever. */
  retentionMs: number;
  /** Largest body of one record. */
  maxRecordBytes: number;
  /** Whether the quarantine is mirrored into a topic. */
  deadLetters: boolean;
  /** Whether topics that are missing are created. */
  createTopics: boolean;
  /** After this long an append that got no answer is refused, ms. */
  appendTimeoutMs: number;
}

/** What holds where nothing else is said. */
export const kafkaDefaults: Omit<KafkaOptions, 'brokers'> = {
  clientId: 'sluice',
  topicPrefix: 'sluice.',
  tls: false,
  sasl: null,
  compression: 'none',
  partitions: 3,
  replication: null,
  retentionMs: 7 * 86_400_000,
  maxRecordBytes: 4 * 2 ** 20,
  deadLetters: false,
  createTopics: true,
  appendTimeoutMs: 10_000,
};

/** Told of what goes on below: once per kind of trouble, not once per retry. */
export type KafkaReport = (text: string, detail: Record<string, unknown>) => void;
