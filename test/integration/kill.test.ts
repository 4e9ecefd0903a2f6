import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRecord } from '../../ingest/decode.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { Random } from '../../simulator/random.ts';
import type { Connection } from '../../sql/database.ts';
import { Ledger } from '../chaos/ledger.ts';
import { storm } from '../chaos/rounds.ts';
import { type Post, Traffic } from '../chaos/traffic.ts';
import { prepareFolder } from '../template-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';
import { memoryWarehouse } from '../warehouse.ts';
import { recordOf } from '../webhook-record.ts';

describe('the book of what was sent', () => {
  /** All of a hundred requests are in this warehouse. */
  let warehouse: Awaited<ReturnType<typeof memoryWarehouse>>;
  const posts: Post[] = [];
  beforeAll(async () => {
    warehouse = await memoryWarehouse();
    const traffic = new Traffic(new Random(5));
    const decoded = emptyDecoded();
    for (let n = 0; n < 100; n += 1) {
      const post = traffic.next();
      posts.push(post);
      decodeRecord(recordOf(post.body, post.kind, BigInt(n)), decoded);
    }
    await warehouse.apply.commit(decoded, new Map());
  });
  afterAll(() => warehouse.close());

  /** The last ten requests had no answer; then `harm` comes over the warehouse, and is taken back after the verdict. */
  async function verdictAfter(harm: (connection: Connection) => Promise<unknown>, ledger = new Ledger()) {
    for (const [n, { facts }] of posts.entries()) {
      ledger.sent(facts);
      if (n < 90) ledger.acknowledged(facts);
    }
    const { connection } = warehouse;
    await connection.exec('BEGIN TRANSACTION');
    await harm(connection);
    const verdict = await ledger.check(connection);
    await connection.exec('ROLLBACK');
    return verdict;
  }
  const sound = { lost: [], doubled: [], invented: [] };

  it('agrees with the facts of what it sent', async () => {
    const verdict = await verdictAfter(async () => undefined);
    expect(verdict).toMatchObject(sound);
    expect(verdict.facts).toBe(verdict.acknowledged);
    expect(verdict.acknowledged).toBeGreaterThan(200);
    expect(verdict.unanswered.found).toBe(verdict.unanswered.sent);
    expect(verdict.unanswered.sent).toBeGreaterThan(5);
  });

  it.each([
    ['DELETE FROM fact_conversion WHERE event_id = $id', 'order-0', 'order order-0'],
    ['DELETE FROM fact_message WHERE message_key = $id', 'send-0', 'message send-0'],
    ['UPDATE fact_message SET requested_at = NULL WHERE message_key = $id', 'send-0', 'request send-0'],
  ])('sees a loss: %s', async (sql, id, fact) => {
    const verdict = await verdictAfter((connection) => connection.run(sql, { id }));
    expect(verdict).toMatchObject({ doubled: [], invented: [] });
    expect(verdict.lost).toContain(fact);
    expect(verdict.facts).toBe(verdict.acknowledged - verdict.lost.length);
  });

  it.each([
    ['fact_conversion', 'event_id', 'order-0', 'order order-0'],
    ['fact_message', 'message_key', 'send-0', 'message send-0'],
  ])('sees a double in %s', async (table, column, id, fact) => {
    const verdict = await verdictAfter((connection) =>
      connection.run(`INSERT INTO ${table} SELECT * FROM ${table} WHERE ${column} = $id`, { id }),
    );
    expect(verdict).toMatchObject({ lost: [], invented: [] });
    expect(verdict.doubled).toContain(fact);
    expect(verdict.facts).toBe(verdict.acknowledged - verdict.doubled.length);
  });

  it('of a log that repeats itself takes only the same place twice for a double of what was set aside', async () => {
    const copy = (offset: string) => async (connection: Connection) => {
      await connection.exec(
        `INSERT INTO quarantine SELECT * REPLACE (${offset} AS log_offset) FROM (SELECT * FROM quarantine LIMIT 1)`,
      );
    };
    expect(await verdictAfter(copy('1000'), new Ledger({ repeats: true }))).toMatchObject(sound);
    expect((await verdictAfter(copy('log_offset'), new Ledger({ repeats: true }))).doubled).toHaveLength(1);
    expect((await verdictAfter(copy('1000'))).doubled).toHaveLength(1);
  });

  it('sees what was never sent', async () => {
    const verdict = await verdictAfter((connection) =>
      connection.run(`UPDATE fact_consent SET event_id = 'consent-x' WHERE event_id = 'consent-0'`),
    );
    expect(verdict).toMatchObject({ lost: ['consent consent-0'], invented: ['consent consent-x'] });
  });
});

it('killed again and again under load, a server keeps every acknowledged event exactly once, and nothing that was never sent', async () => {
  const folder = await temporaryFolder();
  await prepareFolder(join(folder.path, 'data'));
  const report = await storm({ folder: folder.path, kills: 6, seconds: 2, seed: 20_261_121 });
  expect(report).toMatchObject({ lost: [], doubled: [], invented: [], rebuiltOtherwise: {} });
  expect(report.facts).toBe(report.acknowledged);
  expect(report.acknowledged).toBeGreaterThan(500);
  await folder.remove();
}, 300_000);
