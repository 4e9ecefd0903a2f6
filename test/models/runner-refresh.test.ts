import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseModelFile } from '../../models/model-file.ts';
import { connectApart, loadModels, ModelRunner } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { projectRoot } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { temporaryFolder } from '../temporary.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');

let root: { path: string; remove(): Promise<void> };
let database: Database;
let connection: Connection;
let runner: ModelRunner;

function model(name: string, kind: string, query: string, more = ''): string {
  const head = [
    '/*',
    `name: ${name}`,
    `kind: ${kind}`,
    'layer: mart',
    'grain: one',
    'description: One.',
    'columns: {n: a number}',
  ];
  return [...head, ...(more === '' ? [] : [more]), '*/', query, ''].join('\n');
}

beforeEach(async () => {
  root = await temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(root.path, `${name}.sql`), text);
  const audit = '-- audit: it counts what is told\nSELECT * FROM told_count WHERE n <> (SELECT count(*) FROM told)';
  const told = ['-- query', 'SELECT count(*) AS n FROM told', '', audit].join('\n');
  write('told_count', model('told_count', 'table', told, 'refresh: 15m'));
  write('twice', model('twice', 'table', 'SELECT 2 * n AS n FROM told_count', 'refresh: 15m'));
  write('fixed', model('fixed', 'table', 'SELECT n FROM told_count'));
  write('clock', model('clock', 'table', "SELECT epoch_ms(getvariable('as_of')) AS n", 'refresh: 1d'));
  database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
  connection = await database.connect();
  await migrate(connection);
  await connection.exec('CREATE TABLE told (n INTEGER); INSERT INTO told VALUES (1)');
  runner = new ModelRunner(loadModels(relative(projectRoot, root.path)));
});
afterEach(async () => {
  database.close();
  await root.remove();
});

const at = (minute: number) => new Date(noon + minute * 60_000);
const build = (minute: number, rare = true) => runner.build(connection, { full: false, now: at(minute), rare });
const number = async (table: string) => Number((await connection.rows(`SELECT n FROM ${table}`))[0]?.n);

describe('a table that is built anew now and then', () => {
  it('rests until it is old enough, and is told the time', async () => {
    await build(0);
    await connection.exec('INSERT INTO told VALUES (2)');
    await build(14);
    expect(await number('told_count')).toBe(1);
    await build(15);
    expect([await number('told_count'), await number('twice'), await number('clock')]).toEqual([2, 4, noon]);
  });

  it('does not make those be built that read it and do not grow old', async () => {
    await build(0);
    await connection.exec('INSERT INTO told VALUES (2)');
    const results = await build(15);
    expect(results.filter(({ rows }) => rows !== null).map(({ model: name }) => name)).toEqual(['told_count', 'twice']);
    expect(await number('fixed')).toBe(1);
  });

  it('is left out where what changes with every message must not wait, and built by itself, one table a call', async () => {
    await build(0);
    await connection.exec('INSERT INTO told VALUES (2)');
    await build(15, false);
    expect(await number('told_count')).toBe(1);
    const apart = await connectApart(database);
    const built = async (minute: number) => (await runner.buildRare(apart, at(minute)))?.model ?? null;
    expect(await built(14)).toBe(null);
    expect(await built(15)).toBe('told_count');
    expect([await number('told_count'), await number('twice')]).toEqual([2, 2]);
    expect(await built(15)).toBe('twice');
    expect(await built(15)).toBe(null);
    expect(await number('twice')).toBe(4);
  });

  it('sees the facts as they were when its build began, and so do its audits', async () => {
    await build(0);
    await connection.exec('INSERT INTO told VALUES (2)');
    const apart = await connectApart(database);
    // A message comes in between the query and the audit, which would find it missing.
    const { exec } = apart;
    apart.exec = async (sql) => {
      if (sql.startsWith('DROP TABLE IF EXISTS told_count;')) await connection.exec('INSERT INTO told VALUES (3)');
      return exec.call(apart, sql);
    };
    expect(await runner.buildRare(apart, at(15))).toMatchObject({ model: 'told_count', outcome: 'ok' });
    expect([await number('told_count'), await number('told')]).toEqual([2, 1]);
  });

  it('is waited for by a build that finds no memory beside it, and then that is tried again', async () => {
    await build(0);
    await connection.exec("INSERT INTO told VALUES (2); DELETE FROM model_state WHERE model = 'fixed'");
    const apart = await connectApart(database);
    const { exec } = apart;
    const { rows } = connection;
    let refused = 0;
    let refresh: ReturnType<typeof build> = Promise.resolve([]);
    connection.rows = async (sql, parameters) => {
      if (!sql.startsWith('CREATE OR REPLACE TABLE fixed__next') || refused > 0) return rows.call(connection, sql, parameters);
      refused += 1;
      throw new Error('Out of Memory Error: failed to allocate data of size 2.0 MiB (613.8 MiB/619.0 MiB used)');
    };
    apart.exec = async (sql) => {
      if (sql.startsWith('DROP TABLE IF EXISTS told_count;')) {
        refresh = build(15, false);
        await expect.poll(() => refused).toBe(1);
      }
      return exec.call(apart, sql);
    };
    expect(await runner.buildRare(apart, at(15))).toMatchObject({ model: 'told_count', outcome: 'ok' });
    expect((await refresh).find(({ model: name }) => name === 'fixed')).toMatchObject({ outcome: 'ok', rows: 1 });
    expect(await number('fixed')).toBe(2);
  });

  it('that fails keeps its last good table, and is tried again by itself', async () => {
    await build(0);
    await connection.exec('ALTER TABLE told RENAME TO elsewhere');
    const apart = await connectApart(database);
    expect(await runner.buildRare(apart, at(15))).toMatchObject({ model: 'told_count', outcome: 'error' });
    expect(await number('told_count')).toBe(1);
    await connection.exec('ALTER TABLE elsewhere RENAME TO told; INSERT INTO told VALUES (2)');
    // Whoever builds the others leaves it alone; it rests for half a minute after its failure.
    const [result] = (await build(15.6, false)).filter(({ model: name }) => name === 'told_count');
    expect(result).toMatchObject({ outcome: 'error', rows: null });
    expect(await runner.buildRare(apart, at(15.4))).toMatchObject({ model: 'twice' });
    expect(await runner.buildRare(apart, at(15.6))).toMatchObject({ model: 'told_count', outcome: 'ok', rows: 1 });
    expect(await number('told_count')).toBe(2);
  });

  it('shows in its state when it was built', async () => {
    await build(0);
    await build(10);
    const status = await runner.status(connection);
    const builtAt = (name: string) => status.find(({ model: one }) => one === name)?.finished_at;
    expect([builtAt('told_count'), builtAt('fixed')]).toEqual(['2026-11-21T12:00:00.000Z', '2026-11-21T12:10:00.000Z']);
  });
});

it.each([
  ['view', 'refresh: 15m', 'is only for a table'],
  ['table', 'refresh: soon', 'must be a time such as 15m, 6h or 1d'],
])('a %s with "%s" is told what is wrong', (kind, more, said) => {
  expect(() => parseModelFile('x.sql', 'x', model('x', kind, 'SELECT 1 AS n', more))).toThrow(said);
});
