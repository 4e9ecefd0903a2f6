import { dirname, resolve } from 'node:path';
import type { Connection, Database } from '../sql/database.ts';
import { SluiceError } from '../sql/errors.ts';
import { projectRoot } from '../sql/files.ts';
import type { ChangeRows } from './change-rows.ts';
import type { Relation } from './model-books.ts';
import type { ModelSection } from './model-file.ts';
import type { Model } from './model-graph.ts';
import { checkUserSeed, userSeedPath } from './user-seed.ts';

/** A model's audit found rows: what is served is the table as it was. */
export class AuditFailure extends SluiceError {}

/** What takes a new table or view into service. */
export interface Service {
  /** What serves under the model's name until now. */
  old: Relation | undefined;
  /** Done in the transaction that puts the new one in its place. */
  commit: () => Promise<void>;
}

/** Makes a view anew. */
export async function buildView(connection: Connection, model: Model, { old, commit }: Service): Promise<void> {
  await setFullBounds(connection);
  await connection.transaction(async () => {
    if (old === 'TABLE') await connection.exec(`DROP TABLE ${model.name}`);
    await inSection(model, model.query, (sql) => connection.exec(`CREATE OR REPLACE VIEW ${model.name} AS ${sql}`));
    await checkColumns(connection, model, model.name);
    await audit(connection, model);
    await commit();
  });
}

/**
 * Builds a table beside the one that serves, and puts it in its place in one transaction with its audits.
 * @param seedFolder folder with the user's own seed files
 * @param how `apart` does all of it in that transaction, for a connection beside those that write: the table and its audits then
 *   see the same facts and tables, whatever is built meanwhile. Otherwise the work is done before it: DuckDB takes tables written in an
 *   open transaction for empty when it plans a join, which is why a connection for it has a setting of its own, see `connectApart`.
 * @returns rows of the new table
 */
export async function buildFull(
  connection: Connection,
  model: Model,
  seedFolder: string | null,
  { old, commit }: Service,
  how: 'first' | 'apart' = 'first',
): Promise<number> {
  const { name } = model;
  const next = `${name}__next`;
  await setFullBounds(connection);
  if (model.seed !== null) await setSeedFiles(connection, model, model.seed, seedFolder);
  let rows = 0;
  const make = async () => {
    await runSteps(connection, model, false);
    const [made] = await inSection(model, model.query, (sql) => connection.rows(`CREATE OR REPLACE TABLE ${next} AS ${sql}`));
    rows = Number(made?.Count);
    await checkColumns(connection, model, next);
  };
  const serve = async () => {
    await connection.exec(`DROP ${old ?? 'TABLE'} IF EXISTS ${name}; ALTER TABLE ${next} RENAME TO ${name}`);
    await audit(connection, model);
    await commit();
  };
  try {
    if (how === 'first') await make();
    await connection.transaction(async () => {
      if (how === 'apart') await make();
      await serve();
    });
  } catch (error) {
    await connection.exec(`DROP TABLE IF EXISTS main.${next}`);
    throw error;
  } finally {
    await dropTemporary(connection, temporaryOf(model));
  }
  return rows;
}

/** A connection for builds `apart`. */
export async function connectApart(database: Database): Promise<Connection> {
  const connection = await database.connect();
  // An ASOF join of tables that are taken for empty would become a nested loop.
  await connection.exec('SET asof_loop_join_threshold = 0');
  return connection;
}

/**
 * Recomputes the rows of the touched keys and puts them in the place of the old ones in one transaction; never adds to a row. The
 * caller has set the bounds.
 * @returns how many rows were written and taken away
 */
export async function buildTouched(connection: Connection, model: Model, changes: ChangeRows): Promise<number> {
  const { name, key, touched } = model;
  const next = `${name}__next`;
  const match = (left: string, right: string) =>
    key.map((column) => `${left}.${column} IS NOT DISTINCT FROM ${right}.${column}`).join(' AND ');
  await connection.exec('SET VARIABLE full_build = false');
  try {
    await runSteps(connection, model, true);
    const [any] = await connection.rows(`SELECT 1 FROM ${touched} LIMIT 1`);
    if (any === undefined) return 0;
    await inSection(model, model.query, (sql) =>
      connection.exec(
        `CREATE OR REPLACE TEMP TABLE ${next} AS SELECT q.* FROM (${sql}\n) AS q SEMI JOIN ${touched} AS k ON ${match('q', 'k')}`,
      ),
    );
    return await connection.transaction(async () => {
      for (const section of model.emits) await inSection(model, section, (sql) => changes.emit(section.name, sql));
      const changed = await replaceTouched(connection, model, match('t', 'k'));
      await audit(connection, model);
      return changed;
    });
  } finally {
    await dropTemporary(connection, [next, ...temporaryOf(model)]);
  }
}

