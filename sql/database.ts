import {
  blobValue,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBVector,
  JSDuckDBValueConverter,
  ResultReturnType,
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

/** What a prepared script takes. */
export type PreparedValue = bigint | number | string | Uint8Array;

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
      // Its allocator gives back what became free sooner than by default (512 and 128 MiB), and by itself: what it keeps counts as the process's.
      allocator_bulk_deallocation_flush_threshold: '32MiB',
      allocator_flush_threshold: '16MiB',
      allocator_background_threads: 'true',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // A prepared statement keeps what this optimizer concluded from the data of its day: docs/duckdb-notes, "A prepared statement".
      disabled_optimizers: 'statistics_propagation',
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
  /** Awaited before each statement that is no script, for work that lets other work pass. */
  giveWay: (() => Promise<void>) | null = null;
  private readonly prepared = new Map<string, PreparedStatement[]>();

  constructor(
    /** The driver's connection, for appenders and streamed results only. */
    readonly driver: DuckDBConnection,
  ) {}

  /** Runs one or more statements without parameters. */
  async exec(sql: string): Promise<void> {
    if (this.giveWay !== null) await this.giveWay();
    await this.driver.run(sql);
  }

  /** Runs one statement and tells how many rows it changed. */
  async run(sql: string, parameters?: Parameters): Promise<number> {
    if (this.giveWay !== null) await this.giveWay();
    const result = await this.driver.run(sql, bindable(parameters));
    return result.rowsChanged;
  }

  /**
   * Runs the statements of a script, each kept prepared: to plan a long statement costs more than to run it on a few rows. A statement
   * is planned anew when the catalog has changed, so tables that it names should stay, and at each run when it has parameters.
   * @param values by name, for `$name`; each statement takes those that it names. Instants are microseconds since 1970 UTC.
   * @returns the rows of the last statement
   */
  async script(text: string, values: Record<string, PreparedValue> = {}): Promise<Row[]> {
    return (await this.scriptResults(text, values)).at(-1) ?? [];
  }

  /** The same with the rows of every statement; of one that writes, a row with the `Count` of rows written. */
  async scriptResults(text: string, values: Record<string, PreparedValue> = {}): Promise<Row[][]> {
    const statements = this.prepared.get(text) ?? (await this.prepare(text));
    const results: Row[][] = [];
    for (const { statement, parameters } of statements) {
      for (const [at, { name, type }] of parameters.entries()) bindTyped(statement, at + 1, type, values[name]);
      results.push(await scriptRows(await statement.run()));
    }
    return results;
  }

  /** Forgets the plans of scripts: the order of a plan's joins goes by the sizes that the tables had when it was made. */
  planAnew(): void {
    for (const { statement } of [...this.prepared.values()].flat()) statement.destroySync();
    this.prepared.clear();
  }

  private async prepare(text: string): Promise<PreparedStatement[]> {
    const extracted = await this.driver.extractStatements(text);
    const statements: PreparedStatement[] = [];
    for (let index = 0; index < extracted.count; index += 1) {
      const statement = await extracted.prepare(index);
      const parameters = Array.from({ length: statement.parameterCount }, (_, at) => ({
        name: statement.parameterName(at + 1),
        type: statement.parameterType(at + 1),
      }));
      statements.push({ statement, parameters });
    }
    this.prepared.set(text, statements);
    return statements;
  }

  /** All rows of one query. */
  async rows(sql: string, parameters?: Parameters): Promise<Row[]> {
    return rowsOf(await this.result(sql, parameters));
  }

  /** The whole result with its column names and types, by column. */
  async columns(sql: string, parameters?: Parameters): Promise<{ names: string[]; types: DuckDBType[]; values: unknown[][] }> {
    const result = await this.result(sql, parameters);
    const chunks = await chunksOf(result);
    const values = result
      .columnNames()
      .map((_, at) => chunks.flatMap((chunk) => chunk.convertColumnValues(at, JSDuckDBValueConverter)));
    return { names: result.columnNames(), types: result.columnTypes(), values };
  }

  /**
   * A result of very many rows, a typed array a column: INTEGER, BIGINT or DOUBLE, where NULL becomes 0; everything else as it is. A result
   * made of objects takes several times the room and the time.
   */
  async typedColumns(sql: string, parameters?: Parameters): Promise<TypedColumns> {
    const result = await this.driver.run(sql, bindable(parameters));
    const chunks = await result.fetchAllChunks();
    const rows = chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const columns = result.columnNames().map((name, at): [string, TypedColumn] => {
      const vectors = chunks.map((chunk) => chunk.getColumnVector(at));
      return [name, typedColumn(result.columnTypeId(at), rows, vectors)];
    });
    return new TypedColumns(rows, new Map(columns));
  }

  private async result(sql: string, parameters?: Parameters): Promise<DuckDBMaterializedResult> {
    if (this.giveWay !== null) await this.giveWay();
    return this.driver.run(sql, bindable(parameters));
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
    this.planAnew();
    this.driver.closeSync();
  }
}

