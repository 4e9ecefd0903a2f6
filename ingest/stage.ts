import { type DuckDBAppender, DuckDBTimestampValue } from '@duckdb/node-api';
import type { Connection } from '../sql/database.ts';
import { type ColumnKind, type Decoded, type StagedTable, stagedTables } from './staged.ts';

/** Puts decoded rows into temporary tables, so that everything after is SQL over sets. One a connection. */
export class Stage {
  private readonly columns: Map<StagedTable, [string, ColumnKind][]>;
  private readonly filled = new Set<StagedTable>();

  private constructor(private readonly connection: Connection) {
    this.columns = new Map(
      stagedTableNames.map((table) => [table, Object.entries(stagedTables[table]) as [string, ColumnKind][]]),
    );
  }

  /** Creates the temporary tables `stage_<name>` on this connection. */
  static async create(connection: Connection): Promise<Stage> {
    const stage = new Stage(connection);
    for (const [table, columns] of stage.columns) {
      const list = columns.map(([name, kind]) => `${name} ${sqlTypes[baseKind(kind)]}`).join(', ');
      await connection.exec(`CREATE OR REPLACE TEMP TABLE stage_${table} (${list})`);
    }
    return stage;
  }

  /** Replaces what was staged before by these rows. Tells which tables have any. */
  async fill(decoded: Decoded): Promise<Set<StagedTable>> {
    for (const table of this.filled) await this.connection.exec(`DELETE FROM stage_${table}`);
    this.filled.clear();
    for (const table of stagedTableNames) {
      const rows = decoded[table] as Record<string, unknown>[];
      if (rows.length === 0) continue;
      await this.append(table, rows);
      this.filled.add(table);
    }
    return new Set(this.filled);
  }

  private async append(table: StagedTable, rows: Record<string, unknown>[]): Promise<void> {
    const columns = this.columns.get(table) ?? [];
    const appender = await this.connection.driver.createAppender(`stage_${table}`, 'main', 'temp');
    for (const row of rows) {
      for (const [name, kind] of columns) appendValue(appender, kind, row[name]);
      appender.endRow();
    }
    appender.closeSync();
  }
}

const stagedTableNames = Object.keys(stagedTables) as StagedTable[];

const sqlTypes = {
  text: 'VARCHAR',
  time: 'TIMESTAMP',
  int: 'INTEGER',
  big: 'BIGINT',
  real: 'DOUBLE',
  flag: 'BOOLEAN',
  bytes: 'BLOB',
} as const;

function baseKind(kind: ColumnKind): keyof typeof sqlTypes {
  return kind.replace('?', '') as keyof typeof sqlTypes;
}

function appendValue(appender: DuckDBAppender, kind: ColumnKind, value: unknown): void {
  if (value === null) appender.appendNull();
  else appenders[baseKinds[kind]](appender, value as never);
}

const appenders = {
  text: (appender: DuckDBAppender, value: string) => appender.appendVarchar(value),
  time: (appender: DuckDBAppender, value: bigint) => appender.appendTimestamp(new DuckDBTimestampValue(value)),
  int: (appender: DuckDBAppender, value: number) => appender.appendInteger(value),
  big: (appender: DuckDBAppender, value: bigint) => appender.appendBigInt(value),
  real: (appender: DuckDBAppender, value: number) => appender.appendDouble(value),
  flag: (appender: DuckDBAppender, value: boolean) => appender.appendBoolean(value),
  bytes: (appender: DuckDBAppender, value: Uint8Array) => appender.appendBlob(value),
};

const baseKinds = Object.fromEntries(
  Object.keys(sqlTypes).flatMap((kind) => [
    [kind, kind],
    [`${kind}?`, kind],
  ]),
) as Record<ColumnKind, keyof typeof sqlTypes>;
