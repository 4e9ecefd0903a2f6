import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import { SluiceError } from '../../sql/errors.ts';
import type { EventLogReader } from '../event-log.ts';
import { gapText } from '../log-gap.ts';
import type { LogRecord, Positions, RecordKind } from '../record.ts';
import { recordKinds } from '../record.ts';
import type { KafkaCluster } from './client.ts';
import { isOutOfRange, kafkaError } from './errors.ts';
import { CommittedGauge } from './lag-gauge.ts';
import type { KafkaOptions, KafkaReport } from './options.ts';
import { partitionName, topicMissing, topicNames } from './topics.ts';
import { FetchWindow } from './window.ts';
import { receivedHeader } from './writer.ts';

interface Place {
  topic: string;
  partition: number;
  name: string;
  leader: number;
  kind: RecordKind;
  /** Where the reader stands. */
  from: bigint;
  /** What is to be fetched: behind what is kept for it. */
  next: bigint;
}

const windowBytes = 16 * 2 ** 20;
/**
 * Bytes of bodies that a fetch should bring of each partition, and of all: what comes at once is decoded at once, on the thread that
 * answers HTTP.
 */
const bodyBytes = 2 ** 20;
const answerBytes = 2 * bodyBytes;
/** Least that is asked of each partition, bytes as they stand in the broker; it gives a whole batch anyhow. */
const leastFetch = 2 ** 14;
/** How long a read tries again while the cluster moves or is away, ms. */
const patienceMs = 5000;
/** Longest that the broker holds an answer back: on one connection others wait behind it. */
const pollMs = 100;

/**
 * Reads the topics from the positions that the warehouse keeps, without a consumer group. A group would decide a second time what the
 * warehouse's lock decides already (who applies) and where to go on, and get both wrong at times: it rebalances in loops
 * (https://github.com/tulios/kafkajs/issues/1122), stalls while it looks alive (https://github.com/tulios/kafkajs/issues/659), seeks late
 * (https://github.com/tulios/kafkajs/issues/1363) and jumps over what retention removed, with a line in its log. Kafka's Fetch request
 * is what the port's `read` asks: these positions, this many bytes; what is gone is an error.
 */
export class KafkaReader implements EventLogReader {
  private readonly window = new FetchWindow(windowBytes);
  private readonly gauge: CommittedGauge;
  private readonly kinds: ReadonlyMap<string, RecordKind>;
  /** Rotates, so that a long backlog in one partition does not keep the others waiting. */
  private turn = 0;
  private closed = false;
  /** The fetch under way for the next `read`. */
  private ahead: Promise<void> = Promise.resolve();
  /**
   * Bytes of bodies to each byte asked for, by the newest fetches: Kafka counts compressed bytes, and repetitive bodies shrink to a
   * twentieth. A guess that is too low would fill the memory.
   */
  private swell = 8;

  /** @param waiting another set of connections: an answer that is held back keeps what follows on its connection waiting */
  constructor(
    private readonly cluster: KafkaCluster,
    private readonly waiting: KafkaCluster,
    options: KafkaOptions,
    private readonly report: KafkaReport,
  ) {
    const names = topicNames(options.topicPrefix);
    this.kinds = new Map(recordKinds.map((kind) => [names[kind], kind]));
    this.gauge = new CommittedGauge(waiting, `${options.topicPrefix}warehouse`, report);
  }

  async read(from: Positions, maxBytes: number): Promise<LogRecord[]> {
    await this.ahead;
    const { places, records } = await this.persist(this.cluster, 'the topics cannot be read', () =>
      this.gather(this.places(this.cluster, from), maxBytes),
    );
    if (records.length > 0) this.fetchAhead(places, records, maxBytes);
    return records;
  }

  /** As `read`, of one partition alone: for the archive. */
  async readPartition(name: string, from: bigint, maxBytes: number): Promise<LogRecord[]> {
    const { records } = await this.persist(this.cluster, `${name} cannot be read`, () =>
      this.gather(
        this.places(this.cluster, new Map([[name, from]])).filter((place) => place.name === name),
        maxBytes,
      ),
    );
    return records;
  }

  /** What there is from these places on, up to `maxBytes` of bodies. */
  private gather(places: readonly Place[], maxBytes: number): Promise<{ places: readonly Place[]; records: LogRecord[] }> {
    return this.window.gathering(places, async () => {
      for (;;) {
        const found = await this.fill(places, maxBytes);
        const records = this.collect(places, maxBytes);
        // another reader that stands at the same place may have been quicker
        if (records.length > 0 || !found) return { places, records };
      }
    });
  }

