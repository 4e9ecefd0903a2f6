import { availableParallelism } from 'node:os';
import { Apply } from '../../ingest/apply.ts';
import { attachKept } from '../../models/kept-relation.ts';
import { connectApart } from '../../models/runner.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { migrate } from '../../sql/migrate.ts';
import { ConnectionPool } from './connection-pool.ts';
import { PeopleReader } from './control-people.ts';
import { firstShare, MemoryShare } from './memory-share.ts';
import { RightOfWay } from './right-of-way.ts';

/** On more than these, one is free for those who send whatever is built and applied. */
const fewCores = 2;

/** An opened warehouse file on which nothing runs yet. */
export interface Quiet {
  database: Database;
  writer: Connection;
  modeller: Connection;
  /** For tables that are built now and then, beside the modeller. */
  apart: Connection;
  pool: ConnectionPool;
  people: PeopleReader;
  apply: Apply;
  memory: MemoryShare;
  /** What somebody waits for goes before the modeller where cores are few. */
  way: RightOfWay;
}

/** Opens a warehouse file, at the newest schema. `memoryMb` is for the whole process, whatever else runs in it. */
export async function openQuiet(path: string, { memoryMb, threads }: { memoryMb: number; threads: number }): Promise<Quiet> {
  const database = await Database.open({ path, memoryMb: firstShare(memoryMb), threads, checkpointMb: 256 });
  const writer = await database.connect();
  await migrate(writer);
  await writer.exec(attachKept);
  const modeller = await database.connect();
  const way = new RightOfWay();
  if (availableParallelism() <= fewCores) modeller.giveWay = () => way.giveWay();
  const apart = await connectApart(database);
  const pool = await ConnectionPool.open(database, 3, way);
  const people = await PeopleReader.open(database);
  const memory = await MemoryShare.start(database, memoryMb);
  return { database, writer, modeller, apart, pool, people, apply: await Apply.on(writer), memory, way };
}

export async function closeQuiet({ database, writer, modeller, apart, pool, people, memory }: Quiet): Promise<void> {
  await memory.close();
  await pool.close();
  await people.close();
  writer.close();
  modeller.close();
  apart.close();
  database.close();
}
