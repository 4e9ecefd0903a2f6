import type { EventLogWriter } from '../ingest/event-log.ts';
import type { DeadLetterTopic } from '../ingest/kafka/dead-letters.ts';
import type { KafkaLog } from '../ingest/kafka/kafka-log.ts';
import type { KafkaReport } from '../ingest/kafka/options.ts';
import { SluiceError } from '../sql/errors.ts';
import type { Config } from './config.ts';
import type { Logger } from './logger.ts';

/** Troubles of Kafka that mend themselves, as warnings. */
const reportTo =
  (logger: Logger): KafkaReport =>
  (text, detail) =>
    logger.warn(detail, text);

/** Loaded where it is needed: most run on the embedded log. */
const adapter = async (): Promise<typeof KafkaLog> => (await import('../ingest/kafka/kafka-log.ts')).KafkaLog;

/** Opens the log on Kafka where brokers are set; null = the embedded log, which needs the data folder. */
export async function openKafkaLog({ kafka }: Pick<Config, 'kafka'>, logger: Logger): Promise<KafkaLog | null> {
  if (kafka === null) return null;
  return (await adapter()).open({ ...kafka, report: reportTo(logger) });
}

/** The topic that mirrors the quarantine where it is wanted, else null. */
export async function openDeadLetters({ kafka }: Pick<Config, 'kafka'>, logger: Logger): Promise<DeadLetterTopic | null> {
  if (kafka === null || !kafka.deadLetters) return null;
  return (await import('../ingest/kafka/dead-letters.ts')).DeadLetterTopic.open(kafka, reportTo(logger));
}

/**
 * The writing side alone, for receivers.
 * @throws SluiceError `config_invalid` without Kafka: an embedded log belongs to one process
 */
export async function openLogWriter({ kafka }: Pick<Config, 'kafka'>, logger: Logger): Promise<EventLogWriter> {
  if (kafka === null) {
    throw new SluiceError('config_invalid', {
      detail: 'SLUICE_ROLE is receiver, but SLUICE_KAFKA_BROKERS is empty: receivers write to Kafka',
    });
  }
  return (await adapter()).openWriter({ ...kafka, report: reportTo(logger) });
}

/** How the log is named in the first line. */
export function logName({ kafka }: Pick<Config, 'kafka'>): string {
  return kafka === null ? 'embedded log' : `Kafka at ${kafka.brokers.join(', ')}`;
}
