import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveCatalog } from '../../models/catalog.ts';
import { loadModels, ModelRunner, type ModelRunResult, type ModelStatus } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { listProjectFiles, projectRoot } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { temporaryFolder } from '../temporary.ts';

const now = new Date('2026-11-21T12:00:00Z');
/** After the longest wait before a failed model is tried again. */
const later = new Date(now.getTime() + 600_000);

let root: { path: string; remove(): Promise<void> };
/** The temporary folder as the loaders want it: from the project's root. */
let folder: string;

beforeEach(async () => {
  root = await temporaryFolder();
  folder = relative(projectRoot, root.path);
});
afterEach(() => root.remove());

function write(name: string, ...lines: string[]): void {
  writeFileSync(join(root.path, name), `${lines.join('\n')}\n`);
}

/** A table model of one column `n`, whose query begins on line 9. */
function writeTable(name: string, ...lines: string[]): void {
  write(
    `${name}.sql`,
    '/*',
    `name: ${name}`,
    'kind: table',
    'layer: mart',
    'grain: one number',
    'description: Numbers.',
    'columns: {n: a number}',
    '*/',
    ...lines,
  );
}

describe('a model', () => {
  let database: Database;
  let connection: Connection;

  beforeEach(async () => {
    database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
    connection = await database.connect();
    await migrate(connection);
    await connection.exec('CREATE TABLE told (n INTEGER); INSERT INTO told VALUES (1), (2)');
  });
  afterEach(() => database.close());

  /** A runner that reads the files as they are now, like a service that starts again. */
  const started = () => new ModelRunner(loadModels(folder));

  async function numbers(table: string): Promise<number[]> {
    return (await connection.rows(`SELECT n FROM ${table} ORDER BY n`)).map(({ n }) => Number(n));
  }

  async function runsOf(model: string): Promise<string[]> {
    const rows = await connection.rows('SELECT outcome FROM model_run WHERE model = $1 ORDER BY started_at, run_id', [model]);
    return rows.map(({ outcome }) => String(outcome));
  }

  const of = <T extends ModelRunResult | ModelStatus>(results: T[], model: string) =>
    results.find((result) => result.model === model);

  describe('whose audit finds rows', () => {
    beforeEach(() => {
      writeTable('base', 'SELECT n FROM told', '', '-- audit: no number is negative', 'SELECT n FROM base WHERE n < 0');
      writeTable('doubled', 'SELECT 2 * n AS n FROM base');
    });

    it('keeps its last good table and is stale, while what reads it goes on serving', async () => {
      const runner = started();
      await runner.build(connection, { full: true, now });
      expect(await numbers('doubled')).toEqual([2, 4]);

      await connection.exec('INSERT INTO told VALUES (-3)');
      const results = await runner.build(connection, { full: true, now });

      expect(of(results, 'base')).toMatchObject({ outcome: 'audit_failed', rows: null });
      expect(of(results, 'base')?.message).toContain('audit "no number is negative" of base found rows, e.g. {"n":-3}');
      expect(of(results, 'base')?.message).toContain(`${folder}/base.sql:12`);
      expect(await numbers('base')).toEqual([1, 2]);
      expect(of(await runner.status(connection), 'base')).toMatchObject({ outcome: 'audit_failed', stale: true });
      expect(await runsOf('base')).toEqual(['ok', 'audit_failed']);

      expect(of(results, 'doubled')).toMatchObject({ outcome: 'ok', rows: 2 });
      expect(await numbers('doubled')).toEqual([2, 4]);
      expect(of(await runner.status(connection), 'doubled')).toMatchObject({ outcome: 'ok', stale: false });
    });

    it('is well again, and so is what reads it, when the audit finds nothing any more', async () => {
      const runner = started();
      await runner.build(connection, { full: true, now });
      await connection.exec('INSERT INTO told VALUES (-3)');
      await runner.build(connection, { full: true, now });
      await connection.exec('DELETE FROM told WHERE n < 0; INSERT INTO told VALUES (3)');
      await runner.build(connection, { full: false, now: later });
      expect(await numbers('base')).toEqual([1, 2, 3]);
      expect(await numbers('doubled')).toEqual([2, 4, 6]);
      expect(of(await runner.status(connection), 'base')).toMatchObject({ outcome: 'ok', stale: false, message: null });
    });

    it('is not tried at every refresh, and told of once', async () => {
      const runner = started();
      await connection.exec('INSERT INTO told VALUES (-3)');
      await runner.build(connection, { full: false, now });
      const again = await runner.build(connection, { full: false, now: new Date(now.getTime() + 5000) });
      expect(of(again, 'base')).toMatchObject({ outcome: 'audit_failed' });
      await runner.build(connection, { full: false, now: later });
      expect(await runsOf('base')).toEqual(['audit_failed']);
    });

    it('that has never been good is an error of what reads it', async () => {
      await connection.exec('INSERT INTO told VALUES (-3)');
      const results = await started().build(connection, { full: false, now });
      expect(of(results, 'doubled')).toMatchObject({ outcome: 'error' });
      expect(of(results, 'doubled')?.message).toContain('doubled waits for base');
    });
  });

  it('that is recomputed in part keeps all its rows when an audit fails, and catches up when it holds again', async () => {
    write(
      'sends.sql',
      '/*',
      'name: sends',
      'kind: incremental',
      'layer: mart',
      'key: [bucket_at, campaign_id]',
      'touched: touched_message',
      'changes: message',
      'time_column: bucket_at',
      'grain: one quarter hour and campaign',
      'description: Messages.',
      'columns: {bucket_at: start, campaign_id: campaign, n: messages}',
      '*/',
      'SELECT quarter_hour(message_at) AS bucket_at, campaign_id, count(*) AS n FROM fact_message',
      "WHERE message_at >= getvariable('from_at') AND message_at < getvariable('to_at')",
      'GROUP BY quarter_hour(message_at), campaign_id',
      '',
      '-- audit: never two',
      'SELECT * FROM sends WHERE n = 2',
    );
    const message = (key: string) =>
      connection.exec(`
        INSERT INTO fact_message (message_key, origin_known, opened_at, message_at, campaign_id)
          VALUES ('${key}', true, '2026-11-20 10:00:00', '2026-11-20 10:00:00', 'spring');
        INSERT INTO changed_message (bucket_at, campaign_id) VALUES ('2026-11-20 10:00:00', 'spring')`);
    const runner = started();
    await message('first');
    await runner.build(connection, { full: false, now });
    expect(await numbers('sends')).toEqual([1]);

    await message('second');
    const failed = await runner.build(connection, { full: false, now });
    expect(of(failed, 'sends')).toMatchObject({ mode: 'incremental', outcome: 'audit_failed' });
    expect(await numbers('sends')).toEqual([1]);

    await message('third');
    await runner.build(connection, { full: false, now: later });
    expect(await numbers('sends')).toEqual([3]);
    expect(await runsOf('sends')).toEqual(['ok', 'audit_failed', 'ok']);
  });

  describe('with a mistake in its SQL', () => {
    beforeEach(async () => {
      writeTable('base', 'SELECT n', 'FROM told');
      writeTable('doubled', 'SELECT 2 * n AS n FROM base');
      await started().build(connection, { full: true, now });
    });

    it.each([
      ['a column that is not there', ['SELECT', '  n + missing AS n', 'FROM told'], 10, 'missing'],
      ['a table that is not there', ['SELECT n', 'FROM nowhere'], 10, 'nowhere'],
      ['a word that is no SQL', ['SELECT n', 'FORM told'], 10, 'told'],
      ['a column that its header does not describe', ['SELECT n, n AS twin FROM told'], 9, '"twin" is not described'],
    ])('names file and line of %s, and keeps its last good table', async (_, query, line, said) => {
      writeTable('base', ...query);
      await connection.exec('INSERT INTO told VALUES (3)');
      const runner = started();
      const results = await runner.build(connection, { full: false, now });
      expect(of(results, 'base')).toMatchObject({ outcome: 'error', rows: null });
      expect(of(results, 'base')?.message).toContain(`${folder}/base.sql:${line}`);
      expect(of(results, 'base')?.message).toContain(said);
      expect(await numbers('base')).toEqual([1, 2]);
      expect(await numbers('doubled')).toEqual([2, 4]);
      expect(of(await runner.status(connection), 'base')).toMatchObject({ outcome: 'error', stale: true });
    });

    it('is built as soon as the file is mended', async () => {
      writeTable('base', 'SELECT missing FROM told');
      await started().build(connection, { full: false, now });
      writeTable('base', 'SELECT n + 10 AS n FROM told');
      await started().build(connection, { full: false, now });
      expect(await numbers('base')).toEqual([11, 12]);
      expect(await numbers('doubled')).toEqual([22, 24]);
    });

    it('in its header names the line', async () => {
      write('base.sql', '/*', 'name: base', 'kind: tabel', '*/', 'SELECT n FROM told');
      const results = await started().build(connection, { full: false, now });
      expect(of(results, 'base')?.message).toContain(`${folder}/base.sql:3`);
      expect(await numbers('base')).toEqual([1, 2]);
    });
  });

  it('of a cycle is reported with all that belong to it; the others are built', async () => {
    writeTable('apart', 'SELECT n FROM told');
    for (const name of ['first', 'second', 'third']) writeTable(name, 'SELECT n FROM told');
    await started().build(connection, { full: true, now });

    writeTable('first', 'SELECT n FROM third');
    writeTable('second', 'SELECT n FROM first');
    writeTable('third', 'SELECT n FROM second');
    await connection.exec('INSERT INTO told VALUES (3)');
    const results = await started().build(connection, { full: true, now });

    for (const name of ['first', 'second', 'third']) {
      expect(of(results, name)).toMatchObject({ outcome: 'error' });
      expect(of(results, name)?.message).toContain('first -> third -> second -> first');
      expect(of(results, name)?.message).toContain(`${folder}/${name}.sql:9`);
      expect(await numbers(name)).toEqual([1, 2]);
    }
    expect(of(results, 'apart')).toMatchObject({ outcome: 'ok', rows: 3 });
  });
});

