import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplyLoop } from '../../api/warehouse-thread/apply-loop.ts';
import { decodeRecord } from '../../ingest/decode.ts';
import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import type { KafkaOptions } from '../../ingest/kafka/options.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { Random } from '../../simulator/random.ts';
import { projectRoot } from '../../sql/files.ts';
import { readAll } from '../contract/event-log.ts';
import { temporaryFolder } from '../temporary.ts';
import { cuttableProxy } from './cuttable-proxy.ts';
import { exactlyOnce, reckon } from './invariant.ts';
import { idsTo, receivedAt, SmallWarehouse, statusBody } from './small-warehouse.ts';
import { ownTopics } from './topics.ts';
import { describeWithOwnKafka } from './with-kafka.ts';

describe('the reckoning after a fault', () => {
  it('agrees when every id is there once', () => {
    expect(reckon(['a', 'b'], ['b', 'a'])).toEqual(exactlyOnce(2));
  });
  it('names what is lost, what is doubled and what nobody produced', () => {
    expect(reckon(['a', 'b', 'c'], ['a', 'b', 'b', 'z'])).toEqual({
      ...{ produced: 3, facts: 2 },
      ...{ lost: ['c'], doubled: ['b'], invented: ['z'] },
    });
  });
});

let target = '';
const proxy = await cuttableProxy(() => target);
afterAll(() => proxy.close());
/** Shorter than the slow transaction below: a broker lets go of those who are silent. */
const idleMs = 1000;

