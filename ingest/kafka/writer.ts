import { CompressionTypes, type Producer } from 'kafkajs';
import { SluiceError } from '../../sql/errors.ts';
import type { EventLogWriter } from '../event-log.ts';
import type { FrameItem } from '../frame.ts';
import { GroupCommit } from '../group-commit.ts';
import { type NewRecord, type Place, type RecordKind, recordKinds } from '../record.ts';
import { kafkaError } from './errors.ts';
import type { KafkaOptions } from './options.ts';
import { partitionName, topicNames } from './topics.ts';

/** Name of the header that holds when a record was accepted: microseconds since 1970 as text. */
export const receivedHeader = 'received_us';

const queueBytes = 64 * 2 ** 20;
/** After a failed send the next try of its partition waits this long, so that refusing stays cheap. */
const retryMs = 250;

/** One partition with its queue: one send is under way at a time, so that its order is the order of the appends. */
interface Lane {
  partition: string;
  queue: GroupCommit;
}

/**
 * Appends to the topics, acks=all. What arrives while a send is under way goes out together in the next one.
 *
 * The producer is not idempotent. In kafkajs a send that was given up gives its sequence numbers back: if it had been written and only
 * its answer was lost, the broker takes the next batch for a repetition and acknowledges it without storing it. A doubled record does
 * no harm (facts are deduplicated by content), a lost one does. See https://github.com/tulios/kafkajs/issues/598 and, for the session
 * that does not recover either, https://github.com/platformatic/kafka/issues/309.
 */
export class KafkaWriter implements EventLogWriter {
  private readonly lanes: Record<RecordKind, Lane[]>;
  /** Which lane of a kind collects now: the next one's turn comes when it sends, so that batches are full and partitions even. */
  private readonly turn: Record<RecordKind, number> = { webhook: 0, event: 0, command: 0 };
  private closing: Promise<void> | undefined;

  constructor(
    private readonly producer: Producer,
    private readonly options: KafkaOptions,
    partitions: ReadonlyMap<string, number>,
  ) {
    const names = topicNames(options.topicPrefix);
    const lanesOf = (kind: RecordKind) => {
      // one partition for all commands, whatever the topic has
      const count = kind === 'command' ? 1 : (partitions.get(names[kind]) ?? 1);
      return Array.from({ length: count }, (_, partition) => this.lane(kind, names[kind], partition));
    };
    this.lanes = { webhook: lanesOf('webhook'), event: lanesOf('event'), command: lanesOf('command') };
  }

  /** Bytes that wait for their acknowledgement. */
  get queuedBytes(): number {
    return recordKinds.flatMap((kind) => this.lanes[kind]).reduce((sum, { queue }) => sum + queue.queuedBytes, 0);
  }

  /** The body must not change until the promise settles. */
  append(kind: RecordKind, body: Uint8Array, receivedAt: bigint): Promise<Place> {
    return this.appendAll(kind, [{ body, receivedAt }]);
  }

  /** One send to one partition: the broker takes its batch of records whole or refuses it, so their bytes count together. */
  async appendAll(kind: RecordKind, records: readonly NewRecord[]): Promise<Place> {
    if (this.closing !== undefined) throw new SluiceError('log_unavailable', { detail: 'the log is closed' });
    const { maxRecordBytes } = this.options;
    let bytes = 0;
    for (const { body, receivedAt } of records) {
      if (receivedAt < 0n) throw new RangeError(`receivedAt must not be negative: ${receivedAt}`);
      bytes += body.byteLength;
    }
    if (bytes > maxRecordBytes) {
      throw new SluiceError('record_too_large', { detail: `it has ${bytes} bytes, the limit is ${maxRecordBytes}` });
    }
    const lanes = this.lanes[kind];
    const { partition, queue } = lanes[this.turn[kind] % lanes.length] as Lane;
    const offset = await queue.add(records.map((record) => ({ kind, ...record })));
    return { partition, offset: BigInt(offset) };
  }

  private lane(kind: RecordKind, topic: string, partition: number): Lane {
    let retryAt = 0;
    const queue = new GroupCommit({
      // little: kafkajs copies the list of messages once a message to group them
      commitBytes: 2 ** 18,
      queueBytes,
      commit: async (items) => {
        this.turn[kind] += 1;
        if (performance.now() < retryAt) {
          throw new SluiceError('log_unavailable', { detail: 'the last send failed; trying again shortly' });
        }
        try {
          return await this.send(topic, partition, items);
        } catch (error) {
          retryAt = performance.now() + retryMs;
          throw kafkaError(error, `${partitionName(topic, partition)} cannot be written`);
        }
      },
    });
    return { partition: partitionName(topic, partition), queue };
  }

  private async send(topic: string, partition: number, items: readonly FrameItem[]): Promise<number> {
    const { appendTimeoutMs, compression } = this.options;
    const sent = this.producer.send({
      topic,
      acks: -1,
      timeout: appendTimeoutMs,
      compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: items.map(({ body, receivedAt }) => ({
        partition,
        value: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        headers: { [receivedHeader]: String(receivedAt) },
      })),
    });
    const [place] = await within(sent, appendTimeoutMs);
    return Number(place?.baseOffset);
  }

  close(): Promise<void> {
    this.closing ??= Promise.all(recordKinds.flatMap((kind) => this.lanes[kind]).map(({ queue }) => queue.idle())).then(() =>
      this.producer.disconnect(),
    );
    return this.closing;
  }
}

/** The promise's end, or a refusal after `ms`: kafkajs may go on trying, and its record may still come. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no acknowledgement within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
