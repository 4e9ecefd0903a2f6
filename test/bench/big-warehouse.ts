import { type Connection, Database } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';

/** Opens a warehouse file with this many messages over the 30 days before `until`; made where it does not exist. */
export async function bigWarehouse(
  path: string,
  messages: number,
  until: Date,
): Promise<{ database: Database; connection: Connection }> {
  const database = await Database.open({ path, memoryMb: 2048, threads: 2, checkpointMb: 256 });
  const connection = await database.connect();
  await migrate(connection);
  const [{ n = 0n } = {}] = await connection.rows('SELECT count(*) AS n FROM fact_message');
  if (Number(n) === messages) return { database, connection };
  await connection.exec(
    `SET VARIABLE messages = ${messages}; SET VARIABLE until = TIMESTAMP '${until.toISOString().slice(0, 19)}'`,
  );
  const step = 1_000_000;
  for (let first = Number(n); first < messages; first += step) {
    await connection.exec(`SET VARIABLE first = ${first}; SET VARIABLE last = ${Math.min(messages, first + step)}`);
    await connection.exec(readProjectFile('test/bench/sql/messages.sql'));
  }
  await connection.exec('CHECKPOINT');
  return { database, connection };
}
