import { setTimeout as sleep } from 'node:timers/promises';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import type { KafkaOptions } from '../../ingest/kafka/options.ts';
import { readAll } from '../contract/event-log.ts';
import { cuttableProxy } from './cuttable-proxy.ts';
import { ownTopics } from './topics.ts';
import { describeWithOwnKafka } from './with-kafka.ts';

const text = (value: string) => new TextEncoder().encode(value);
const bodies = (records: { body: Uint8Array }[]) => records.map(({ body }) => Buffer.from(body).toString());

/** Appends `count` records whose bodies are `<name>-<n>`, each until it is acknowledged. */
async function produce(log: KafkaLog, name: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  await Promise.all(
    names.map(async (body) => {
      for (;;) {
        try {
          return await log.append('event', text(body), 1n);
        } catch (error) {
          expect(error).toMatchObject({ code: 'log_unavailable' });
          await sleep(100);
        }
      }
    }),
  );
  return names;
}

const user = { username: 'sluice', password: 'a-password' };
let target = '';
const proxy = await cuttableProxy(() => target);
afterAll(() => proxy.close());

describeWithOwnKafka('the Kafka log through faults', { proxyPort: proxy.port, users: [user], tls: true }, (broker) => {
  let open: KafkaLog[] = [];
  const openLog = async (options: KafkaOptions): Promise<KafkaLog> => {
    const log = await KafkaLog.open(options);
    open.push(log);
    return log;
  };
  beforeAll(() => {
    target = broker().behindProxy;
  });
  afterEach(async () => {
    proxy.heal();
    for (const log of open) await log.close();
    open = [];
  });

  const admin = async <T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
    const client = new Kafka({ brokers: [broker().address], logLevel: logLevel.NOTHING }).admin();
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.disconnect();
    }
  };

  /** Removes records from partition 0 as retention does, at a moment of the test's choice. */
  const removeRecords = (topic: string, below: number) =>
    admin(async (client) => {
      await client.fetchTopicMetadata({ topics: [topic] });
      await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(below) }] });
    });

  it('has every acknowledged record after the broker was killed and started again mid-load', async () => {
    const log = await openLog(ownTopics(broker().address, { partitions: 2 }));
    const before = await produce(log, 'before', 200);
    const during = produce(log, 'during', 2000);
    await broker().kill();
    await sleep(300);
    await broker().start();
    const produced = [...before, ...(await during)];
    const found = bodies(await readAll(log));
    // nothing is lost; a record whose acknowledgement was lost may stand twice, which facts know by its content
    expect(new Set(found)).toEqual(new Set(produced));
  });

  it('refuses in bounded time while the network swallows everything, and goes on by itself', async () => {
    const log = await openLog(ownTopics(`127.0.0.1:${proxy.port}`, { appendTimeoutMs: 700 }));
    await log.append('event', text('one'), 1n);
    proxy.stall();
    const began = performance.now();
    await expect(log.append('event', text('two'), 2n)).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(performance.now() - began).toBeLessThan(3000);
    proxy.heal();
    await produce(log, 'three', 1);
    expect(new Set(bodies(await readAll(log)))).toEqual(new Set(['one', 'two', 'three-0']));
  });

  it('goes on reading after its connections were cut, each record once', async () => {
    const options = ownTopics(`127.0.0.1:${proxy.port}`);
    const log = await openLog(options);
    const direct = await openLog({ ...options, brokers: [broker().address] });
    await produce(direct, 'a', 50);
    const first = await log.read(new Map(), 300);
    proxy.cut();
    await produce(direct, 'b', 50);
    setTimeout(() => proxy.heal(), 500);
    const last = first.at(-1);
    const rest = await log.read(new Map([[last?.partition ?? '', (last?.offset ?? 0n) + 1n]]), 1 << 20);
    expect(rest[0]?.offset).toBe((last?.offset ?? 0n) + 1n);
    expect(bodies(await readAll(log))).toHaveLength(100);
  });

  it('says that the log is unavailable, in bounded time, when no broker answers', async () => {
    const began = performance.now();
    await expect(KafkaLog.open(ownTopics('127.0.0.1:1'))).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('gives two readers everything: nobody takes partitions away from anybody', async () => {
    const options = ownTopics(broker().address, { partitions: 3 });
    const [one, other] = [await openLog(options), await openLog(options)];
    const produced = new Set(await produce(one, 'x', 300));
    const [first, second] = await Promise.all([readAll(one), readAll(other)]);
    expect(new Set(bodies(first))).toEqual(produced);
    expect(new Set(bodies(second))).toEqual(produced);
    expect(first).toHaveLength(300);
  });

  it('says which records are gone, and how many, when retention overtook the reader', async () => {
    const options = ownTopics(broker().address);
    const log = await openLog(options);
    const topic = `${options.topicPrefix}events`;
    await produce(log, 'x', 120);
    await removeRecords(topic, 100);
    await expect(log.read(new Map([[`${topic}/0`, 30n]]), 1 << 20)).rejects.toMatchObject({
      code: 'log_gap',
      detail: expect.stringContaining(`${topic}/0: records 30 to 99 (70) are gone`),
    });
    await expect(log.waitFor(new Map([[`${topic}/0`, 30n]]), 60_000)).resolves.toBeUndefined();
    const rest = await log.read(new Map([[`${topic}/0`, 100n]]), 1 << 20);
    expect(rest.map(({ offset }) => offset)).toEqual(Array.from({ length: 20 }, (_, index) => 100n + BigInt(index)));
    expect((await log.start()).get(`${topic}/0`)).toBe(100n);
  });

  it('says so when the topic ends before the position: it was made anew', async () => {
    const options = ownTopics(broker().address);
    const log = await openLog(options);
    await produce(log, 'x', 3);
    await expect(log.read(new Map([[`${options.topicPrefix}events/0`, 9n]]), 1 << 20)).rejects.toMatchObject({
      code: 'log_gap',
      detail: expect.stringContaining('ends before 3'),
    });
  });

  it('refuses a record that is too large before sending it, and goes on', async () => {
    const log = await openLog(ownTopics(broker().address, { maxRecordBytes: 10_000 }));
    await expect(log.append('event', new Uint8Array(10_001), 1n)).rejects.toMatchObject({
      code: 'record_too_large',
      detail: 'it has 10001 bytes, the limit is 10000',
    });
    await log.append('event', new Uint8Array(10_000), 1n);
    expect(await readAll(log)).toHaveLength(1);
  });

  it('names the topics that are missing where it may not create them', async () => {
    const options = ownTopics(broker().address, { createTopics: false });
    await expect(KafkaLog.open(options)).rejects.toMatchObject({
      code: 'kafka_topic_missing',
      detail: expect.stringContaining(`${options.topicPrefix}webhooks, ${options.topicPrefix}events`),
    });
  });

  it('refuses topics that would lose records or turn ours away', async () => {
    const options = ownTopics(broker().address);
    const name = `${options.topicPrefix}events`;
    await admin((client) =>
      client.createTopics({ topics: [{ topic: name, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }] }),
    );
    await expect(KafkaLog.open(options)).rejects.toMatchObject({
      code: 'kafka_topic_invalid',
      detail: expect.stringContaining(name),
    });
  });

  it('says that it is refused: with a wrong password, and without rights; and works over TLS with the documented rights', async () => {
    const tls = { ca: broker().certificate };
    const options = ownTopics(broker().saslAddress, { tls, sasl: { mechanism: 'plain', ...user } });
    await expect(KafkaLog.open({ ...options, tls: true })).rejects.toMatchObject({
      code: 'log_unavailable',
      detail: expect.stringMatching(/certificate/i),
    });
    const wrong = KafkaLog.open({ ...options, sasl: { mechanism: 'plain', username: 'sluice', password: 'wrong' } });
    await expect(wrong).rejects.toMatchObject({ code: 'kafka_refused' });
    await expect(KafkaLog.open(options)).rejects.toMatchObject({ code: 'kafka_refused' });
    const right = (resourceType: AclResourceTypes, operation: AclOperationTypes) => ({
      resourceType,
      resourceName: options.topicPrefix,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: 'User:sluice',
      host: '*',
      operation,
      permissionType: AclPermissionTypes.ALLOW,
    });
    await admin((client) =>
      client.createAcls({
        acl: [
          right(AclResourceTypes.TOPIC, AclOperationTypes.CREATE),
          right(AclResourceTypes.TOPIC, AclOperationTypes.DESCRIBE),
          right(AclResourceTypes.TOPIC, AclOperationTypes.WRITE),
          right(AclResourceTypes.TOPIC, AclOperationTypes.READ),
          right(AclResourceTypes.GROUP, AclOperationTypes.READ),
        ],
      }),
    );
    const log = await openLog(options);
    await log.append('event', text('x'), 1n);
    expect(await readAll(log)).toHaveLength(1);
  });

  it('shows lag monitors how far the warehouse is', async () => {
    const options = ownTopics(broker().address);
    const topic = `${options.topicPrefix}events`;
    const committed = () =>
      admin((client) => client.fetchOffsets({ groupId: `${options.topicPrefix}warehouse`, topics: [topic] }));
    const log = await KafkaLog.open(options);
    // the first question makes the broker set up its book of offsets
    await committed().catch(() => undefined);
    await expect.poll(committed, { timeout: 10_000 }).toBeDefined();
    await log.applied(new Map([[`${topic}/0`, 4n]]));
    await log.close();
    expect((await committed())[0]?.partitions[0]?.offset).toBe('4');
  });
});