describeWithOwnKafka(
  'facts through faults of Kafka',
  { proxyPort: proxy.port, settings: { 'connections.max.idle.ms': idleMs } },
  (broker) => {
    let home: Awaited<ReturnType<typeof temporaryFolder>>;
    let options: KafkaOptions;
    let log: KafkaLog;
    const closing: { close(): unknown }[] = [];
    const opened = async (over: Partial<KafkaOptions> = {}) => {
      const one = await KafkaLog.open({ ...options, ...over });
      closing.push(one);
      return one;
    };
    const warehouse = async () => {
      const one = await SmallWarehouse.open(join(home.path, 'warehouse.duckdb'));
      closing.push(one);
      return one;
    };
    /** Appends statuses until each is acknowledged, and tells their ids. */
    const produce = async (from: number, to: number): Promise<string[]> => {
      const one = async (n: number) => {
        for (;;) {
          try {
            await log.append('webhook', statusBody(n), receivedAt);
            return `wamid.${n}`;
          } catch (error) {
            expect(error).toMatchObject({ code: 'log_unavailable' });
            await sleep(50);
          }
        }
      };
      return Promise.all(Array.from({ length: to - from }, (_, n) => one(from + n)));
    };
    /** Runs the loop until everything in the topics is applied. */
    const running = (loop: ApplyLoop) => {
      const done = loop.run();
      done.catch(() => undefined);
      return async () => {
        const behind = async () =>
          [...(await log.end())].filter(([partition, next]) => (loop.positions.get(partition) ?? 0n) < next);
        await expect.poll(behind, { timeout: 20_000, interval: 50 }).toEqual([]);
        await loop.stop();
        await done;
      };
    };
    const admin = async <T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> => {
      const client = new Kafka({ brokers: [broker().address], logLevel: logLevel.NOTHING }).admin();
      await client.connect();
      return work(client).finally(() => client.disconnect());
    };

    beforeAll(() => {
      target = broker().behindProxy;
    });
    beforeEach(async () => {
      home = await temporaryFolder();
      options = ownTopics(broker().address, { partitions: 2 });
      log = await opened();
    });
    afterEach(async () => {
      proxy.heal();
      for (const part of closing.splice(0).reverse()) await part.close();
      await home.remove();
    });

    it('a broker killed and started again while the warehouse reads and senders write', async () => {
      const one = await warehouse();
      const settled = running(await one.loop(log));
      const early = await produce(0, 300);
      const during = produce(300, 1500);
      await broker().kill();
      await broker().start();
      const produced = [...early, ...(await during)];
      await settled();
      expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(1500));
    });

    it('a network that is cut, and one that swallows everything, between the warehouse and the broker', async () => {
      const one = await warehouse();
      const cuttable = await opened({ brokers: [`127.0.0.1:${proxy.port}`] });
      const settled = running(await one.loop(cuttable));
      const produced = await produce(0, 200);
      for (const [n, trouble] of [proxy.cut, proxy.stall, proxy.cut].entries()) {
        trouble();
        produced.push(...(await produce(200 * (n + 1), 200 * (n + 2))));
        await sleep(200);
        proxy.heal();
      }
      await settled();
      expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(800));
    });

    it('twenty warehouses killed with -9 at random points, each while the next one waits for the lock', async () => {
      const dataDir = join(home.path, 'data');
      const script = join(projectRoot, 'dist/test/kafka/children/consume.js');
      const random = new Random(4);
      const start = () => {
        const child = spawn(process.execPath, [script, dataDir, broker().address, options.topicPrefix], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const one = { child, ended: once(child, 'close'), commits: 0 };
        child.stdout.on('data', (dots: Buffer) => {
          one.commits += dots.length;
        });
        closing.push({ close: () => child.kill('SIGKILL') });
        return one;
      };
      const kill = async ({ child, ended }: ReturnType<typeof start>) => {
        if (child.exitCode !== null) throw new Error('it ended by itself');
        child.kill('SIGKILL');
        await ended;
      };
      let working = true;
      const produced: string[] = [];
      const load = (async () => {
        for (; working; await sleep(50)) produced.push(...(await produce(produced.length, produced.length + 10)));
      })();
      closing.push({
        close: () => {
          working = false;
          return load;
        },
      });
      const two = [start(), start()];
      for (let n = 0; n < 20; n += 1) {
        // every third one dies on its way to the lock, the log or its first transaction
        const least = 1 + random.int(3);
        while (n % 3 > 0 && !two.some(({ commits }) => commits >= least)) await sleep(5);
        await sleep(random.int(50));
        const victim = Math.max(
          0,
          two.findIndex(({ commits }) => commits > 0),
        );
        for (const one of two.splice(victim, 1)) await kill(one);
        two.push(start());
      }
      working = false;
      await load;
      for (const one of two) await kill(one);
      const last = await SmallWarehouse.open(join(dataDir, 'warehouse.duckdb'));
      closing.push(last);
      const left = await (await last.loop(log)).catchUp(() => undefined);
      // the killed ones did the most of it
      expect(left).toBeLessThan(produced.length);
      expect(reckon(produced, await last.ids())).toEqual(exactlyOnce(produced.length));
    }, 120_000);

    it('a transaction that takes longer than the broker waits for those who are silent', async () => {
      const one = await warehouse();
      const produced = await produce(0, 400);
      let slow = 1;
      const commit: typeof one.apply.commit = async (...batch) => {
        if (slow > 0) await sleep(1.5 * idleMs);
        slow -= 1;
        return one.apply.commit(...batch);
      };
      const apply = Object.assign(Object.create(one.apply) as typeof one.apply, { commit });
      const settled = running(await one.loop(log, apply));
      produced.push(...(await produce(400, 500)));
      await settled();
      expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(500));
      // there is no member whose session could time out, so nothing to rebalance
      const { groups } = await admin((client) => client.describeGroups([`${options.topicPrefix}warehouse`]));
      expect(groups[0]?.members).toEqual([]);
    });

    it('a topic removed under a warehouse, and made anew: it says so, and neither loses nor doubles what it has', async () => {
      const produced = await produce(0, 100);
      const one = await warehouse();
      const loop = await one.loop(log);
      await loop.catchUp(() => undefined);
      const topic = `${options.topicPrefix}webhooks`;
      await admin((client) => client.deleteTopics({ topics: [topic] }));
      await expect(loop.run()).rejects.toMatchObject({ code: 'kafka_topic_missing' });
      await expect(log.append('webhook', statusBody(100), receivedAt)).rejects.toMatchObject({ code: 'kafka_topic_missing' });
      const anew = await opened();
      const standsBefore = async (words: string) => {
        const troubles: string[] = [];
        const again = await one.loop(anew, one.apply, undefined, ({ detail }) => troubles.push(detail ?? ''));
        const ends = again.run();
        await expect.poll(() => troubles, { timeout: 10_000 }).toEqual([expect.stringContaining(words)]);
        await again.stop();
        await ends.catch(({ code }) => expect(code).toBe('log_gap'));
        expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(100));
      };
      await standsBefore('was the topic made anew?');
      // Longer than the old one it has a record at each place where the warehouse could go on, and others before them.
      for (let n = 100; n < 300; n += 1) await anew.append('webhook', statusBody(n), receivedAt + BigInt(n));
      await standsBefore('was the topic made anew');
    });

    it('poison among good records is set aside in the transaction of its neighbours, or not at all', async () => {
      const poison = [
        Buffer.from([0xff, 0xfe, 0x00]),
        Buffer.from('{"object": "whatsapp_business'),
        null,
        Buffer.from('[]'),
        Buffer.from('{"object":"whatsapp_business_account","entry":[{"id":"w","changes":[{"field":"messages","value":7}]}]}'),
      ];
      const kafka = new Kafka({ brokers: [broker().address], logLevel: logLevel.NOTHING });
      const producer = kafka.producer();
      await producer.connect();
      const topic = `${options.topicPrefix}webhooks`;
      for (const [n, value] of poison.entries()) {
        const good = statusBody(n);
        await producer.send({
          topic,
          messages: [
            { partition: 0, value: good },
            { partition: 0, value },
          ],
        });
      }
      await producer.disconnect();
      const one = await warehouse();
      const aside = async () => {
        const rows = await one.connection.rows('SELECT log_offset FROM quarantine ORDER BY log_offset');
        return rows.map(({ log_offset }) => Number(log_offset));
      };
      const decoded = emptyDecoded();
      for (const record of await readAll(log)) decodeRecord(record, decoded);
      // a position that no BIGINT holds: the transaction fails at its last statement
      await expect(one.apply.commit(decoded, new Map([[`${topic}/0`, 2n ** 70n]]))).rejects.toThrow();
      expect([await one.ids(), await aside()]).toEqual([[], []]);
      const loop = await one.loop(log);
      await loop.catchUp(() => undefined);
      expect(reckon(idsTo(poison.length), await one.ids())).toEqual(exactlyOnce(poison.length));
      expect(await aside()).toEqual([1, 3, 5, 7, 9]);
      expect(await loop.catchUp(() => undefined)).toBe(0);
    });

    it('a topic whose operator lowered the limit of records: the large one is refused by name, its neighbours go through', async () => {
      await admin((client) =>
        client.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: ConfigResourceTypes.TOPIC,
              name: `${options.topicPrefix}webhooks`,
              configEntries: [{ name: 'max.message.bytes', value: '20000' }],
            },
          ],
        }),
      );
      const produced = await produce(0, 10);
      // the broker takes a moment to hear of its new limit; what it still takes is the first status again
      const large = Buffer.concat([statusBody(0), Buffer.alloc(30_000, ' ')]);
      const told = () => log.append('webhook', large, receivedAt).then(String, ({ code }) => code);
      await expect.poll(told, { timeout: 10_000 }).toBe('record_too_large');
      produced.push(...(await produce(10, 20)));
      const one = await warehouse();
      await (await one.loop(log)).catchUp(() => undefined);
      expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(20));
    });

    it('offsets that Kafka forgot: nobody reads them back', async () => {
      const produced = await produce(0, 100);
      const one = await warehouse();
      await running(await one.loop(log))();
      await log.close();
      const groupId = `${options.topicPrefix}warehouse`;
      await admin((client) => client.deleteGroups([groupId])).catch(() => undefined);
      expect((await admin((client) => client.listGroups())).groups.map((group) => group.groupId)).not.toContain(groupId);
      log = await opened();
      produced.push(...(await produce(100, 150)));
      expect(await (await one.loop(log)).catchUp(() => undefined)).toBe(50);
      expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(150));
    });

    it('records that stand twice in a topic, as after a lost acknowledgement', async () => {
      const produced = await produce(0, 60);
      await produce(20, 60);
      const one = await warehouse();
      expect(await (await one.loop(log)).catchUp(() => undefined)).toBe(100);
      expect(reckon(produced, await one.ids())).toEqual(exactlyOnce(60));
    });
  },
);
