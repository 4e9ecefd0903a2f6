import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';
import { kafkaClient } from './client.ts';
import { kafkaError } from './errors.ts';
import type { KafkaOptions, KafkaReport } from './options.ts';
import { seldomReport } from './seldom-report.ts';
import { deadLetterTopic, ensureDeadLetterTopic } from './topics.ts';

/** Something that was set aside, as the quarantine has it. */
export interface DeadLetter {
  partition: string;
  offset: bigint;
  /** Which update or event of the record, from 0; -1 is the record as a whole. */
  item: number;
  kind: string;
  /** Microseconds since 1970. */
  receivedAt: bigint;
  reason: string;
  detail: string;
  body: Uint8Array;
}

/** The topic that mirrors the quarantine, for those who watch Kafka. Nothing of ours reads it back. */
export class DeadLetterTopic {
  private constructor(
    private readonly producer: Producer,
    private readonly options: KafkaOptions,
  ) {}

  /** @throws SluiceError `log_unavailable`, `kafka_refused`, `kafka_topic_missing` */
  static async open(options: KafkaOptions, report: KafkaReport): Promise<DeadLetterTopic> {
    const kafka = kafkaClient(options, seldomReport(report));
    const admin = kafka.admin();
    try {
      await admin.connect();
      await ensureDeadLetterTopic(admin, options);
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        idempotent: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      return new DeadLetterTopic(producer, options);
    } catch (error) {
      throw kafkaError(error, 'the dead-letter topic cannot be opened');
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /**
   * Resolves when all copies in step have them. The key names the item, so that whoever meets it twice knows it.
   * @throws SluiceError `log_unavailable`, `kafka_refused`
   */
  async write(letters: readonly DeadLetter[]): Promise<void> {
    const { appendTimeoutMs, compression, maxRecordBytes } = this.options;
    const messages = letters.map(({ partition, offset, item, kind, receivedAt, reason, detail, body }) => ({
      partition: 0,
      key: `${partition}/${offset}/${item}`,
      // the record may fill its own topic's limit; here it would stand beside its reason
      value: body.byteLength > maxRecordBytes - reasonBytes ? null : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      headers: {
        source_partition: partition,
        source_offset: String(offset),
        item: String(item),
        kind,
        reason,
        detail,
        received_us: String(receivedAt),
        body_bytes: String(body.byteLength),
      },
    }));
    try {
      const gzip = compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
      await this.producer.send({
        topic: deadLetterTopic(this.options),
        acks: -1,
        timeout: appendTimeoutMs,
        compression: gzip,
        messages,
      });
    } catch (error) {
      throw kafkaError(error, 'the dead-letter topic cannot be written');
    }
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }
}

/** Room for the headers: a detail has 400 characters at the most. */
const reasonBytes = 4096;
