import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseModelFile } from '../../models/model-file.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
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
  write('told_count', model('told_count', 'table', 'SELECT count(*) AS n FROM told', 'refresh: 15m'));
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

const build = (minute: number, tailLanes?: number) =>
  runner.build(connection, {
    full: false,
    now: new Date(noon + minute * 60_000),
    ...(tailLanes === undefined ? {} : { tailLanes }),
  });
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

  it('takes turns with the others where a build must be short', async () => {
    await build(0);
    await connection.exec('INSERT INTO told VALUES (2)');
    await build(15, 1);
    expect([await number('told_count'), await number('twice')]).toEqual([2, 2]);
    await build(15.1, 1);
    expect(await number('twice')).toBe(4);
  });

  it('shows in its state when it was built', async () => {
    await build(0);
    await build(10);
    const status = await runner.status(connection);
    const at = (name: string) => status.find(({ model: one }) => one === name)?.finished_at;
    expect([at('told_count'), at('fixed')]).toEqual(['2026-11-21T12:00:00.000Z', '2026-11-21T12:10:00.000Z']);
  });
});

it.each([
  ['view', 'refresh: 15m', 'is only for a table'],
  ['table', 'refresh: soon', 'must be a time such as 15m, 6h or 1d'],
])('a %s with "%s" is told what is wrong', (kind, more, said) => {
  expect(() => parseModelFile('x.sql', 'x', model('x', kind, 'SELECT 1 AS n', more))).toThrow(said);
});
