import { readFileSync } from 'node:fs';
import { type KafkaOptions, kafkaDefaults } from '../ingest/kafka/options.ts';
import type { Values } from './config.ts';

/**
 * What the settings SLUICE_KAFKA_* come to together; null when no brokers are named. What does not fit together is added to `wrong`,
 * one sentence each, without values.
 */
export function kafkaOf(values: Values, wrong: string[]): KafkaOptions | null {
  const brokers = values.SLUICE_KAFKA_BROKERS;
  if (brokers === undefined || brokers.length === 0) return null;
  return {
    ...kafkaDefaults,
    brokers,
    clientId: values.SLUICE_KAFKA_CLIENT_ID ?? kafkaDefaults.clientId,
    topicPrefix: values.SLUICE_KAFKA_TOPIC_PREFIX ?? kafkaDefaults.topicPrefix,
    tls: tlsOf(values, wrong),
    sasl: saslOf(values, wrong),
    compression: values.SLUICE_KAFKA_COMPRESSION ?? kafkaDefaults.compression,
    partitions: values.SLUICE_KAFKA_PARTITIONS ?? kafkaDefaults.partitions,
    replication: values.SLUICE_KAFKA_REPLICATION ?? null,
    retentionMs: (values.SLUICE_KAFKA_RETENTION_HOURS ?? 0) * 3_600_000,
    maxRecordBytes: values.SLUICE_KAFKA_MAX_RECORD_BYTES ?? kafkaDefaults.maxRecordBytes,
    deadLetters: values.SLUICE_KAFKA_DEAD_LETTERS ?? kafkaDefaults.deadLetters,
    createTopics: values.SLUICE_KAFKA_CREATE_TOPICS ?? kafkaDefaults.createTopics,
  };
}

function tlsOf(values: Values, wrong: string[]): KafkaOptions['tls'] {
  const files = { ca: 'SLUICE_KAFKA_TLS_CA_FILE', cert: 'SLUICE_KAFKA_TLS_CERT_FILE', key: 'SLUICE_KAFKA_TLS_KEY_FILE' } as const;
  const named = Object.entries(files).filter(([, setting]) => values[setting] !== undefined);
  if (!values.SLUICE_KAFKA_TLS) {
    for (const [, setting] of named) wrong.push(`${setting} is set, but SLUICE_KAFKA_TLS is not true`);
    return false;
  }
  if ((values.SLUICE_KAFKA_TLS_CERT_FILE === undefined) !== (values.SLUICE_KAFKA_TLS_KEY_FILE === undefined)) {
    wrong.push('SLUICE_KAFKA_TLS_CERT_FILE and SLUICE_KAFKA_TLS_KEY_FILE go together, but one is missing');
  }
  const texts = named.flatMap(([part, setting]) => {
    try {
      return [[part, readFileSync(values[setting] ?? '', 'utf8')]];
    } catch {
      wrong.push(`${setting} names a file that cannot be read`);
      return [];
    }
  });
  return texts.length === 0 ? true : (Object.fromEntries(texts) as { ca?: string; cert?: string; key?: string });
}

function saslOf(values: Values, wrong: string[]): KafkaOptions['sasl'] {
  const {
    SLUICE_KAFKA_SASL_MECHANISM: mechanism,
    SLUICE_KAFKA_SASL_USERNAME: username,
    SLUICE_KAFKA_SASL_PASSWORD: password,
  } = values;
  if (mechanism === undefined) {
    if (username !== undefined || password !== undefined) {
      wrong.push('SLUICE_KAFKA_SASL_MECHANISM is missing, but a user or password is set');
    }
    return null;
  }
  if (username === undefined || password === undefined) {
    wrong.push('SLUICE_KAFKA_SASL_MECHANISM is set, but SLUICE_KAFKA_SASL_USERNAME or SLUICE_KAFKA_SASL_PASSWORD is missing');
    return null;
  }
  return { mechanism, username, password };
}
