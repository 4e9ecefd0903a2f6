import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import {
  Binary,
  Bool,
  type DataType,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import type { Connection } from '../../sql/database.ts';

/** How a DuckDB type goes over; every other type is cast to text. */
const carried: Record<string, { type: DataType; cast?: string }> = {
  BOOLEAN: { type: new Bool() },
  INTEGER: { type: new Int32() },
  BIGINT: { type: new Int64() },
  DOUBLE: { type: new Float64() },
  TIMESTAMP: { type: new TimestampMicrosecond('UTC'), cast: 'epoch_us' },
  BLOB: { type: new Binary() },
};

/** Writes a table as one Arrow IPC stream, a chunk at a time, so that its size does not matter. Answers the rows written. */
export async function writeTableAsArrow(connection: Connection, quotedTable: string, path: string): Promise<number> {
  const columns = (await connection.rows(`DESCRIBE SELECT * FROM ${quotedTable}`)).map((row) => {
    const name = String(row.column_name);
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const { type, cast } = carried[String(row.column_type)] ?? { type: new Utf8(), cast: 'to_text' };
    const expression = cast === undefined ? quoted : cast === 'to_text' ? `${quoted}::VARCHAR` : `${cast}(${quoted})`;
    return { field: new Field(name, type, true), expression };
  });
  const schema = new Schema(columns.map(({ field }) => field));
  const result = await connection.driver.stream(
    `SELECT ${columns.map(({ expression }) => expression).join(', ')} FROM ${quotedTable}`,
  );
  const writer = new RecordBatchStreamWriter();
  const file = createWriteStream(path);
  const piped = writer.toNodeStream().pipe(file);
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const { rowCount } = chunk;
    const children = columns.map(({ field }, index) => {
      const values = chunk.getColumnValues(index).map((value) => plain(value));
      return vectorFromArray(values, field.type).data[0] ?? makeData({ type: field.type, length: rowCount });
    });
    const data = makeData({ type: new Struct(schema.fields), length: rowCount, children });
    writer.write(new RecordBatch(schema, data));
    rows += rowCount;
    if (file.writableNeedDrain) await once(file, 'drain');
  }
  if (rows === 0) writer.write(new RecordBatch(schema));
  writer.finish();
  await finished(piped);
  return rows;
}

/** The driver hands bytes over in an object of its own. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;
}