/** Whether the engine found no memory for a statement under its ceiling: later, or for less at once, it may. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Out of Memory Error');
}

/** The values of one column. */
type TypedColumn = Int32Array | BigInt64Array | Float64Array | DuckDBValue[];

/** A result by column, each asked for as what its SQL makes of it. */
export class TypedColumns {
  constructor(
    readonly rows: number,
    private readonly columns: ReadonlyMap<string, TypedColumn>,
  ) {}

  /** A column of INTEGER. */
  whole(name: string): Int32Array {
    return this.of(Int32Array, name);
  }

  /** A column of BIGINT. */
  exact(name: string): BigInt64Array {
    return this.of(BigInt64Array, name);
  }

  /** A column of DOUBLE. */
  real(name: string): Float64Array {
    return this.of(Float64Array, name);
  }

  /** A column of VARCHAR. */
  text(name: string): (string | null)[] {
    return this.of<DuckDBValue[]>(Array, name).map((value) => (value === null ? null : String(value)));
  }

  private of<Column extends TypedColumn>(kind: abstract new (...args: never[]) => Column, name: string): Column {
    const column = this.columns.get(name);
    if (column instanceof kind) return column;
    throw new TypeError(`the column ${name} is not of the type expected`);
  }
}

function typedColumn(type: DuckDBTypeId, rows: number, vectors: readonly DuckDBVector[]): TypedColumn {
  const filled = <Column extends TypedColumn>(column: Column, zero: Column[number]): Column => {
    let place = 0;
    for (const vector of vectors) {
      for (let at = 0; at < vector.itemCount; at += 1) column[place++] = vector.getItem(at) ?? zero;
    }
    return column;
  };
  if (type === DuckDBTypeId.INTEGER) return filled(new Int32Array(rows), 0);
  if (type === DuckDBTypeId.BIGINT) return filled(new BigInt64Array(rows), 0n);
  if (type === DuckDBTypeId.DOUBLE) return filled(new Float64Array(rows), 0);
  return vectors.flatMap((vector) => vector.toArray());
}

/** The rows of a script's statement; of one that writes, their count. */
async function scriptRows(result: DuckDBMaterializedResult): Promise<Row[]> {
  return result.returnType === ResultReturnType.CHANGED_ROWS ? [{ Count: BigInt(result.rowsChanged) }] : rowsOf(result);
}

async function rowsOf(result: DuckDBMaterializedResult): Promise<Row[]> {
  const names = result.deduplicatedColumnNames();
  const rows: Row[] = [];
  for (const chunk of await chunksOf(result)) {
    for (let at = 0; at < chunk.rowCount; at += 1) {
      const row: Row = {};
      chunk.visitRowValues(at, (value, _row, column, type) => {
        row[names[column] ?? ''] = JSDuckDBValueConverter(value, type, JSDuckDBValueConverter);
      });
      rows.push(row);
    }
  }
  return rows;
}

/** A result of one chunk is taken here and now: each chunk that is waited for goes to the thread pool and back, and lets others pass. */
async function chunksOf(result: DuckDBMaterializedResult): Promise<DuckDBDataChunk[]> {
  const count = result.chunkCount;
  if (count === 1) return [result.getChunk(0)];
  const chunks: DuckDBDataChunk[] = [];
  // Not until there is no more: to be told so goes to the thread pool too.
  for (let at = 0; at < count; at += 1) {
    const chunk = await result.fetchChunk();
    if (chunk !== null) chunks.push(chunk);
  }
  return chunks;
}

interface PreparedStatement {
  statement: DuckDBPreparedStatement;
  parameters: { name: string; type: DuckDBType }[];
}

/** Binds with the parameter's own type; the driver would take a bigint for a HUGEINT. */
function bindTyped(statement: DuckDBPreparedStatement, at: number, type: DuckDBType, value: PreparedValue | undefined): void {
  if (value === undefined) throw new Error(`No value for parameter ${statement.parameterName(at)}`);
  if (value instanceof Uint8Array) statement.bindBlob(at, value);
  else if (typeof value === 'string') statement.bindVarchar(at, value);
  else if (type.typeId === DuckDBTypeId.TIMESTAMP) statement.bindTimestamp(at, new DuckDBTimestampValue(BigInt(value)));
  else if (type.typeId === DuckDBTypeId.BIGINT) statement.bindBigInt(at, BigInt(value));
  else statement.bindValue(at, value, type);
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