  /** Brings what comes next while what was read is being applied. What fails here is for the next `read` to say. */
  private fetchAhead(places: readonly Place[], records: readonly LogRecord[], bytes: number): void {
    const next = new Map(records.map(({ partition, offset }) => [partition, offset + 1n]));
    const due = places.map((place) => ({ ...place, from: next.get(place.name) ?? place.from }));
    this.ahead = this.window.gathering(due, () => this.fill(due, bytes)).then(ignore, ignore);
  }

  /**
   * Fetches until the window holds this many bytes that follow on these places, a third from one of several, or nothing more comes.
   * Tells whether it holds anything.
   */
  private async fill(places: readonly Place[], bytes: number): Promise<boolean> {
    for (;;) {
      const held = places.map(({ name, from }) => this.window.held(name, from));
      const sum = held.reduce((all, one) => all + one.bytes, 0);
      if (sum >= bytes) return true;
      const short = places.flatMap((place, n) => {
        const { bytes: own = 0, next = place.from } = held[n] ?? {};
        return own < Math.max(bodyBytes, bytes / 3) || places.length === 1 ? [{ ...place, next }] : [];
      });
      try {
        if (short.length === 0 || !(await this.fetch(this.cluster, short, 0))) return sum > 0;
      } catch (error) {
        // what is here is given first; when it is used up, the same trouble is told
        if (sum > 0) return true;
        throw error;
      }
    }
  }

  /** What the window holds from these places on, up to `maxBytes` of bodies; the rest stays in it. */
  private collect(places: readonly Place[], maxBytes: number): LogRecord[] {
    const taken: LogRecord[] = [];
    let room = maxBytes;
    this.turn += 1;
    for (const index of places.keys()) {
      const { name, from } = places[(index + this.turn) % places.length] as Place;
      for (const record of this.window.take(name, from, room, taken.length === 0 ? 1 : 0)) {
        taken.push(record);
        room -= record.body.byteLength;
      }
      if (room <= 0) break;
    }
    return taken;
  }

  async waitFor(from: Positions, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (!this.closed && performance.now() < until) {
      const rest = until - performance.now();
      try {
        const due = this.places(this.waiting, from);
        if (due.some(({ name, from: offset }) => this.window.held(name, offset).bytes > 0)) return;
        if (await this.fetch(this.waiting, due, Math.ceil(Math.min(pollMs, rest)))) return;
      } catch (error) {
        // what is wrong is for `read` to say; a gap is something to read
        if (error instanceof SluiceError && error.code === 'log_gap') return;
        await sleep(Math.min(pollMs, rest));
        await this.waiting.refreshMetadata().catch(() => undefined);
      }
    }
  }

  async end(): Promise<Positions> {
    return this.persist(this.cluster, 'the end of the topics cannot be read', () => this.bounds(false));
  }

  /** Per partition the oldest record that the topics still hold. */
  async start(): Promise<Positions> {
    return this.persist(this.cluster, 'the start of the topics cannot be read', () => this.bounds(true));
  }

  async applied(positions: Positions): Promise<void> {
    this.gauge.note(positions);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.ahead;
    await this.gauge.close();
    await Promise.all([this.cluster.disconnect(), this.waiting.disconnect()]);
  }

  private places(cluster: KafkaCluster, from: Positions): Place[] {
    return [...this.kinds].flatMap(([topic, kind]) => {
      const partitions = cluster.findTopicPartitionMetadata(topic);
      if (partitions.length === 0) throw topicMissing([topic]);
      return partitions.map(({ partitionId: partition, leader }) => {
        const name = partitionName(topic, partition);
        const at = from.get(name) ?? 0n;
        return { topic, partition, name, leader, kind, from: at, next: at };
      });
    });
  }

  /** Fetches from each leader into the window. Tells whether anything came. */
  private async fetch(cluster: KafkaCluster, places: readonly Place[], waitMs: number): Promise<boolean> {
    const leaders = groupByLeader(places);
    const found = await Promise.all([...leaders].map(([leader, due]) => this.fetchFrom(cluster, leader, due, waitMs)));
    return found.includes(true);
  }

