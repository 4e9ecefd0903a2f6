import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answerMetricQuery } from '../../models/answer-metrics.ts';
import type { Catalog } from '../../models/catalog.ts';
import type { MetricAnswer, MetricQuery } from '../../models/metric-query.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';

const tablesSql = readProjectFile('sql/queries/snapshot_tables.sql');

/**
 * Writes every model that names neither a person nor a single message to `<folder>/<model>.parquet`, all as of one moment, and the
 * books of the models beside them. No person is in a snapshot, so none has to be forgotten in one.
 */
export async function writeSnapshot(connection: Connection, folder: string): Promise<{ tables: number; rows: number }> {
  return connection.transaction(async () => {
    const names = (await connection.rows(tablesSql)).map(({ name }) => String(name));
    let rows = 0;
    for (const name of names) {
      rows += await connection.run(
        `COPY (SELECT * FROM "${name}") TO '${quoted(join(folder, `${name}.parquet`))}' (FORMAT parquet, COMPRESSION zstd)`,
      );
    }
    return { tables: names.length, rows };
  });
}

/**
 * Asks the marts of a snapshot as if it were the day on which it was taken.
 * @throws SluiceError `snapshot_unknown` when the snapshot has not what the question needs
 */
export async function answerFromSnapshot(
  folder: string,
  takenAt: Date,
  catalog: Catalog,
  query: MetricQuery,
): Promise<MetricAnswer> {
  const database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
  try {
    const connection = await database.connect();
    await migrate(connection);
    for (const file of await readdir(folder)) {
      const name = /^([a-z][a-z0-9_]*)\.parquet$/.exec(file)?.[1];
      if (name === undefined) continue;
      const source = `FROM read_parquet('${quoted(join(folder, file))}')`;
      await connection.exec(name === 'model_state' ? `INSERT INTO model_state ${source}` : `CREATE VIEW "${name}" AS ${source}`);
    }
    return await answerMetricQuery(connection, catalog, query, takenAt);
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) {
      throw new SluiceError('snapshot_unknown', {
        detail: `the snapshot of ${takenAt.toISOString()} has not what is asked for`,
        cause: error,
      });
    }
    throw error;
  } finally {
    database.close();
  }
}

const quoted = (path: string) => path.replaceAll("'", "''");
