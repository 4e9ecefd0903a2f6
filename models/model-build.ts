import { dirname, join } from 'node:path';
import type { Connection } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { projectRoot } from '../sql/files.ts';
import type { ChangeRows } from './change-rows.ts';
import type { ModelSection } from './model-file.ts';
import type { Model } from './model-graph.ts';

/** A model's audit found rows: what is served is the table as it was. */
export class AuditFailure extends SluiceError {}

/** Makes a view anew. Runs inside the caller's transaction. */
export async function buildView(connection: Connection, model: Model): Promise<void> {
  await dropOther(connection, model.name, 'VIEW');
  await inSection(model, model.query, (sql) => connection.exec(`CREATE OR REPLACE VIEW ${model.name} AS ${sql}`));
  await setBounds(connection);
  await audit(connection, model);
}

/** Builds a table beside the one that serves and puts it in its place. Runs inside the caller's transaction. */
export async function buildFull(connection: Connection, model: Model): Promise<number> {
  const next = `${model.name}__next`;
  await setBounds(connection);
  if (model.seed !== null) await connection.exec(`SET VARIABLE seed_file = '${seedPath(model).replaceAll("'", "''")}'`);
  await runSteps(connection, model, false);
  await inSection(model, model.query, (sql) => connection.exec(`CREATE OR REPLACE TABLE ${next} AS ${sql}`));
  await dropOther(connection, model.name, 'TABLE');
  await connection.exec(`DROP TABLE IF EXISTS ${model.name}; ALTER TABLE ${next} RENAME TO ${model.name}`);
  await audit(connection, model);
  const [size] = await connection.rows(`SELECT count(*) AS n FROM ${model.name}`);
  return Number(size?.n);
}

/** The CSV file of a seed, beside the folder of its model. */
export function seedPath({ file, seed }: Pick<Model, 'file' | 'seed'>): string {
  return join(projectRoot, dirname(file), '..', 'seeds', seed ?? '');
}

async function setBounds(connection: Connection): Promise<void> {
  await connection.exec(`
    SET VARIABLE full_build = true;
    SET VARIABLE from_at = TIMESTAMP '-infinity';
    SET VARIABLE to_at = TIMESTAMP 'infinity'`);
}

/**
 * Recomputes the touched keys: deletes their rows and inserts them anew, never adds to them. Runs inside the caller's transaction;
 * the caller has set the bounds.
 * @returns how many rows were written and taken away
 */
export async function buildTouched(connection: Connection, model: Model, changes: ChangeRows): Promise<number> {
  const { name, key, touched } = model;
  const next = `${name}__next`;
  await connection.exec('SET VARIABLE full_build = false');
  await runSteps(connection, model, true);
  const [any] = await connection.rows(`SELECT 1 FROM ${touched} LIMIT 1`);
  if (any === undefined) return 0;
  const match = (left: string, right: string) =>
    key.map((column) => `${left}.${column} IS NOT DISTINCT FROM ${right}.${column}`).join(' AND ');
  await inSection(model, model.query, (sql) =>
    connection.exec(
      `CREATE OR REPLACE TEMP TABLE ${next} AS SELECT q.* FROM (${sql}\n) AS q SEMI JOIN ${touched} AS k ON ${match('q', 'k')}`,
    ),
  );
  for (const section of model.emits) await inSection(model, section, (sql) => changes.emit(section.name, sql));
  const bound = model.timeColumn === null || model.changes !== 'message' ? '' : bounds(model.timeColumn);
  const gone = await connection.run(`DELETE FROM ${name} AS t USING ${touched} AS k WHERE ${match('t', 'k')}${bound}`);
  const written = await connection.run(`INSERT INTO ${name} BY NAME SELECT * FROM temp.${next}`);
  await audit(connection, model);
  await connection.exec(`DROP TABLE temp.${next}`);
  return gone + written;
}

function bounds(column: string): string {
  return ` AND t.${column} >= getvariable('from_at') AND t.${column} < getvariable('to_at')`;
}

async function runSteps(connection: Connection, model: Model, incremental: boolean): Promise<void> {
  for (const step of model.steps) {
    // A full build starts from nothing, so a step that looks at the table that serves has no part in it.
    if (!incremental && step.readsSelf) continue;
    await inSection(model, step, (sql) =>
      connection.exec(
        step.kind === 'temp' ? `CREATE OR REPLACE TEMP TABLE ${step.name} AS ${sql}` : `SET VARIABLE ${step.name} = (${sql}\n)`,
      ),
    );
  }
}

async function audit(connection: Connection, model: Model): Promise<void> {
  for (const section of model.audits) {
    const rows = await inSection(model, section, (sql) => connection.rows(`SELECT * FROM (${sql}\n) LIMIT 1`));
    if (rows.length === 0) continue;
    const example = JSON.stringify(rows[0], (_, value) => (typeof value === 'bigint' ? String(value) : value));
    const detail = `audit "${section.name}" of ${model.name} found rows, e.g. ${example}`;
    throw new AuditFailure('model_failed', { detail, file: model.file, line: section.line });
  }
}

/** Does something with the SQL of a section; an error of DuckDB becomes one that names the file and the line. */
async function inSection<T>(model: Model, section: ModelSection, work: (sql: string) => Promise<T>): Promise<T> {
  try {
    return await work(section.sql);
  } catch (error) {
    if (error instanceof SluiceError || !(error instanceof Error)) throw error;
    const [first] = error.message.split('\n');
    const at = /^LINE (\d+):/m.exec(error.message);
    const line = section.line + (at === null ? 0 : Number(at[1]) - 1);
    throw new SluiceError('model_failed', { detail: `${model.name}: ${first}`, file: model.file, line, cause: error });
  }
}

async function dropOther(connection: Connection, name: string, kind: 'VIEW' | 'TABLE'): Promise<void> {
  const other = kind === 'VIEW' ? 'duckdb_tables() WHERE table_name' : 'duckdb_views() WHERE view_name';
  const found = await connection.rows(`SELECT 1 FROM ${other} = $1 AND NOT temporary`, [name]);
  if (found.length > 0) await connection.exec(`DROP ${kind === 'VIEW' ? 'TABLE' : 'VIEW'} ${name}`);
}
