import { Apply } from '../ingest/apply.ts';
import { loadModels } from '../models/runner.ts';
import { type Connection, Database } from '../sql/database.ts';
import { migrate } from '../sql/migrate.ts';

/** An empty warehouse in memory, with apply on a connection of its own. */
export async function memoryWarehouse(): Promise<{ database: Database; connection: Connection; apply: Apply; close(): void }> {
  const database = await Database.open({ path: ':memory:', memoryMb: 512, threads: 1 });
  const connection = await database.connect();
  await migrate(connection);
  const apply = await Apply.on(await database.connect(), { smallTable: 0n });
  return { database, connection, apply, close: () => database.close() };
}

/** Takes every row out of the tables of a warehouse without models, which costs less than to make a new one. */
export async function empty(connection: Connection): Promise<void> {
  const tables = await connection.rows(
    `SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary AND estimated_size > 0 AND table_name <> 'schema_migration'`,
  );
  for (const { name } of tables) await connection.exec(`DELETE FROM ${String(name)}`);
}

/** Tables whose rows must not depend on how records arrive, with the columns that are inside left out. */
const factTables: Record<string, string> = {
  fact_message: '* EXCLUDE (opened_at, identity_mark)',
  fact_status: '*',
  fact_inbound: '*',
  fact_assignment: '*',
  fact_click: '*',
  fact_conversion: '*',
  fact_consent: '*',
  fact_segment_membership: '*',
  fact_platform_event: '*',
  fact_platform_figure: '*',
  unmodelled_update: '*',
  contact_alias: '*',
  contact_link: '*',
  contact_profile: '*',
  dim_campaign: '*',
  dim_variant: '*',
  dim_registry: '*',
  dim_experiment: '*',
  fact_experiment_look: '*',
  fact_control_decision: '*',
  fact_control_policy: '*',
  fact_control_override: '*',
  fact_control_lift: '*',
  fact_permit: '*',
  fact_permit_person: '*',
  fact_permit_return: '*',
  quarantine: 'record_kind, reason, detail, body',
};

/** Rows as text, one sorted list a table. */
export type Dump = Record<string, string[]>;

/** Every fact as text, one list a table, sorted: equal exactly when the facts are byte-identical. */
export async function factDump(connection: Connection): Promise<Dump> {
  return dumpTables(connection, factTables);
}

/** Models that tell of the moment of their build, such as how much feedback is due by now: one built later differs. */
const ofTheMoment: ReadonlySet<string> = new Set(['feedback_share', 'customer_state', 'segment_size', 'platform_state_day']);

/** Models whose rows bear the quarter hour of their build, and are the same but for it. */
const ofTheQuarter: ReadonlySet<string> = new Set(['customer_spend', 'reach_comparison']);

/** Read once a process, when it is first asked for. */
let ours: ReturnType<typeof loadModels> | undefined;

/** Every model, tables and views, in the same way. */
export async function modelDump(connection: Connection): Promise<Dump> {
  ours ??= loadModels();
  const { models } = await ours;
  return dumpTables(
    connection,
    Object.fromEntries(
      models
        .filter(({ name }) => !ofTheMoment.has(name))
        .map(({ name }) => [name, ofTheQuarter.has(name) ? '* EXCLUDE (bucket_at)' : '*']),
    ),
  );
}

/** Facts and models together. */
export async function dump(connection: Connection): Promise<Dump> {
  return { ...(await factDump(connection)), ...(await modelDump(connection)) };
}

/**
 * Facts and models without what is given anew at each delivery: the id and time of a command, and how often the same bad input was
 * set aside; and without what the controller decided, which depends on when. Equal for two warehouses exactly when what they were told became the same.
 */
export async function contentDump(connection: Connection): Promise<Dump> {
  const commands = '* EXCLUDE (command_id, changed_at)';
  const tables = {
    ...Object.fromEntries(
      Object.entries(factTables).filter(([table]) => !table.startsWith('fact_control_') && table !== 'fact_experiment_look'),
    ),
    dim_campaign: `* EXCLUDE (command_id, changed_at, settings), settings->'body' AS body`,
    dim_variant: commands,
    dim_registry: commands,
    dim_experiment: '* EXCLUDE (command_id, changed_at)',
    quarantine: `DISTINCT ${factTables['quarantine']}`,
  };
  // When an experiment was registered is part of its definition.
  const { experiment_definition: _, ...models } = await modelDump(connection);
  return { ...(await dumpTables(connection, tables)), ...models };
}

async function dumpTables(connection: Connection, tables: Record<string, string>): Promise<Dump> {
  const all: Dump = {};
  // Nothing was ever put into these: rows that were deleted count here, too.
  const names = await connection.rows('SELECT table_name AS name FROM duckdb_tables() WHERE estimated_size = 0');
  const unused = new Set(names.map(({ name }) => name));
  for (const [table, columns] of Object.entries(tables)) {
    if (unused.has(table)) {
      all[table] = [];
      continue;
    }
    const rows = await connection.rows(`SELECT t::VARCHAR AS line FROM (SELECT ${columns} FROM ${table}) AS t ORDER BY line`);
    all[table] = rows.map((row) => String(row.line));
  }
  return all;
}

/** The rows, up to five a table and side, that only one of two dumps has; nothing when they are byte-identical. */
export function differences(one: Dump, other: Dump): Record<string, { first: string[]; second: string[] }> {
  const found: Record<string, { first: string[]; second: string[] }> = {};
  for (const table of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const first = minus(one[table] ?? [], other[table] ?? []);
    const second = minus(other[table] ?? [], one[table] ?? []);
    if (first.length + second.length > 0) found[table] = { first: first.slice(0, 5), second: second.slice(0, 5) };
  }
  return found;
}

/** What is in the first list more often than in the second. */
function minus(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
