import { createHash } from 'node:crypto';
import type { Connection } from './database.ts';
import { SluiceError } from './errors.ts';
import { listProjectFiles, readProjectFile } from './files.ts';

/** One numbered step of the warehouse's schema. */
export interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

const folder = 'sql/migrations';

/** The project's migrations in order: `sql/migrations/NNN_name.sql`. */
export function loadMigrations(): Migration[] {
  return listProjectFiles(folder, '.sql').map((file) => {
    const sql = readProjectFile(`${folder}/${file}`);
    return { number: Number(file.slice(0, 3)), name: file, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Brings a warehouse forward to the newest migration, each in its own transaction. Forward only.
 * @throws SluiceError `migration_changed` when an applied file was edited, `migration_unknown` when the warehouse is newer.
 * @returns the names of the migrations applied now
 */
export async function migrate(connection: Connection, migrations: Migration[] = loadMigrations()): Promise<string[]> {
  await connection.exec(
    'CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER NOT NULL, name VARCHAR NOT NULL, checksum VARCHAR NOT NULL)',
  );
  const done = new Map(
    (await connection.rows('SELECT number, name, checksum FROM schema_migration')).map((row) => [Number(row.number), row]),
  );
  for (const [number, row] of done) {
    const known = migrations.find((migration) => migration.number === number);
    if (known === undefined) throw new SluiceError('migration_unknown', { detail: String(row.name) });
    if (known.checksum !== row.checksum) {
      throw new SluiceError('migration_changed', { detail: known.name, file: `${folder}/${known.name}` });
    }
  }
  const due = migrations.filter((migration) => !done.has(migration.number));
  for (const migration of due) {
    await connection.transaction(async () => {
      await connection.exec(migration.sql);
      await connection.run('INSERT INTO schema_migration VALUES ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.checksum,
      ]);
    });
  }
  return due.map((migration) => migration.name);
}
