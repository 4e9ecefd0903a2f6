import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaMessage, logLevel, type SASLOptions } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import type { KafkaOptions, KafkaReport } from './options.ts';

/** Longest wait for an answer and for a connection, ms. */
const requestMs = 8000;
const connectMs = 3000;

/**
 * kafkajs 2.2.4 sets a timer after every answer even when nothing waits: 1 ms, for ever, on each connection, with a negative duration
 * that Node 24 warns of (TimeoutNegativeWarning). https://github.com/tulios/kafkajs/issues/1751. A timer is needed only while
 * requests wait.
 */
const retryPendingMs = 10;
RequestQueue.prototype.scheduleCheckPendingRequests = function schedule() {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const wait = Math.max(retryPendingMs, this.throttledUntil - Date.now());
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, wait);
};

/**
 * Small requests go out at once instead of waiting for more (Nagle). While a broker is away kafkajs closes a socket that never opened
 * again and again, each time with one listener more, of which Node warns at the eleventh.
 */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  socket.setKeepAlive(true, 60_000);
  socket.setNoDelay(true);
  socket.setMaxListeners(100);
  return socket;
};

/** A client of the cluster. What kafkajs logs of trouble goes to `report`. */
export function kafkaClient(options: KafkaOptions, report: KafkaReport): Kafka {
  const { brokers, clientId, tls, sasl } = options;
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ssl: typeof tls === 'boolean' ? tls : { ...tls },
    ...(sasl && { sasl: sasl as SASLOptions }),
    socketFactory,
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    // Bounded, so that callers hear of an outage; they go on trying at their own pace.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log: { message, timestamp: _, logger: __, ...detail } }) =>
        report(`${namespace}: ${message}`, detail),
  });
}

/** The requests below kafkajs's consumer groups that the reader makes: a part of its Cluster and Broker. */
export interface KafkaCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  removeBroker(address: { host: string; port: number }): void;
  findBroker(node: { nodeId: number }): Promise<KafkaBroker>;
  findGroupCoordinator(group: { groupId: string }): Promise<KafkaBroker>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

export interface KafkaBroker {
  fetch(request: FetchRequest): Promise<{ responses: FetchedTopic[] }>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
}

export interface FetchRequest {
  /** How long the broker may wait for `minBytes`, ms. */
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  isolationLevel: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
}

export interface FetchedTopic {
  topicName: string;
  partitions: { partition: number; highWatermark: string; messages: KafkaMessage[] }[];
}

const createCluster = 'private:Kafka:createCluster';

/**
 * A set of connections without a consumer group. kafkajs keeps its maker behind a symbol; the version is pinned, and a successor
 * that lacks it fails here, at the start.
 */
export function kafkaCluster(kafka: Kafka): KafkaCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === createCluster);
  const maker = symbol && (kafka as unknown as Record<symbol, unknown>)[symbol];
  if (typeof maker !== 'function') throw new TypeError('this version of kafkajs has no way to its Cluster; 2.2.4 has');
  return maker({ metadataMaxAge: 60_000, allowAutoTopicCreation: false, isolationLevel: 0 }) as KafkaCluster;
}