/** @throws SluiceError `model_invalid` when the header does not describe the columns that the query gives */
async function checkColumns(connection: Connection, { name, file, columns, query }: Model, table: string): Promise<void> {
  const { names: given } = await connection.columns(`SELECT * FROM ${table} LIMIT 0`);
  const extra = given.filter((column) => !(column in columns));
  const missing = Object.keys(columns).filter((column) => !given.includes(column));
  if (extra.length + missing.length === 0) return;
  const said = [
    ...extra.map((column) => `"${column}" is not described`),
    ...missing.map((column) => `"${column}" is described and not there`),
  ];
  throw new SluiceError('model_invalid', { detail: `${name}: ${said.join(', ')}`, file, line: query.line });
}

/** The temporary tables that a model's steps make. */
function temporaryOf({ steps }: Model): string[] {
  return steps.filter(({ kind }) => kind === 'temp').map(({ name }) => name);
}

async function dropTemporary(connection: Connection, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return;
  await connection.exec(tables.map((table) => `DROP TABLE IF EXISTS temp.${table}`).join('; '));
}

/** The CSV file of a seed, beside the folder of its model. */
export function seedPath({ file, seed }: Pick<Model, 'file' | 'seed'>): string {
  return resolve(projectRoot, dirname(file), '..', 'seeds', seed ?? '');
}

/** `seed_file` is our own, `seed_files` has the user's beside it where there is one. */
export async function setSeedFiles(connection: Connection, model: Model, seed: string, seedFolder: string | null): Promise<void> {
  const own = userSeedPath(seedFolder, seed);
  if (own !== null) checkUserSeed(seed, own);
  const quoted = [seedPath(model), ...(own === null ? [] : [own])].map((path) => `'${path.replaceAll("'", "''")}'`);
  await connection.exec(`SET VARIABLE seed_file = ${quoted[0]}; SET VARIABLE seed_files = [${quoted.join(', ')}]`);
}

export async function setFullBounds(connection: Connection): Promise<void> {
  await connection.exec(`
    SET VARIABLE full_build = true;
    SET VARIABLE from_at = TIMESTAMP '-infinity';
    SET VARIABLE to_at = TIMESTAMP 'infinity'`);
}

/**
 * Puts the recomputed rows in the place of the old ones. Rows that came out as they were stay where they are: the log and the
 * checkpoint then hold only what has changed.
 */
async function replaceTouched(
  connection: Connection,
  { name, columns, touched, timeColumn }: Model,
  match: string,
): Promise<number> {
  const old = `${name}__old`;
  const bounds =
    timeColumn !== null ? `WHERE ${timeColumn} >= getvariable('from_at') AND ${timeColumn} < getvariable('to_at')` : '';
  const equal = Object.keys(columns)
    .map((column) => `o.${column} IS NOT DISTINCT FROM n.${column}`)
    .join(' AND ');
  await connection.exec(`CREATE OR REPLACE TEMP TABLE ${old} AS
    SELECT t.* FROM (SELECT rowid AS old_row, * FROM ${name} ${bounds}) AS t SEMI JOIN ${touched} AS k ON ${match}`);
  const gone = await connection.run(
    `DELETE FROM ${name} WHERE rowid IN (SELECT old_row FROM ${old} AS o ANTI JOIN temp.${name}__next AS n ON ${equal})`,
  );
  const written = await connection.run(
    `INSERT INTO ${name} BY NAME SELECT * FROM temp.${name}__next AS n ANTI JOIN ${old} AS o ON ${equal}`,
  );
  await connection.exec(`DROP TABLE temp.${old}`);
  return gone + written;
}

export async function runSteps(connection: Connection, model: Model, incremental: boolean): Promise<void> {
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
