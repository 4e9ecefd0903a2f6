import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import { createLogger } from '../../api/logger.ts';
import { startServer } from '../../api/server.ts';
import type { WarehouseStatus } from '../../api/warehouse.ts';
import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import type { KafkaOptions } from '../../ingest/kafka/options.ts';
import { testConfig, tokenOf } from '../app-under-test.ts';
import { readAll } from '../contract/event-log.ts';
import { applied, inFile, Sender } from '../served.ts';
import { prepareFolder } from '../template-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';
import { cuttableProxy } from './cuttable-proxy.ts';
import { exactlyOnce, reckon } from './invariant.ts';
import { idsTo, receivedAt, statusBody } from './small-warehouse.ts';
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
  let open: { close(): Promise<unknown> }[] = [];
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
    for (const part of open.reverse()) await part.close();
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

  it('goes on through brokers that it has learned of when those it was given are away', async () => {
    const gateway = await cuttableProxy(() => broker().address);
    open.push(gateway);
    const log = await openLog(ownTopics(`127.0.0.1:${gateway.port}`));
    await log.append('event', text('one'), 1n);
    gateway.cut();
    await produce(log, 'two', 1);
    expect(bodies(await readAll(log))).toEqual(['one', 'two-0']);
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

  it('retention that overtakes a stopped warehouse: what is gone is told everywhere and counted, the rest becomes facts', async () => {
    const options = ownTopics(broker().address, { partitions: 2 });
    const log = await openLog(options);
    const statuses = (from: number, to: number) =>
      Promise.all(Array.from({ length: to - from }, (_, n) => log.append('webhook', statusBody(from + n), receivedAt)));
    const home = await temporaryFolder();
    open.push({ close: home.remove });
    const dataDir = join(home.path, 'data');
    await prepareFolder(dataDir);
    const errors: string[] = [];
    const logger = createLogger('error', { write: (line) => void errors.push(line) });
    const serving = async () => {
      const server = await startServer(testConfig({ dataDir, kafka: options }), { logger });
      const sender = new Sender(server.url);
      open.push(server, sender);
      const told = async (path: string) => (await sender.get(path)).text;
      return {
        server,
        sender,
        told,
        status: async () => JSON.parse(await told('/v1/status')) as WarehouseStatus,
        close: async () => {
          open.splice(open.indexOf(server), 2);
          await sender.close();
          await server.close();
        },
      };
    };
    const sluice = async (...args: string[]) => {
      const said: string[] = [];
      const hear = (text: string) => void said.push(text);
      const settings = {
        SLUICE_DATA_DIR: dataDir,
        SLUICE_TOKENS: `admin:${tokenOf('admin')}`,
        SLUICE_KAFKA_BROKERS: broker().address,
        SLUICE_KAFKA_TOPIC_PREFIX: options.topicPrefix,
      };
      return { code: await run(args, { env: () => settings, out: hear, err: hear }), text: said.join('') };
    };
    const facts = () =>
      inFile(dataDir, async (connection) =>
        (await connection.rows('SELECT message_id AS id FROM fact_status')).map(({ id }) => String(id)),
      );
    const topic = `${options.topicPrefix}webhooks`;

    let one = await serving();
    for (let n = 0; n < 40; n += 1) expect((await one.sender.webhook(statusBody(n))).status).toBe(200);
    await applied(one.server.warehouse);
    const stood = new Map((await one.status()).positions.map(({ partition, applied: next }) => [partition, BigInt(next)]));
    await one.close();
    // senders go on while no warehouse runs (two batches, so that each partition has one), and retention takes every segment before one does
    await statuses(40, 100);
    await statuses(100, 140);
    const keepFor = (ms: number) => {
      // what is not named falls back to the broker's own
      const entries = { 'retention.ms': ms, 'max.message.bytes': options.maxRecordBytes + 1024 };
      const configEntries = Object.entries(entries).map(([name, value]) => ({ name, value: String(value) }));
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
      return admin((client) => client.alterConfigs({ validateOnly: false, resources }));
    };
    const end = await log.end();
    await keepFor(1);
    const left = async () =>
      [...(await log.start())].filter(([name, start]) => name.startsWith(topic) && start < (end.get(name) ?? 0n));
    await expect.poll(left, { timeout: 20_000, interval: 100 }).toEqual([]);
    await keepFor(3_600_000);
    await statuses(140, 180);
    const gone = [0, 1].map((n) => {
      const name = `${topic}/${n}`;
      const [first, next] = [stood.get(name) ?? 0n, end.get(name) ?? 0n];
      return { name, count: next - first, words: `${name}: records ${first} to ${next - 1n} (${next - first}) are gone` };
    });
    expect(gone.reduce((sum, { count }) => sum + count, 0n)).toBe(100n);

    one = await serving();
    const gap = expect.stringMatching(new RegExp(gone.map(({ words }) => words.replace(/[()]/g, '\\$&')).join('|')));
    await expect.poll(async () => (await one.status()).apply.gap, { timeout: 10_000 }).toEqual(gap);
    expect(JSON.parse(await one.told('/readyz'))).toMatchObject({
      status: 'not_ready',
      checks: { apply: 'failed', log: 'ok' },
    });
    expect(await one.told('/metrics')).toMatch(/^sluice_log_gap_open 1$/m);
    expect(errors.map((line) => JSON.parse(line).err)).toContainEqual(expect.objectContaining({ code: 'log_gap', message: gap }));
    expect(await sluice('doctor', '--json')).toMatchObject({ code: 1, text: expect.stringContaining('"log gap"') });
    // what comes in meanwhile is taken
    expect((await one.sender.webhook(statusBody(180))).status).toBe(200);
    await one.close();
    expect(reckon(idsTo(40), await facts())).toEqual(exactlyOnce(40));

    const doctor = await sluice('doctor');
    for (const { words } of gone) expect(doctor.text).toContain(words);
    for (const { name, count } of gone) {
      expect((await sluice('log', 'accept-gap', name, '--records', `${count}`, '--reason', 'stopped too long')).code).toBe(0);
    }
    one = await serving();
    await applied(one.server.warehouse);
    expect(await one.status()).toMatchObject({ records_lost: 100, records_applied: 81, apply: { gap: null } });
    expect(JSON.parse(await one.told('/readyz'))).toMatchObject({ status: 'ready', lost_records: 100 });
    expect(await one.told('/metrics')).toMatch(/^sluice_log_lost_records_total 100$/m);
    await one.close();
    const survived = Array.from({ length: 181 }, (_, n) => n).filter((n) => n < 40 || n >= 140);
    expect(
      reckon(
        survived.map((n) => `wamid.${n}`),
        await facts(),
      ),
    ).toEqual(exactlyOnce(81));
  }, 60_000);

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
    // and when the right to write is taken away for a while
    const write = right(AclResourceTypes.TOPIC, AclOperationTypes.WRITE);
    const { permissionType, resourcePatternType, ...filter } = write;
    await admin((client) => client.deleteAcls({ filters: [{ ...filter, permissionType, resourcePatternType }] }));
    const refused = () =>
      log.append('event', text('y'), 2n).then(
        () => 'taken',
        ({ code }) => code,
      );
    await expect.poll(refused).toBe('kafka_refused');
    await admin((client) => client.createAcls({ acl: [write] }));
    await expect.poll(refused).toBe('taken');
    expect(new Set(bodies(await readAll(log)))).toEqual(new Set(['x', 'y']));
    // and the right to read
    const read = right(AclResourceTypes.TOPIC, AclOperationTypes.READ);
    await admin((client) =>
      client.deleteAcls({ filters: [{ ...filter, operation: read.operation, permissionType, resourcePatternType }] }),
    );
    const reading = () =>
      log.read(new Map(), 1000).then(
        () => 'read',
        ({ code }) => code,
      );
    await expect.poll(reading).toBe('kafka_refused');
    await admin((client) => client.createAcls({ acl: [read] }));
    await expect.poll(reading).toBe('read');
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
