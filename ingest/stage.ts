import type { Connection } from '../sql/database.ts';
import { type ColumnKind, type Decoded, type StagedTable, stagedTables } from './staged.ts';

/** Puts decoded rows into temporary tables, so that everything after is SQL over sets. One a connection. */
export class Stage {
  private constructor(private readonly connection: Connection) {}

  /** Creates the temporary tables `stage_<name>` on this connection. */
  static async create(connection: Connection): Promise<Stage> {
    await connection.exec(
      `CREATE OR REPLACE TEMP TABLE staged_list (${Array.from({ length: mostColumns }, (_, i) => `${list(i)} VARCHAR`).join(', ')})`,
    );
    for (const { create } of stages) await connection.exec(create);
    return new Stage(connection);
  }

  /** Stages these rows inside the caller's transaction. Tells which tables have any. */
  async fill(decoded: Decoded): Promise<Set<StagedTable>> {
    const filled = new Set<StagedTable>();
    for (const { table, columns, insert } of stages) {
      const rows = decoded[table] as Record<string, unknown>[];
      if (rows.length === 0) continue;
      await this.hand(columns.map(({ name, kind }) => listText(rows, name, kind)));
      await this.connection.script(insert);
      filled.add(table);
    }
    return filled;
  }

  /** Takes the rows away again, before the transaction that staged them ends: deleted later, they would stay in memory. */
  async clear(filled: ReadonlySet<StagedTable>): Promise<void> {
    for (const { table, clear } of stages) if (filled.has(table)) await this.connection.script(clear);
  }

  /** Puts the lists of one table's columns into the one row of `staged_list`. */
  private async hand(lists: readonly string[]): Promise<void> {
    const appender = await this.connection.driver.createAppender('staged_list', 'main', 'temp');
    for (let i = 0; i < mostColumns; i += 1) appender.appendVarchar(lists[i] ?? '[]');
    appender.endRow();
    appender.closeSync();
  }
}

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
const mostColumns = Math.max(...Object.values(stagedTables).map((columns) => Object.keys(columns).length));

/**
 * One statement a table. Each column comes as one JSON list and is unnested beside the others: a row of twenty columns costs about
 * half of what the driver's appender takes for it, and most of that off the thread that decodes (measured: 5 against 9 µs). The lists
 * come through a table: as parameters they would be folded into constants, value by value, whenever the statement is planned anew.
 */
const stages = (Object.keys(stagedTables) as StagedTable[]).map((table) => {
  const columns = Object.entries(stagedTables[table]).map(([name, kind]: [string, ColumnKind]) => ({
    name,
    kind: kind.replace('?', '') as Kind,
  }));
  const lists = columns.map(({ name, kind }, i) => `unnest(from_json(${list(i)}, '["${kinds[kind].json}"]')) AS ${name}`);
  return {
    table,
    columns,
    create: `CREATE OR REPLACE TEMP TABLE stage_${table} (${columns.map(({ name, kind }) => `${name} ${kinds[kind].column}`).join(', ')})`,
    insert: `INSERT INTO stage_${table} SELECT ${columns.map(({ name, kind }) => kinds[kind].read(name)).join(', ')} FROM (SELECT ${lists.join(', ')} FROM staged_list); DELETE FROM staged_list`,
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
