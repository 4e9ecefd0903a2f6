import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import { Database } from '../../sql/database.ts';
import { loadMigrations, migrate } from '../../sql/migrate.ts';

/**
 * A process that is killed leaves its last changes in the write-ahead log, and DuckDB replays them at the next start. It cannot
 * replay everything: `ALTER TABLE … ADD COLUMN` on a table with a DEFAULT that calls a function fails (1.5.6), and with it the start.
 */
describe('a warehouse whose process was killed', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-wal-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Opens what a kill at this moment would leave behind. */
  async function reopenedAfterKill(path: string, name: string): Promise<string[]> {
    const copy = join(folder, `${name}.duckdb`);
    await copyFile(path, copy);
    await copyFile(`${path}.wal`, `${copy}.wal`);
    const database = await Database.open({ path: copy, memoryMb: 128, threads: 1 });
    const connection = await database.connect();
    const rows = await connection.rows('SELECT name FROM schema_migration ORDER BY number');
    connection.close();
    database.close();
    return rows.map((row) => String(row['name']));
  }

  it('opens again, after each migration and after the models', async () => {
    const path = join(folder, 'warehouse.duckdb');
    const database = await Database.open({ path, memoryMb: 256, threads: 1, checkpointMb: 1024 });
    const connection = await database.connect();
    const migrations = loadMigrations();
    for (const [index, { name }] of migrations.entries()) {
      await migrate(connection, migrations.slice(0, index + 1));
      expect((await reopenedAfterKill(path, name)).at(-1)).toBe(name);
    }
    const built = await new ModelRunner(loadModels()).build(connection, { full: true, now: new Date('2026-11-21T10:00:00Z') });
    expect(built.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(await reopenedAfterKill(path, 'built')).toHaveLength(migrations.length);
    connection.close();
    database.close();
  });
});
