import { Apply } from '../../ingest/apply.ts';
import { connectApart } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { migrate } from '../../sql/migrate.ts';
import { ConnectionPool } from './connection-pool.ts';

/** An opened warehouse file on which nothing runs yet. */
export interface Quiet {
  database: Database;
  writer: Connection;
  modeller: Connection;
  /** For tables that are built now and then, beside the modeller. */
  apart: Connection;
  pool: ConnectionPool;
  apply: Apply;
}

/** Opens a warehouse file, at the newest schema. */
export async function openQuiet(path: string, { memoryMb, threads }: { memoryMb: number; threads: number }): Promise<Quiet> {
  const database = await Database.open({ path, memoryMb, threads, checkpointMb: 256 });
  const writer = await database.connect();
  await migrate(writer);
  const modeller = await database.connect();
  const apart = await connectApart(database);
  const pool = await ConnectionPool.open(database, 3);
  return { database, writer, modeller, apart, pool, apply: await Apply.on(writer) };
}

export async function closeQuiet({ database, writer, modeller, apart, pool }: Quiet): Promise<void> {
  await pool.close();
  writer.close();
  modeller.close();
  apart.close();
  database.close();
}
