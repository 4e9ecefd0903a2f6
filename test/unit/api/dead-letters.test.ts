import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeadLetterMirror } from '../../../api/dead-letters.ts';
import { deadLetters } from '../../../api/warehouse-thread/queries.ts';
import type { DeadLetter } from '../../../ingest/kafka/dead-letters.ts';
import { type Connection, Database } from '../../../sql/database.ts';
import { migrate } from '../../../sql/migrate.ts';
import { temporaryFolder } from '../../temporary.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let database: Database;
let connection: Connection;
beforeAll(async () => {
  folder = await temporaryFolder();
  database = await Database.open({ path: ':memory:', memoryMb: 128, threads: 1 });
  connection = await database.connect();
  await migrate(connection);
});
afterAll(async () => {
  connection.close();
  database.close();
  await folder.remove();
});

const setAside = (partition: string, offset: number, item: number, body = '{}') =>
  connection.run(
    `INSERT INTO quarantine VALUES ($1, $2, $3, 'webhook', make_timestamp(1750030074000000), 'id_missing', 'statuses[].id is absent', $4::VARCHAR::BLOB)`,
    [partition, offset, item, body],
  );
const warehouse = {
  deadLetters: (after: Parameters<typeof deadLetters>[1], bytes: number) => deadLetters(connection, after, bytes),
};
/** A topic that keeps the keys of what is written, or fails. */
class Topic {
  readonly keys: string[] = [];
  readonly letters: DeadLetter[] = [];
  down = false;
  async write(letters: readonly DeadLetter[]): Promise<void> {
    if (this.down) throw new Error('no broker answers');
    this.letters.push(...letters);
    this.keys.push(...letters.map(({ partition, offset, item }) => `${partition}/${offset}/${item}`));
  }
}

describe('the mirror of the quarantine', () => {
  it('writes each item once, in order of its place, and goes on behind them after a restart', async () => {
    const [topic, file] = [new Topic(), join(folder.path, 'places.json')];
    const mirror = new DeadLetterMirror(warehouse, topic, file);
    await setAside('webhooks/1', 7, 0);
    await setAside('webhooks/0', 3, 1);
    await setAside('webhooks/0', 3, 0);
    await mirror.step();
    expect(topic.keys).toEqual(['webhooks/0/3/0', 'webhooks/0/3/1', 'webhooks/1/7/0']);
    expect(topic.letters[0]).toEqual({
      ...{ partition: 'webhooks/0', offset: 3n, item: 0, kind: 'webhook', receivedAt: 1_750_030_074_000_000n },
      ...{ reason: 'id_missing', detail: 'statuses[].id is absent', body: Buffer.from('{}') },
    });
    await mirror.step();
    await setAside('webhooks/0', 5, -1);
    await new DeadLetterMirror(warehouse, topic, file).step();
    expect(topic.keys.slice(3)).toEqual(['webhooks/0/5/-1']);
  });

  it('writes again what a topic refused, and all of it when it does not know how far it came', async () => {
    const [topic, file] = [new Topic(), join(folder.path, 'other.json')];
    topic.down = true;
    const mirror = new DeadLetterMirror(warehouse, topic, file);
    await expect(mirror.step()).rejects.toThrow('no broker answers');
    await expect(readFile(file)).rejects.toThrow();
    topic.down = false;
    await mirror.step();
    expect(topic.keys).toEqual(['webhooks/0/3/0', 'webhooks/0/3/1', 'webhooks/0/5/-1', 'webhooks/1/7/0']);
  });

  it('takes large bodies a few at a time, and the largest alone', async () => {
    await setAside('webhooks/2', 0, 0, 'x'.repeat(3000));
    await setAside('webhooks/2', 1, 0, 'y'.repeat(10));
    await setAside('webhooks/2', 2, 0, 'z'.repeat(10));
    const at = { 'webhooks/0': { offset: '5', item: 0 }, 'webhooks/1': { offset: '7', item: 0 } };
    const offsets = async (after: object, bytes: number) =>
      (await deadLetters(connection, { ...at, ...after }, bytes)).map(({ offset }) => Number(offset));
    expect(await offsets({}, 1000)).toEqual([0]);
    expect(await offsets({ 'webhooks/2': { offset: '0', item: 0 } }, 1000)).toEqual([1, 2]);
  });
});