  private async fetchFrom(
    cluster: KafkaCluster,
    nodeId: number,
    places: readonly Place[],
    maxWaitTime: number,
  ): Promise<boolean> {
    const broker = await cluster.findBroker({ nodeId });
    const maxBytes = Math.max(leastFetch, Math.round(bodyBytes / this.swell));
    // brokers fill an answer in the order of the question
    const first = this.turn % places.length;
    const turned = [...places.slice(first), ...places.slice(0, first)];
    let found = false;
    try {
      const { responses } = await broker.fetch({
        maxWaitTime,
        minBytes: 1,
        maxBytes: Math.max(maxBytes, Math.round(answerBytes / this.swell)),
        isolationLevel: 0,
        topics: turned.map(({ topic, partition, next }) => ({
          topic,
          partitions: [{ partition, fetchOffset: String(next), maxBytes }],
        })),
      });
      for (const { topicName, partitions } of responses) {
        for (const { partition, messages } of partitions) {
          const place = places.find((one) => one.topic === topicName && one.partition === partition);
          if (place === undefined) continue;
          const records = toRecords(place, messages);
          this.learn(this.window.keep(place.from, records) / maxBytes);
          found ||= records.length > 0;
        }
      }
    } catch (error) {
      if (isOutOfRange(error)) await this.explainGap(places);
      throw error;
    }
    return found;
  }

  /** Follows a rise at once and a fall slowly; what brought little was not full and tells nothing. */
  private learn(swell: number): void {
    if (swell > this.swell) this.swell = swell;
    else if (swell > 0.5) this.swell += (swell - this.swell) / 8;
  }

  /** @throws SluiceError `log_gap` that names what is gone, unless the positions are within bounds after all */
  private async explainGap(places: readonly Place[]): Promise<void> {
    const [start, end] = [await this.bounds(true), await this.bounds(false)];
    for (const { name, next } of places) {
      const [first, last] = [start.get(name) ?? 0n, end.get(name) ?? 0n];
      if (next < first) throw gap(name, next, first);
      if (next > last) {
        throw new SluiceError('log_gap', {
          detail: `${name}: record ${next} was asked for, but the partition ends before ${last}; was the topic made anew?`,
        });
      }
    }
  }

  private async bounds(fromBeginning: boolean): Promise<Positions> {
    const topics = [...this.kinds.keys()].map((topic) => ({
      topic,
      fromBeginning,
      partitions: this.cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId })),
    }));
    const offsets = await this.cluster.fetchTopicsOffset(topics);
    return new Map(
      offsets.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [partitionName(topic, partition), BigInt(offset)] as const),
      ),
    );
  }

  /** Tries for a while: leaders move and brokers restart. @throws SluiceError */
  private async persist<T>(cluster: KafkaCluster, context: string, work: () => Promise<T>): Promise<T> {
    const until = performance.now() + patienceMs;
    for (let wait = 50; ; wait = Math.min(1000, 2 * wait)) {
      if (this.closed) throw new SluiceError('log_unavailable', { detail: 'the log is closed' });
      try {
        await cluster.refreshMetadataIfNecessary();
        return await work();
      } catch (error) {
        if (error instanceof SluiceError && error.code === 'log_gap') throw error;
        if (performance.now() + wait > until) throw kafkaError(error, context);
        this.report(`${context}; trying again`, { error: String(error) });
        forget(cluster, error);
        await sleep(wait);
        await cluster.refreshMetadata().catch(() => undefined);
      }
    }
  }
}

const ignore = () => undefined;

/** Takes a broker that closed its connection out of the pool, so that the next try connects anew. */
function forget(cluster: KafkaCluster, error: unknown): void {
  const { name, host, port } = error as { name?: string; host?: string; port?: number };
  if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined) cluster.removeBroker({ host, port });
}

function groupByLeader(places: readonly Place[]): Map<number, Place[]> {
  const groups = new Map<number, Place[]>();
  for (const place of places) groups.set(place.leader, [...(groups.get(place.leader) ?? []), place]);
  return groups;
}

/** @throws SluiceError `log_gap` when records are missing between others: a compacted topic, or transactions of someone else */
function toRecords({ name, kind, next: wanted }: Place, messages: readonly KafkaMessage[]): LogRecord[] {
  const records: LogRecord[] = [];
  let next = wanted;
  for (const message of messages) {
    const offset = BigInt(message.offset);
    if (offset < wanted) continue;
    if (offset !== next) throw gap(name, next, offset);
    records.push({ partition: name, offset, kind, receivedAt: receivedAt(message), body: message.value ?? new Uint8Array(0) });
    next += 1n;
  }
  return records;
}

/** When it was accepted; for a record that something else wrote, when it reached the topic. */
function receivedAt({ headers, timestamp }: KafkaMessage): bigint {
  const text = headers?.[receivedHeader]?.toString() ?? '';
  return /^[0-9]{1,18}$/.test(text) ? BigInt(text) : BigInt(timestamp) * 1000n;
}

function gap(partition: string, from: bigint, first: bigint): SluiceError {
  return new SluiceError('log_gap', {
    detail: `${gapText({ partition, first: from, next: first })}; retention or compaction removed them unread`,
  });
}
