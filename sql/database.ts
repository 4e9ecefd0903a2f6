import {
  blobValue,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResultReader,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** How a DuckDB file is opened. */
export interface DatabaseOptions {
  /** Path of the file, or ':memory:'. */
  path: string;
  /** Ceiling of DuckDB's buffer manager in MiB; beyond it DuckDB spills to `<path>.tmp`. */
  memoryMb: number;
  /** Threads a query may use, the caller's included. */
  threads: number;
  readOnly?: boolean;
  /** Bytes of write-ahead log after which a commit checkpoints, in MiB. DuckDB's own default is 16. */
  checkpointMb?: number;
}

/** A value bound to a parameter. Times are bound as `Date` or cast in the SQL from microseconds (bigint); bytes become BLOBs. */
export type Parameter = DuckDBValue | Date | Uint8Array;
export type Parameters = Parameter[] | Record<string, Parameter>;

/** A row by column name: BIGINT as bigint, TIMESTAMP as Date (UTC), DECIMAL and DOUBLE as number, NULL as null. */
export type Row = Record<string, unknown>;

/** One opened DuckDB file. Only one may be open on a path at a time, in all processes. */
export class Database {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly path: string,
  ) {}

  static async open(options: DatabaseOptions): Promise<Database> {
    const instance = await DuckDBInstance.create(options.path, {
      memory_limit: `${options.memoryMb}MiB`,
      threads: String(options.threads),
      access_mode: options.readOnly ? 'READ_ONLY' : 'AUTOMATIC',
      checkpoint_threshold: `${options.checkpointMb ?? 16}MiB`,
      preserve_insertion_order: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Database(instance, options.path);
  }

  /** A connection: one transaction at a time, its own temporary tables and variables. */
  async connect(): Promise<Connection> {
    const connection = await this.instance.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    return new Connection(connection);
  }

  /** Closes the file, once its connections are closed; a write-ahead log is checkpointed into it. */
  close(): void {
    this.instance.closeSync();
  }
}

/** A connection to an opened file. Calls on one connection must not overlap; open a second one for that. */
export class Connection {
  private readonly prepared = new Map<string, DuckDBPreparedStatement>();

  constructor(
    /** The driver's connection, for appenders and streamed results only. */
    readonly driver: DuckDBConnection,
  ) {}

  /** Runs one or more statements without parameters. */
  async exec(sql: string): Promise<void> {
    await this.driver.run(sql);
  }

  /** Runs one statement and tells how many rows it changed. */
  async run(sql: string, parameters?: Parameters): Promise<number> {
    const result = await this.driver.run(sql, bindable(parameters));
    return result.rowsChanged;
  }

  /** Runs one statement, kept prepared for the life of the connection. For short statements that run often. */
  async runPrepared(sql: string, parameters: Parameter[]): Promise<number> {
    let statement = this.prepared.get(sql);
    if (statement === undefined) {
      statement = await this.driver.prepare(sql);
      this.prepared.set(sql, statement);
    }
    statement.bind(bindable(parameters) as DuckDBValue[]);
    return (await statement.run()).rowsChanged;
  }

  /** All rows of one query. */
  async rows(sql: string, parameters?: Parameters): Promise<Row[]> {
    const reader = await this.reader(sql, parameters);
    return reader.getRowObjectsJS() as Row[];
  }

  /** The whole result with its column names and types, by column. */
  async columns(sql: string, parameters?: Parameters): Promise<{ names: string[]; types: DuckDBType[]; values: unknown[][] }> {
    const reader = await this.reader(sql, parameters);
    return { names: reader.columnNames(), types: reader.columnTypes(), values: reader.getColumnsJS() as unknown[][] };
  }

  private async reader(sql: string, parameters?: Parameters): Promise<DuckDBResultReader> {
    return this.driver.runAndReadAll(sql, bindable(parameters));
  }

  /** Does `work` in one transaction: committed when it returns, rolled back when it throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.driver.run('BEGIN TRANSACTION');
    let value: T;
    try {
      value = await work();
    } catch (error) {
      await this.driver.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
    await this.driver.run('COMMIT');
    return value;
  }

  close(): void {
    for (const statement of this.prepared.values()) statement.destroySync();
    this.prepared.clear();
    this.driver.closeSync();
  }
}

function bindable(parameters: Parameters | undefined): DuckDBValue[] | Record<string, DuckDBValue> | undefined {
  if (parameters === undefined) return undefined;
  if (Array.isArray(parameters)) return parameters.map(toDriver);
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, toDriver(value)]));
}

/** Dates go over as ISO text: the SQL side casts (`$from::TIMESTAMP`), so that no type is guessed. Bytes go over as BLOB. */
function toDriver(value: Parameter): DuckDBValue {
  if (value instanceof Date) return value.toISOString().replace('Z', '');
  return value instanceof Uint8Array ? blobValue(value) : value;
}
