import { Partitioners } from 'kafkajs';
import type { EventLog } from '../event-log.ts';
import type { LogRecord, NewRecord, Place, Positions, RecordKind } from '../record.ts';
import { KafkaArchiveSource } from './archive-source.ts';
import { kafkaClient, kafkaCluster } from './client.ts';
import { kafkaError } from './errors.ts';
import type { KafkaOptions, KafkaReport } from './options.ts';
import { KafkaReader } from './reader.ts';
import { seldomReport } from './seldom-report.ts';
import { ensureTopics, topicNames } from './topics.ts';
import { KafkaWriter } from './writer.ts';

/** How to open the log: the cluster and, where it is to be heard, a report of troubles that mend themselves. */
export interface KafkaLogOptions extends KafkaOptions {
  report?: KafkaReport;
}

/** The event log on Kafka topics: see EventLog for its promises, KafkaWriter and KafkaReader for how they are kept. */
export class KafkaLog implements EventLog {
  /** Below these positions everything is in the warehouse. */
  private appliedTo: Positions = new Map();

  private constructor(
    private readonly writer: KafkaWriter,
    private readonly reader: KafkaReader,
    private readonly options: KafkaLogOptions,
  ) {}

  /**
   * Connects, looks at the topics (creating them where allowed) and opens both sides.
   * @throws SluiceError `log_unavailable`, `kafka_refused`, `kafka_topic_missing`, `kafka_topic_invalid`
   */
  static async open(options: KafkaLogOptions): Promise<KafkaLog> {
    const writer = await KafkaLog.openWriter(options);
    try {
      return new KafkaLog(writer, await openReader(options), options);
    } catch (error) {
      await writer.close();
      throw kafkaError(error, 'the topics cannot be read');
    }
  }

  /**
   * The writing side alone, for receivers: no positions, no reading rights needed.
   * @throws SluiceError as `open`
   */
  static async openWriter({ report = () => undefined, ...options }: KafkaLogOptions): Promise<KafkaWriter> {
    const kafka = kafkaClient(options, seldomReport(report));
    const admin = kafka.admin();
    try {
      await admin.connect();
      await ensureTopics(admin, options);
      const names = Object.values(topicNames(options.topicPrefix));
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        idempotent: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      return new KafkaWriter(producer, options, new Map(topics.map(({ name, partitions }) => [name, partitions.length])));
    } catch (error) {
      throw kafkaError(error, `no connection to ${options.brokers.join(', ')}`);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  append(kind: RecordKind, body: Uint8Array, receivedAt: bigint): Promise<Place> {
    return this.writer.append(kind, body, receivedAt);
  }

  appendAll(kind: RecordKind, records: readonly NewRecord[]): Promise<Place> {
    return this.writer.appendAll(kind, records);
  }

  read(from: Positions, maxBytes: number): Promise<LogRecord[]> {
    return this.reader.read(from, maxBytes);
  }

  waitFor(from: Positions, timeoutMs: number): Promise<void> {
    return this.reader.waitFor(from, timeoutMs);
  }

  end(): Promise<Positions> {
    return this.reader.end();
  }

  /** Per partition the oldest record that the topics still hold. */
  start(): Promise<Positions> {
    return this.reader.start();
  }

  /** The topics as something to archive. @param now milliseconds since 1970 */
  archivable(now: () => number): KafkaArchiveSource {
    const { reader, options } = this;
    return new KafkaArchiveSource(reader, options, options.report ?? (() => undefined), now, () => this.appliedTo);
  }

  applied(positions: Positions): Promise<void> {
    this.appliedTo = positions;
    return this.reader.applied(positions);
  }

  /** Bytes that wait for their acknowledgement. */
  get queuedBytes(): number {
    return this.writer.queuedBytes;
  }

  async close(): Promise<void> {
    await this.writer.close();
    await this.reader.close();
  }
}

async function openReader({ report: all = () => undefined, ...options }: KafkaLogOptions): Promise<KafkaReader> {
  const report = seldomReport(all);
  const kafka = kafkaClient(options, report);
  const clusters = [kafkaCluster(kafka), kafkaCluster(kafka)] as const;
  for (const cluster of clusters) {
    await cluster.connect();
    await cluster.addMultipleTargetTopics(Object.values(topicNames(options.topicPrefix)));
  }
  return new KafkaReader(...clusters, options, report);
}
