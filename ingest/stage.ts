import type { Connection } from '../sql/database.ts';
import { type ColumnKind, type Decoded, type StagedTable, stagedTables } from './staged.ts';

/** Puts decoded rows into temporary tables, so that everything after is SQL over sets. One a connection. */
export class Stage {
  private constructor(private readonly connection: Connection) {}

  /** Creates the temporary tables `stage_<name>` on this connection. */
  static async create(connection: Connection): Promise<Stage> {
    await connection.exec(
      `CREATE OR REPLACE TEMP TABLE staged_list (staged_table VARCHAR, ${Array.from({ length: mostColumns }, (_, i) => `${list(i)} VARCHAR`).join(', ')})`,
    );
    for (const { create } of stages) await connection.exec(create);
    return new Stage(connection);
  }

  /** Stages these rows inside the caller's transaction, beside what is there. Tells which tables have any. */
  async fill(rows: Partial<Decoded & Books>): Promise<Set<StagedTable>> {
    const due = stages.filter(({ table }) => (rows[table]?.length ?? 0) > 0);
    const appender = await this.connection.driver.createAppender('staged_list', 'main', 'temp');
    for (const { table, columns } of due) {
      appender.appendVarchar(table);
      const given: readonly Record<string, unknown>[] = rows[table] ?? [];
      for (const { name, kind } of columns) appender.appendVarchar(listText(given, name, kind));
      for (let i = columns.length; i < mostColumns; i += 1) appender.appendVarchar('[]');
      appender.endRow();
    }
    appender.closeSync();
    for (const { insert } of due) if (insert !== null) await this.connection.script(insert);
    return new Set(due.map(({ table }) => table).filter(isDecoded));
  }

  /** Takes the rows away again, before the transaction that staged them ends: deleted later, they would stay in memory. */
  async clear(filled: ReadonlySet<StagedTable>): Promise<void> {
    for (const { table, clear } of stages)
      if (clear !== null && isDecoded(table) && filled.has(table)) await this.connection.script(clear);
    await this.connection.script('DELETE FROM staged_list');
  }
}

/** What apply itself has to tell the database, staged like what decode hands to it. */
const books = {
  /** The next record to read of each partition. */
  position: { log_partition: 'text', next_offset: 'big' },
  /** Rows of each fact that were told, and those of them that are new. */
  fact_count: { fact: 'text', told: 'int', added: 'int' },
} as const satisfies Record<string, Record<string, ColumnKind>>;
export interface Books {
  position: { log_partition: string; next_offset: bigint }[];
  fact_count: { fact: string; told: number; added: number }[];
}

const tables = { ...stagedTables, ...books };
const isDecoded = (table: keyof typeof tables): table is StagedTable => table in stagedTables;
/** What one statement alone reads is read straight from the lists: `stage_<name>` is a view then. */
const readOnce: ReadonlySet<keyof typeof tables> = new Set(['position', 'fact_count', 'record_count', 'quarantine']);

/** How the values of a kind travel: as JSON of this type, read back into the column's type by `read`. */
const kinds = {
  text: { column: 'VARCHAR', json: 'VARCHAR', read: (value: string) => value },
  time: { column: 'TIMESTAMP', json: 'BIGINT', read: (value: string) => `make_timestamp(${value})` },
  int: { column: 'INTEGER', json: 'INTEGER', read: (value: string) => value },
  big: { column: 'BIGINT', json: 'VARCHAR', read: (value: string) => `${value}::BIGINT` },
  real: { column: 'DOUBLE', json: 'DOUBLE', read: (value: string) => value },
  flag: { column: 'BOOLEAN', json: 'BOOLEAN', read: (value: string) => value },
  bytes: { column: 'BLOB', json: 'VARCHAR', read: (value: string) => `from_base64(${value})` },
} as const;
type Kind = keyof typeof kinds;

const list = (index: number) => `list_${index}`;
const mostColumns = Math.max(...Object.values(tables).map((columns) => Object.keys(columns).length));

/**
 * One statement a table. Each column comes as one JSON list and is unnested beside the others: a row of twenty columns costs about
 * half of what the driver's appender takes for it, and most of that off the thread that decodes (measured: 5 against 9 µs). The lists
 * come through a table: as parameters they would be folded into constants, value by value, whenever the statement is planned anew.
 */
const stages = (Object.keys(tables) as (keyof typeof tables)[]).map((table) => {
  const columns = Object.entries(tables[table]).map(([name, kind]: [string, ColumnKind]) => ({
    name,
    kind: kind.replace('?', '') as Kind,
  }));
  const lists = columns.map(({ name, kind }, i) => `unnest(from_json(${list(i)}, '["${kinds[kind].json}"]')) AS ${name}`);
  const names = columns.map(({ name, kind }) => `${kinds[kind].read(name)} AS ${name}`);
  const read = `SELECT ${names.join(', ')} FROM (SELECT ${lists.join(', ')} FROM staged_list WHERE staged_table = '${table}')`;
  if (readOnce.has(table))
    return { table, columns, create: `CREATE OR REPLACE TEMP VIEW stage_${table} AS ${read}`, insert: null, clear: null };
  return {
    table,
    columns,
    create: `CREATE OR REPLACE TEMP TABLE stage_${table} (${columns.map(({ name, kind }) => `${name} ${kinds[kind].column}`).join(', ')})`,
    insert: `INSERT INTO stage_${table} ${read}`,
    clear: `DELETE FROM stage_${table}`,
  };
});

/** A list ends at its last value: the nulls behind it come back when it is unnested beside a longer one, as the key's always is. */
function listText(rows: readonly Record<string, unknown>[], name: string, kind: Kind): string {
  const values = new Array<unknown>(rows.length);
  const write = writers[kind];
  let length = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const value = rows[i]?.[name] ?? null;
    if (value === null) {
      values[i] = null;
      continue;
    }
    values[i] = write === undefined ? value : write(value as never);
    length = i + 1;
  }
  values.length = length;
  return JSON.stringify(values);
}

/** What JSON cannot hold as it is. Instants lie far below 2^53 microseconds. */
const writers: Partial<Record<Kind, (value: never) => unknown>> = {
  time: (value: bigint) => Number(value),
  big: (value: bigint) => String(value),
  bytes: (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
};
