import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The entries of docs/duckdb-notes.md, shown on the installed engine. A failure here after an upgrade is news, not a bug of ours:
 * read the entry's "remove when".
 */
describe('DuckDB as docs/duckdb-notes.md describes it', () => {
  let folder: string;
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-duckdb-'));
    instance = await DuckDBInstance.create(join(folder, 'notes.duckdb'), { threads: '1' });
    connection = await instance.connect();
  });
  afterAll(() => {
    instance.closeSync();
    rmSync(folder, { recursive: true });
  });

  it('groups by more than it shows when GROUP BY ALL meets HAVING with an alias', async () => {
    const query = (keys: string) =>
      `SELECT x % 2 AS odd, count(*)::INTEGER AS n FROM (VALUES (1), (2), (3), (3)) v(x) GROUP BY ${keys} HAVING odd = 1 ORDER BY n`;
    expect(await rows(query('odd'))).toEqual([[1, 3]]);
    expect(await rows(query('ALL'))).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it('prunes by a variable where it does not by a subquery', async () => {
    await connection.run(`
      CREATE TABLE fact AS SELECT md5(i::VARCHAR) AS key, TIMESTAMP '2026-01-01' + to_seconds(i) AS sent_at, 0 AS n FROM range(500000) r(i);
      CHECKPOINT;
      CREATE TEMP TABLE batch AS SELECT key, sent_at FROM fact WHERE sent_at >= TIMESTAMP '2026-01-06 18:50:00';
      SET VARIABLE from_time = (SELECT min(sent_at) FROM batch)`);
    const factRowsScanned = async (bound: string) => {
      const update = `UPDATE fact SET n = n + 1 FROM batch
        WHERE fact.key = batch.key AND (fact.sent_at >= ${bound} OR fact.sent_at < TIMESTAMP '2026-01-01 00:01:00')`;
      const [row] = await rows(`EXPLAIN (ANALYZE, FORMAT JSON) ${update}`);
      return Math.max(...scans(JSON.parse(String(row?.[1]))));
    };
    expect(await factRowsScanned(`(SELECT min(sent_at) FROM batch)`)).toBe(500_000);
    expect(await factRowsScanned(`getvariable('from_time')`)).toBeLessThan(300_000);
  });

  it('keeps rows of a temporary table that a later transaction deletes, not those that their own transaction deletes', async () => {
    await connection.run('CREATE TEMP TABLE scratch (n BIGINT)');
    const held = async () =>
      Number((await rows(`SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'`))[0]?.[0]);
    const fill = 'INSERT INTO scratch FROM range(10000)';
    const before = await held();
    for (let round = 0; round < 50; round += 1) await connection.run(`BEGIN; ${fill}; DELETE FROM scratch; COMMIT`);
    expect(await held()).toBe(before);
    for (let round = 0; round < 50; round += 1) await connection.run(`BEGIN; DELETE FROM scratch; ${fill}; COMMIT`);
    expect((await held()) - before).toBeGreaterThan(49 * 80_000); // 49 rounds of 10,000 numbers of 8 bytes, all deleted
  });

  it('answers from a prepared statement what was concluded when its table was empty, unless that optimizer is off', async () => {
    const answer = async (optimizers: string) => {
      await connection.run(`SET disabled_optimizers = '${optimizers}'`);
      await connection.run(
        'CREATE OR REPLACE TABLE late (key VARCHAR); CREATE OR REPLACE TEMP TABLE asked AS SELECT NULL::VARCHAR AS key LIMIT 0',
      );
      const prepared = await connection.prepare('SELECT late.key IS NOT NULL FROM asked LEFT JOIN late ON late.key = asked.key');
      await prepared.run();
      await connection.run(`INSERT INTO late VALUES ('a'); INSERT INTO asked VALUES ('a')`);
      return (await prepared.runAndReadAll()).getRowsJson();
    };
    expect(await answer('')).toEqual([[false]]);
    expect(await answer('statistics_propagation')).toEqual([[true]]);
    await connection.run(`SET disabled_optimizers = ''`);
  });

  it('keeps an index in memory for a primary key', async () => {
    await connection.run(
      'CREATE TABLE keyed (key VARCHAR PRIMARY KEY); INSERT INTO keyed SELECT md5(i::VARCHAR) FROM range(20000) r(i)',
    );
    const [row] = await rows(`SELECT memory_usage_bytes > 0 FROM duckdb_memory() WHERE tag = 'ART_INDEX'`);
    expect(row).toEqual([true]);
  });

  it('does not give disk back for deleted rows', async () => {
    const path = join(folder, 'deleted.duckdb');
    const file = await DuckDBInstance.create(path, { threads: '1' });
    const writer = await file.connect();
    await writer.run('CREATE TABLE t AS SELECT md5(i::VARCHAR) AS key FROM range(200000) r(i); CHECKPOINT');
    const filled = statSync(path).size;
    await writer.run('DELETE FROM t; CHECKPOINT; VACUUM; CHECKPOINT');
    file.closeSync();
    expect(statSync(path).size).toBeGreaterThanOrEqual(filled);
  });

  it('lets one process open a file twice, and then loses what one of the two wrote', async () => {
    const path = join(folder, 'twice.duckdb');
    const a = await DuckDBInstance.create(path);
    const first = await a.connect();
    await first.run('CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1); CHECKPOINT');
    const b = await DuckDBInstance.create(path);
    const second = await b.connect();
    await second.run('INSERT INTO t VALUES (2)');
    await first.run('INSERT INTO t VALUES (3); CHECKPOINT');
    b.closeSync();
    a.closeSync();
    const again = await DuckDBInstance.create(path);
    const kept = (await (await again.connect()).runAndReadAll('SELECT n FROM t ORDER BY n')).getRowsJson();
    again.closeSync();
    expect(kept).not.toEqual([[1], [2], [3]]);
  });

  it('appends synchronously only', async () => {
    const appender = await connection.createAppender('keyed');
    expect(appender).toHaveProperty('flushSync');
    expect(appender).not.toHaveProperty('flush');
    appender.closeSync();
  });
});

interface ProfiledOperator {
  operator_rows_scanned?: number;
  children?: ProfiledOperator[];
}

function scans(operator: ProfiledOperator): number[] {
  return [operator.operator_rows_scanned ?? 0, ...(operator.children ?? []).flatMap(scans)];
}
