import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricReader } from '../../api/warehouse-thread/metric-reader.ts';
import { loadCatalog } from '../../models/catalog.ts';
import { attachKept } from '../../models/feedback-shares.ts';
import type { MetricQuery } from '../../models/metric-query.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { migrate } from '../../sql/migrate.ts';

const catalog = loadCatalog();
const query: MetricQuery = { metrics: ['messages'], by: ['campaign'], zone: 'UTC', where: {}, limit: 10 };
const later = () => new Date('2026-11-21T12:00:00Z');

let database: Database;
let connection: Connection;
beforeAll(async () => {
  database = await Database.open({ path: ':memory:', memoryMb: 128, threads: 1 });
  connection = await database.connect();
  await migrate(connection);
  await connection.exec(`
    ${attachKept};
    CREATE TABLE funnel_15m (bucket_at TIMESTAMP, campaign_id VARCHAR, category VARCHAR, messages BIGINT, delivered BIGINT, read BIGINT, last_event_at TIMESTAMP);
    INSERT INTO funnel_15m VALUES ('2026-11-01 10:00:00', 'a', 'marketing', 3, 3, 1, '2026-11-01 10:05:00');
    INSERT INTO model_state VALUES ('funnel_15m', '', '2026-11-21 12:00:00', 'ok', NULL)`);
});
afterAll(() => {
  connection.close();
  database.close();
});

/** A reader that notes how often it was lent the connection, with a clock that stands still unless it is moved. */
function reader() {
  const told = { reads: 0, clock: 0, held: Promise.resolve() };
  const metrics = new MetricReader(
    async (work) => {
      told.reads += 1;
      await told.held;
      return work(connection);
    },
    () => catalog,
    () => told.clock,
  );
  return { metrics, told, reads: () => told.reads };
}
const value = async (metrics: MetricReader, asked = query) =>
  (await metrics.answer(asked, later)).rows.map(({ metrics: of }) => of['messages']?.value);

describe('between two builds of the models', () => {
  it('a question is read once, also when it is asked by two at once', async () => {
    const { metrics, reads } = reader();
    expect(await Promise.all([value(metrics), value(metrics)])).toEqual([[3], [3]]);
    expect(await value(metrics)).toEqual([3]);
    expect(reads()).toBe(1);
  });

  it('each other question is read for itself', async () => {
    const { metrics, reads } = reader();
    const differing: Partial<MetricQuery>[] = [
      { by: [] },
      { grain: 'day' },
      { grain: 'day', zone: 'Asia/Kolkata' },
      { from: new Date('2026-11-01') },
      { to: new Date('2026-12-01') },
      { where: { campaign: ['a'] } },
      { limit: 5 },
      {},
    ];
    for (const change of differing) expect(await value(metrics, { ...query, ...change })).toEqual([3]);
    expect(reads()).toBe(differing.length);
  });

  it('whether a number is final is judged by the clock of each call', async () => {
    const { metrics, reads } = reader();
    const final = async (now: string) => (await metrics.answer(query, () => new Date(now))).rows[0]?.metrics['messages']?.final;
    // The quarter hour begins at 10:00; itself and seven days for late statuses have to pass.
    expect([await final('2026-11-08T10:14:59Z'), await final('2026-11-08T10:15:00Z')]).toEqual([false, true]);
    expect(reads()).toBe(1);
  });

  it('what was refused is not kept', async () => {
    const { metrics, reads } = reader();
    for (let n = 0; n < 2; n += 1)
      await expect(value(metrics, { ...query, metrics: ['happiness'] })).rejects.toMatchObject({ code: 'query_invalid' });
    expect(reads()).toBe(2);
  });
});

describe('a build of the models', () => {
  it('lets everything be read anew, and changes the mark', async () => {
    const { metrics, reads } = reader();
    const before = metrics.mark;
    expect(await value(metrics)).toEqual([3]);
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    expect([await value(metrics), metrics.mark]).toEqual([[3], before]);
    metrics.built();
    expect(await value(metrics)).toEqual([4]);
    expect(reads()).toBe(2);
    expect(metrics.mark).not.toBe(before);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('that nobody waits for reads anew what was asked of late, and only then answers change, all at once', async () => {
    const { metrics, told, reads } = reader();
    const before = metrics.mark;
    expect(await value(metrics)).toEqual([3]);
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    let release: () => void = () => undefined;
    told.held = new Promise((resolve) => {
      release = resolve;
    });
    const renewed = metrics.renew();
    expect([await value(metrics), metrics.mark]).toEqual([[3], before]);
    release();
    await renewed;
    expect(reads()).toBe(2);
    expect(await value(metrics)).toEqual([4]);
    expect(reads()).toBe(2);
    expect(metrics.mark).not.toBe(before);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('that nobody waits for leaves alone what was asked more than half a minute ago', async () => {
    const { metrics, told, reads } = reader();
    await value(metrics);
    told.clock = 31_000;
    await value(metrics, { ...query, limit: 5 });
    await metrics.renew();
    expect(reads()).toBe(3);
    await value(metrics);
    expect(reads()).toBe(4);
  });

  it('that is asked for answers at once, whatever an earlier one still reads anew', async () => {
    const { metrics } = reader();
    expect(await value(metrics)).toEqual([3]);
    const renewed = metrics.renew();
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    metrics.built();
    const mark = metrics.mark;
    expect(await value(metrics)).toEqual([4]);
    await renewed;
    expect([await value(metrics), metrics.mark]).toEqual([[4], mark]);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('lets what is expected by now be worked out anew, once for all connections', async () => {
    await connection.exec(`
      CREATE TABLE feedback_share AS SELECT TIMESTAMP '2026-11-01 10:00:00' AS bucket_at, 'marketing' AS category, 'read' AS signal, 0.5::DOUBLE AS share;
      INSERT INTO model_state VALUES ('feedback_share', '', '2026-11-21 12:00:00', 'ok', NULL)`);
    const other = await database.connect();
    let turn = 0;
    const metrics = new MetricReader(
      (work) => work(turn++ % 2 === 0 ? connection : other),
      () => catalog,
    );
    const maturity = async (limit: number) =>
      (await metrics.answer({ ...query, metrics: ['read_rate'], limit }, later)).rows[0]?.metrics['read_rate']?.maturity;
    // A different limit makes another question, which the other connection reads.
    expect(await Promise.all([maturity(1), maturity(2)])).toEqual([0.5, 0.5]);
    await connection.exec('UPDATE feedback_share SET share = 0.75');
    expect(await maturity(3)).toBe(0.5);
    metrics.built();
    expect(await Promise.all([maturity(1), maturity(2)])).toEqual([0.75, 0.75]);
    other.close();
  });
});
