import { z } from 'zod';
import { kafkaDefaults } from '../ingest/kafka/options.ts';
import { boolean, count, list } from './setting-schema.ts';
import type { Setting } from './settings.ts';

/** The settings of the Kafka log: see Setting. */
export const kafkaSettings = {
  SLUICE_KAFKA_BROKERS: {
    meaning:
      'Kafka brokers, host:port, comma list. Absent = the embedded log. docs/kafka.md tells what the settings below mean together.',
    example: '<host:port>,<host:port>',
    schema: z
      .string()
      .transform(list)
      .refine(
        (brokers) => brokers.every((broker) => /^[A-Za-z0-9.\-[\]:]+:[0-9]{1,5}$/.test(broker)),
        'has an entry that is not host:port',
      ),
  },
  SLUICE_KAFKA_CLIENT_ID: {
    meaning: 'The name under which brokers log, limit and count this client.',
    default: kafkaDefaults.clientId,
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'is not made of 1 to 100 of A-Z a-z 0-9 . _ -'),
  },
  SLUICE_KAFKA_TOPIC_PREFIX: {
    meaning: 'Stands before the names of the three topics (webhooks, events, commands). One running Sluice a prefix.',
    default: kafkaDefaults.topicPrefix,
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'is not made of 1 to 100 of A-Z a-z 0-9 . _ -'),
  },
  SLUICE_KAFKA_TLS: {
    meaning: 'Whether the brokers are reached over TLS: true or false.',
    default: 'false',
    schema: boolean,
  },
  SLUICE_KAFKA_TLS_CA_FILE: {
    meaning: "File with the certificates (PEM) of the authority that signed the brokers' ones; absent = those of the system.",
    schema: z.string(),
  },
  SLUICE_KAFKA_TLS_CERT_FILE: {
    meaning: 'File with the client certificate (PEM), for clusters that ask for one; with SLUICE_KAFKA_TLS_KEY_FILE.',
    schema: z.string(),
  },
  SLUICE_KAFKA_TLS_KEY_FILE: {
    meaning: 'File with the key (PEM, not encrypted) of the client certificate.',
    schema: z.string(),
  },
  SLUICE_KAFKA_SASL_MECHANISM: {
    meaning: 'How to log in: plain, scram-sha-256 or scram-sha-512. Absent = no log-in. Use plain over TLS only.',
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], {
      error: 'is none of plain, scram-sha-256, scram-sha-512',
    }),
  },
  SLUICE_KAFKA_SASL_USERNAME: { meaning: 'The user of SLUICE_KAFKA_SASL_MECHANISM.', schema: z.string() },
  SLUICE_KAFKA_SASL_PASSWORD: { meaning: 'The password of SLUICE_KAFKA_SASL_USERNAME.', schema: z.string() },
  SLUICE_KAFKA_COMPRESSION: {
    meaning:
      'How records are compressed: none, or gzip, which saves network and disk and costs three times the processor time to read.',
    default: kafkaDefaults.compression,
    schema: z.enum(['gzip', 'none'], { error: 'is neither gzip nor none (other codecs need a native part: see docs/kafka.md)' }),
  },
  SLUICE_KAFKA_DEAD_LETTERS: {
    meaning: 'Whether what is set aside is also written to the topic <prefix>dead-letters, bodies and all: true or false.',
    default: String(kafkaDefaults.deadLetters),
    schema: boolean,
  },
  SLUICE_KAFKA_CREATE_TOPICS: {
    meaning: 'Whether topics that are missing are created, with the four settings below.',
    default: 'true',
    schema: boolean,
  },
  SLUICE_KAFKA_PARTITIONS: {
    meaning: 'Partitions of the topics of webhooks and of events. Commands have one, because their order counts.',
    default: String(kafkaDefaults.partitions),
    schema: count(1, 1000),
  },
  SLUICE_KAFKA_REPLICATION: {
    meaning: 'Copies of each record. Absent = 3, or as many as there are brokers.',
    example: '<3>',
    schema: count(1, 100),
  },
  SLUICE_KAFKA_RETENTION_HOURS: {
    meaning:
      'How long webhooks and events stay in their topics. The warehouse must not lag more than this; the archive keeps them for good.',
    default: String(kafkaDefaults.retentionMs / 3_600_000),
    schema: count(1, 1_000_000),
  },
  SLUICE_KAFKA_MAX_RECORD_BYTES: {
    meaning: 'Largest record that is taken, bytes. Topics need a max.message.bytes of at least 1024 more.',
    default: String(kafkaDefaults.maxRecordBytes),
    schema: count(1024, 2 ** 30),
  },
} as const satisfies Record<string, Setting>;
