import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Editions } from '../../api/warehouse-thread/editions.ts';
import { MetricReader } from '../../api/warehouse-thread/metric-reader.ts';
import { loadCatalog } from '../../models/catalog.ts';
import { attachKept } from '../../models/kept-relation.ts';
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
  const editions = new Editions(() => told.clock);
  const metrics = new MetricReader(
    editions,
    async (work) => {
      told.reads += 1;
      await told.held;
      return work(connection);
    },
    () => catalog,
  );
  return { metrics, editions, told, reads: () => told.reads };
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
    const { metrics, editions, reads } = reader();
    const before = editions.mark;
    expect(await value(metrics)).toEqual([3]);
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    expect([await value(metrics), editions.mark]).toEqual([[3], before]);
    editions.built();
    expect(await value(metrics)).toEqual([4]);
    expect(reads()).toBe(2);
    expect(editions.mark).not.toBe(before);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('that nobody waits for reads anew what was asked of late, and only then answers change, all at once', async () => {
    const { metrics, editions, told, reads } = reader();
    const before = editions.mark;
    expect([await value(metrics), await value(metrics)]).toEqual([[3], [3]]);
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    let release: () => void = () => undefined;
    told.held = new Promise((resolve) => {
      release = resolve;
    });
    const renewed = editions.renew();
    expect([await value(metrics), editions.mark]).toEqual([[3], before]);
    release();
    await renewed;
    expect(reads()).toBe(2);
    expect(await value(metrics)).toEqual([4]);
    expect(reads()).toBe(2);
    expect(editions.mark).not.toBe(before);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('that nobody waits for leaves alone what was asked once only, or more than half a minute ago', async () => {
    const { metrics, editions, told, reads } = reader();
    const [old, twice, once] = [1, 2, 3].map((limit) => ({ ...query, limit }));
    for (const asked of [old, old]) await value(metrics, asked);
    told.clock = 31_000;
    for (const asked of [twice, twice, once]) await value(metrics, asked);
    expect(reads()).toBe(3);
    await editions.renew();
    expect(reads()).toBe(4);
    await value(metrics, twice);
    expect(reads()).toBe(4);
    for (const asked of [old, once]) await value(metrics, asked);
    expect(reads()).toBe(6);
  });

  it('does not take what was asked again only after half a minute for something that goes on', async () => {
    const { metrics, editions, told, reads } = reader();
    await value(metrics);
    told.clock = 31_000;
    await value(metrics);
    await editions.renew();
    expect(reads()).toBe(1);
  });

  it('does not let an answer that began before it pass for one from after it', async () => {
    const { metrics, editions, told } = reader();
    let release: () => void = () => undefined;
    told.held = new Promise((resolve) => {
      release = resolve;
    });
    const old = value(metrics);
    editions.built();
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    told.held = Promise.resolve();
    expect(await value(metrics)).toEqual([4]);
    await connection.exec('UPDATE funnel_15m SET messages = 5');
    release();
    expect([await old, await value(metrics)]).toEqual([[5], [4]]);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('that is asked for answers at once, whatever an earlier one still reads anew', async () => {
    const { metrics, editions } = reader();
    expect([await value(metrics), await value(metrics)]).toEqual([[3], [3]]);
    const renewed = editions.renew();
    await connection.exec('UPDATE funnel_15m SET messages = 4');
    editions.built();
    const mark = editions.mark;
    expect(await value(metrics)).toEqual([4]);
    await renewed;
    expect([await value(metrics), editions.mark]).toEqual([[4], mark]);
    await connection.exec('UPDATE funnel_15m SET messages = 3');
  });

  it('lets a mart that is a view be worked out anew, once, unless it is long', async () => {
    await connection.exec(`
      CREATE TABLE told AS SELECT TIMESTAMP '2026-11-01 10:00:00' AS told_at, 'marketing' AS category, 2 AS granted;
      CREATE VIEW consent_15m AS SELECT told_at AS bucket_at, category, 'button' AS source, NULL::VARCHAR AS waba_id, NULL::VARCHAR AS phone_number_id,
        granted, 0 AS withdrawn, told_at AS last_event_at FROM told, range(getvariable('copies'));
      INSERT INTO model_state VALUES ('consent_15m', '', '2026-11-21 12:00:00', 'ok', NULL)`);
    const { metrics, editions } = reader();
    const granted = async (limit: number) =>
      (await metrics.answer({ ...query, metrics: ['consents_granted'], by: ['source'], limit }, later)).rows.map(
        ({ metrics: of }) => of['consents_granted']?.value,
      );
    await connection.exec('SET VARIABLE copies = 1');
    expect(await granted(1)).toEqual([2]);
    await connection.exec('UPDATE told SET granted = 3');
    expect(await granted(2)).toEqual([2]);
    editions.built();
    expect(await granted(2)).toEqual([3]);
    await connection.exec('SET VARIABLE copies = 200001');
    editions.built();
    expect(await granted(2)).toEqual([600_003]);
    // It is read as it is from then on.
    await connection.exec('SET VARIABLE copies = 2');
    expect(await granted(3)).toEqual([6]);
  });

  it('finds its answers in another file, where nothing is kept yet', async () => {
    const second = await Database.open({ path: ':memory:', memoryMb: 128, threads: 1 });
    const other = await second.connect();
    await other.exec(`${attachKept}; CREATE TABLE model_state AS SELECT 'funnel_15m' AS model, now()::TIMESTAMP AS built_at, 'ok' AS outcome
      UNION ALL SELECT 'feedback_share', now()::TIMESTAMP, 'ok'`);
    await other.exec(`CREATE TABLE feedback_share (bucket_at TIMESTAMP, category VARCHAR, signal VARCHAR, share DOUBLE);
      CREATE TABLE funnel_15m AS SELECT TIMESTAMP '2026-11-01 10:00:00' AS bucket_at, 'a' AS campaign_id, 'marketing' AS category, 2 AS delivered, 1 AS read, now()::TIMESTAMP AS last_event_at;
      CREATE MACRO feedback_category(category) AS category`);
    let at = connection;
    const metrics = new MetricReader(
      new Editions(),
      (work) => work(at),
      () => catalog,
    );
    const rate = async (limit: number) =>
      (await metrics.answer({ ...query, metrics: ['read_rate'], limit }, later)).rows[0]?.metrics['read_rate']?.value;
    await rate(1);
    at = other;
    metrics.moved();
    expect(await rate(2)).toBe(0.5);
    other.close();
    second.close();
  });

  it('lets what is expected by now be worked out anew, once for all connections', async () => {
    await connection.exec(`
      CREATE TABLE feedback_share AS SELECT TIMESTAMP '2026-11-01 10:00:00' AS bucket_at, 'marketing' AS category, 'read' AS signal, 0.5::DOUBLE AS share;
      INSERT INTO model_state VALUES ('feedback_share', '', '2026-11-21 12:00:00', 'ok', NULL)`);
    const other = await database.connect();
    let turn = 0;
    const editions = new Editions();
    const metrics = new MetricReader(
      editions,
      (work) => work(turn++ % 2 === 0 ? connection : other),
      () => catalog,
    );
    const maturity = async (limit: number) =>
      (await metrics.answer({ ...query, metrics: ['read_rate'], limit }, later)).rows[0]?.metrics['read_rate']?.maturity;
    // A different limit makes another question, which the other connection reads.
    expect(await Promise.all([maturity(1), maturity(2)])).toEqual([0.5, 0.5]);
    await connection.exec('UPDATE feedback_share SET share = 0.75');
    expect(await maturity(3)).toBe(0.5);
    editions.built();
    expect(await Promise.all([maturity(1), maturity(2)])).toEqual([0.75, 0.75]);
    other.close();
  });
});
