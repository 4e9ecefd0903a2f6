import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataType, Type, tableFromIPC } from 'apache-arrow';
import { Database } from '../../sql/database.ts';

/** One Arrow stream as a Parquet file with the same columns: text, numbers, whole numbers, flags and instants. */
export async function arrowToParquet(arrow: Uint8Array): Promise<Uint8Array> {
  const table = tableFromIPC(arrow);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-parquet-'));
  const [rowsFile, target] = [join(folder, 'rows.json'), join(folder, 'panel.parquet')];
  const database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
  try {
    const { fields } = table.schema;
    const lines = table
      .toArray()
      .map((row: Record<string, unknown>) =>
        JSON.stringify(Object.fromEntries(fields.map(({ name, type }) => [name, plain(row[name], type)]))),
      );
    await writeFile(rowsFile, lines.join('\n'));
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const columns = fields.map(({ name, type }) => `${quoted(name)}: '${sqlType(type)}'`).join(', ');
    const connection = await database.connect();
    await connection.run(
      `COPY (SELECT * FROM read_json(${quoted(rowsFile)}, format = 'newline_delimited', columns = {${columns}})) TO ${quoted(target)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    return await readFile(target);
  } finally {
    database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function plain(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (type.typeId === Type.Timestamp) return new Date(Number(value)).toISOString();
  return typeof value === 'bigint' ? Number(value) : value;
}

function sqlType({ typeId }: DataType): string {
  if (typeId === Type.Utf8) return 'VARCHAR';
  if (typeId === Type.Float) return 'DOUBLE';
  if (typeId === Type.Int) return 'BIGINT';
  return typeId === Type.Bool ? 'BOOLEAN' : 'TIMESTAMP';
}
