import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import { DeadLetterMirror } from '../../api/dead-letters.ts';
import { ApplyLoop } from '../../api/warehouse-thread/apply-loop.ts';
import { deadLetters } from '../../api/warehouse-thread/queries.ts';
import { PositionMoved } from '../../ingest/apply.ts';
import { Archiver } from '../../ingest/archive.ts';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { catchUpReader, historyReader, recordAt } from '../../ingest/history-reader.ts';
import { DeadLetterTopic } from '../../ingest/kafka/dead-letters.ts';
import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import type { KafkaOptions } from '../../ingest/kafka/options.ts';
import { acceptedGaps } from '../../ingest/log-gap.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { kafkaLogContract } from '../contract/kafka-log.ts';
import { temporaryFolder } from '../temporary.ts';
import { idsTo, receivedAt, SmallWarehouse, statusBody } from './small-warehouse.ts';
import { ownTopics, removeTopics } from './topics.ts';
import { describeWithKafka } from './with-kafka.ts';

const goOn = () => undefined;

describeWithKafka('Kafka', (address) => {
  kafkaLogContract(address);
  describe('a warehouse behind it', () => behind(address));
});

function behind(address: () => string): void {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  let options: KafkaOptions;
  let log: KafkaLog;
  const closing: { close(): unknown }[] = [];
  const warehouse = async (name: string) => {
    const opened = await SmallWarehouse.open(join(home.path, name));
    closing.push(opened);
    return opened;
  };
  const produce = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, n) => log.append('webhook', statusBody(from + n), receivedAt)));

  beforeEach(async () => {
    home = await temporaryFolder();
    options = ownTopics(address(), { partitions: 3 });
    log = await KafkaLog.open(options);
  });
  afterEach(async () => {
    for (const part of closing.splice(0).reverse()) await part.close();
    await log.close();
    await removeTopics(options);
    await home.remove();
  });

  it('has every record once, from every partition', async () => {
    await produce(0, 500);
    const one = await warehouse('a');
    await (await one.loop(log)).catchUp(goOn);
    expect(await one.ids()).toEqual(idsTo(500));
    expect(await one.apply.positions()).toEqual(new Map([...(await log.end())].filter(([, next]) => next > 0n)));
  });

  it('goes on where its own positions say after a restart, whatever anything else has read or committed', async () => {
    await produce(0, 200);
    const first = await warehouse('a');
    await (await first.loop(log)).catchUp(goOn);
    closing.splice(0).forEach((part) => {
      part.close();
    });
    await log.applied(new Map([[`${options.topicPrefix}webhooks/0`, 1n]]));
    await log.close();
    log = await KafkaLog.open(options);
    await produce(200, 300);
    const second = await warehouse('a');
    expect(await (await second.loop(log)).catchUp(goOn)).toBe(100);
    expect(await second.ids()).toEqual(idsTo(300));
  });

  it('catches up by itself when it was restored from an older copy', async () => {
    await produce(0, 100);
    const old = await warehouse('old');
    await (await old.loop(log)).catchUp(goOn);
    const current = await warehouse('current');
    await produce(100, 400);
    await (await current.loop(log)).catchUp(goOn);
    // the older copy takes over: it has 100 records and reads the other 300
    expect(await (await old.loop(log)).catchUp(goOn)).toBe(300);
    expect(await old.ids()).toEqual(await current.ids());
    expect(await old.ids()).toEqual(idsTo(400));
  });

  it('writes nothing when it stands elsewhere than its writer believes', async () => {
    const { apply, connection } = await warehouse('a');
    await produce(0, 10);
    const one = await ApplyLoop.create({ reader: log, apply, batchBytes: 1 << 20, sleep });
    const late = await ApplyLoop.create({ reader: log, apply, batchBytes: 1 << 20, sleep });
    await one.catchUp(goOn);
    const commits = await connection.rows('SELECT count(*) AS n FROM fact_status');
    await late.catchUp(goOn);
    expect(await connection.rows('SELECT count(*) AS n FROM fact_status')).toEqual(commits);
    expect(late.positions).toEqual(one.positions);
    const stale = apply.commit(emptyDecoded(), new Map(), [], new Map([['nowhere/0', 1n]]));
    await expect(stale).rejects.toBeInstanceOf(PositionMoved);
  });

  it('mirrors what it set aside into the dead-letter topic, after the commit', async () => {
    options = { ...options, deadLetters: true };
    await log.append('webhook', Buffer.from('{'), receivedAt);
    const one = await warehouse('a');
    await (await one.loop(log)).catchUp(goOn);
    const topic = await DeadLetterTopic.open(options, () => undefined);
    closing.push(topic);
    const set = { deadLetters: (after: Parameters<typeof deadLetters>[1]) => deadLetters(one.connection, after, 1000) };
    await new DeadLetterMirror(set, topic, join(home.path, 'places.json')).step();
    const consumer = new Kafka({ brokers: [address()], logLevel: logLevel.NOTHING }).consumer({ groupId: options.topicPrefix });
    await consumer.connect();
    closing.push({ close: () => consumer.disconnect() });
    await consumer.subscribe({ topic: `${options.topicPrefix}dead-letters`, fromBeginning: true });
    const letter = await new Promise<KafkaMessage>((resolve, reject) => {
      consumer.run({ eachMessage: async ({ message }) => resolve(message) }).catch(reject);
    });
    const text = (name: string) => String(letter.headers?.[name]);
    expect(String(letter.value)).toBe('{');
    expect([text('reason'), text('item'), text('body_bytes')]).toEqual(['json_invalid', '-1', '1']);
    expect(String(letter.key)).toBe(`${text('source_partition')}/${text('source_offset')}/-1`);
  });

  describe('with an archive', () => {
    const removed = async (below: (topic: string, partition: number) => string) => {
      const admin = new Kafka({ brokers: [address()], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const topic = `${options.topicPrefix}webhooks`;
      await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = [0, 1, 2].map((partition) => ({ partition, offset: below(topic, partition) }));
      await admin.deleteTopicRecords({ topic, partitions });
      await admin.disconnect();
    };
    const archiving = async () => {
      const archiver = await Archiver.open({ folder: join(home.path, 'archive'), log: log.archivable(() => Date.now()) });
      closing.push(archiver);
      return archiver;
    };
    const reading = async () => {
      const archive = await ArchiveReader.open(join(home.path, 'archive'));
      closing.push(archive);
      return archive;
    };

    it('is rebuilt from archive and topics after retention took the older records', async () => {
      await produce(0, 300);
      const archiver = await archiving();
      await archiver.forceRotate();
      while ((await archiver.step()).more);
      const archived = await log.end();
      expect(archiver.manifest.reduce((sum, { rows }) => sum + rows, 0)).toBe(300);
      await produce(300, 400);
      await removed((topic, partition) => String(archived.get(`${topic}/${partition}`)));
      const archive = await reading();
      const rebuilt = await warehouse('rebuilt');
      await (await rebuilt.loop(historyReader(archive, log))).catchUp(goOn);
      expect(await rebuilt.ids()).toEqual(idsTo(400));
      // and a warehouse that was away for longer than the topics keep records catches up by itself
      const away = await warehouse('away');
      await (await away.loop(catchUpReader(archive, log))).catchUp(goOn);
      expect(await away.ids()).toEqual(idsTo(400));
    });

    it('gives one record of one partition, wherever it lies', async () => {
      await produce(0, 90);
      const archiver = await archiving();
      await archiver.forceRotate();
      while ((await archiver.step()).more);
      const history = historyReader(await reading(), log);
      await produce(90, 120);
      for (const [partition, next] of await log.end()) {
        if (next === 0n) continue;
        for (const offset of [0n, next - 1n]) {
          expect(await recordAt(history, partition, offset)).toMatchObject({ partition, offset });
        }
        expect(await recordAt(history, partition, next)).toBeUndefined();
      }
    });

    it('says which records are in neither, and the archive goes on behind the gap', async () => {
      const troubles: string[] = [];
      await log.close();
      log = await KafkaLog.open({ ...options, report: (text) => troubles.push(text) });
      // one after another, so that each partition gets a third
      for (let n = 0; n < 60; n += 1) await produce(n, n + 1);
      await removed(() => '10');
      const archiver = await archiving();
      await archiver.forceRotate();
      while ((await archiver.step()).more);
      expect(troubles.filter((text) => /records 0 to 9 of .*webhooks\/[012] left the topic/.test(text))).toHaveLength(3);
      expect(archiver.manifest.reduce((sum, { rows }) => sum + rows, 0)).toBe(60 - 3 * 10);
      const rebuilt = await warehouse('warehouse.duckdb');
      const loop = await rebuilt.loop(historyReader(await reading(), log));
      await expect(loop.catchUp(goOn)).rejects.toMatchObject({
        code: 'log_gap',
        detail: expect.stringContaining('records 0 to 9 (10)'),
      });
      rebuilt.close();
      closing.splice(closing.indexOf(rebuilt), 1);
      // the way on that docs/kafka.md gives, of each partition in turn
      const said: string[] = [];
      const sluice = (...args: string[]) => {
        const settings = {
          SLUICE_DATA_DIR: home.path,
          SLUICE_KAFKA_BROKERS: address(),
          SLUICE_KAFKA_TOPIC_PREFIX: options.topicPrefix,
        };
        const hear = (text: string) => void said.push(text);
        return run(['log', ...args], { env: () => settings, out: hear, err: hear });
      };
      const topic = `${options.topicPrefix}webhooks`;
      expect(await sluice('gaps')).toBe(0);
      expect(said.join('').match(new RegExp(`${topic}/[012] +0 +9 +10 +open`, 'g'))).toHaveLength(3);
      expect(await sluice('accept-gap', `${topic}/0`, '--records', '11', '--reason', 'x')).toBe(1);
      expect(said.at(-1)).toContain('has an open gap of 10 records');
      for (const n of [0, 1, 2]) {
        expect(await sluice('accept-gap', `${topic}/${n}`, '--records', '10', '--reason', 'retention in May')).toBe(0);
      }
      const again = await warehouse('warehouse.duckdb');
      expect((await acceptedGaps(again.connection)).map(({ first, next, reason }) => ({ first, next, reason }))).toEqual(
        Array(3).fill({ first: 0n, next: 10n, reason: 'retention in May' }),
      );
      await (await again.loop(log)).catchUp(goOn);
      // what is lost is counted, so that the books agree with the positions
      const lost = await again.connection.rows(`SELECT records FROM record_count WHERE record_kind = 'lost'`);
      expect(lost.map(({ records }) => Number(records))).toEqual([10, 10, 10]);
      expect(await again.ids()).toHaveLength(60 - 3 * 10);
    });
  });
}
