import type { Connection } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { writeTableAsArrow } from './table-arrow.ts';

/**
 * Writes one table or view to a file. The name is looked up among the warehouse's own, so nothing else reaches the SQL.
 * @throws SluiceError `export_invalid` when there is no such table
 */
export async function exportTable(
  connection: Connection,
  table: string,
  format: 'csv' | 'parquet' | 'arrow',
  path: string,
): Promise<{ rows: number }> {
  const known = await connection.rows(
    'SELECT table_name FROM information_schema.tables WHERE table_name = $table AND table_catalog = current_database()',
    { table },
  );
  if (known.length === 0) throw new SluiceError('export_invalid', { detail: `there is no table ${table}`, field: 'table' });
  const source = `"${table.replaceAll('"', '""')}"`;
  if (format === 'arrow') return { rows: await writeTableAsArrow(connection, source, path) };
  const target = path.replaceAll("'", "''");
  const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd';
  const rows = await connection.run(`COPY (SELECT * FROM ${source}) TO '${target}' (${options})`);
  return { rows };
}