describe('a metric file that breaks', () => {
  const file = 'failures.yaml';
  let good: string;

  beforeEach(() => {
    for (const name of listProjectFiles('sql/metrics', '.yaml')) {
      copyFileSync(join(projectRoot, 'sql/metrics', name), join(root.path, name));
    }
    good = readFileSync(join(root.path, file), 'utf8');
  });

  /** Line of the file, from 1, that begins with this text. */
  const lineOf = (text: string, content: string) => content.split('\n').findIndex((line) => line.startsWith(text)) + 1;

  it.each([
    ['a part that the mart has not', '    numerator: failed', '    numerator: fialed', '"fialed"'],
    ['a key that is not known', '    kind: count', '    kind: count\n    widnow: reply', 'widnow'],
    ['a mart that is not there', 'mart: failure_15m', 'mart: failure_16m', '"failure_16m"'],
    ['a dimension that is not there', '    campaign,', '    campain,', '"campain"'],
    ['text that is no YAML', '    unit: messages', '    unit: "messages', ''],
  ])('by %s names file and line and keeps the last good definitions', (_, from, to, said) => {
    const live = new LiveCatalog(folder);
    const before = live.current;
    const lines = good.split('\n');
    const at = lines.findIndex((line) => line.startsWith(from));
    const broken = lines.map((line, index) => (index === at ? to : line)).join('\n');
    writeFileSync(join(root.path, file), broken);

    const problem = live.reload();

    expect(problem).toMatchObject({ code: 'metric_invalid', file: `${folder}/${file}` });
    expect(problem?.message).toContain(said);
    const line = lineOf(to.split('\n').at(-1) ?? to, broken);
    if (said !== '') expect(problem?.line).toBe(line);
    // A quotation that never ends is noticed at the end of the file.
    else expect(problem?.line).toBeGreaterThanOrEqual(line);
    expect(live.problem).toBe(problem);
    expect(live.current).toBe(before);
    expect(live.current.metrics.get('failures')?.numerator).toBe('failed');

    writeFileSync(join(root.path, file), good);
    expect(live.reload()).toBeNull();
    expect(live.problem).toBeNull();
  });

  it('by nothing takes the new definitions', () => {
    const live = new LiveCatalog(folder);
    writeFileSync(join(root.path, file), good.replace('label: Refusals', 'label: Turned away'));
    expect(live.reload()).toBeNull();
    expect(live.current.metrics.get('refusals')?.label).toBe('Turned away');
  });
});
