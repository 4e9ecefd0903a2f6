import { Apply } from '../ingest/apply.ts';
import { type Connection, Database } from '../sql/database.ts';
import { migrate } from '../sql/migrate.ts';

/** An empty warehouse in memory, with apply on a connection of its own. */
export async function memoryWarehouse(): Promise<{ database: Database; connection: Connection; apply: Apply; close(): void }> {
  const database = await Database.open({ path: ':memory:', memoryMb: 512, threads: 1 });
  const connection = await database.connect();
  await migrate(connection);
  const apply = await Apply.on(await database.connect());
  return { database, connection, apply, close: () => database.close() };
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
  unmodelled_update: '*',
  contact_alias: '*',
  contact_link: '*',
  contact_profile: '*',
  dim_campaign: '*',
  dim_variant: '*',
  dim_registry: '*',
  quarantine: 'record_kind, reason, detail, body',
};

/** Every fact as text, one list a table, sorted: equal exactly when the facts are byte-identical. */
export async function factDump(connection: Connection): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {};
  for (const [table, columns] of Object.entries(factTables)) {
    const rows = await connection.rows(`SELECT t::VARCHAR AS line FROM (SELECT ${columns} FROM ${table}) AS t ORDER BY line`);
    dump[table] = rows.map((row) => String(row.line));
  }
  return dump;
}
