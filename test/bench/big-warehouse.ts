import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { aliasId } from '../../ingest/alias.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { timeOrderedId } from '../time-ordered-id.ts';

/** People that the benchmark's messages go to. */
export const benchContacts = 500_000;
const step = 1_000_000;

/** Where a benchmark's warehouse is kept between runs. */
export function keptWarehouse(keep: string, messages: number): string {
  return join(keep, `messages-${messages}.duckdb`);
}

/**
 * Puts a warehouse of this many messages at `path`, over the 30 days before now, or over those of the kept one: with `keep` (a folder)
 * it is made once, and copied from there in later runs.
 * @returns the end of the 30 days
 */
export async function benchWarehouse(path: string, messages: number, now: Date, keep?: string): Promise<Date> {
  const kept = keep === undefined ? path : keptWarehouse(keep, messages);
  if (keep !== undefined) mkdirSync(keep, { recursive: true });
  let until = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  const isThere = existsSync(kept);
  const { database, connection } = isThere ? await opened(kept) : await bigWarehouse(kept, messages, until);
  const [newest] = isThere ? await connection.rows('SELECT max(message_at) AS newest_at FROM fact_message') : [];
  if (newest !== undefined) until = new Date(Math.ceil((newest.newest_at as Date).getTime() / 60_000) * 60_000);
  connection.close();
  database.close();
  if (kept !== path) copyFileSync(kept, path);
  return until;
}

async function opened(path: string): Promise<{ database: Database; connection: Connection }> {
  const database = await Database.open({ path, memoryMb: 512, threads: 1, readOnly: true });
  return { database, connection: await database.connect() };
}

/** Opens a new warehouse file and fills it with this many messages over the 30 days before `until`. */
export async function bigWarehouse(
  path: string,
  messages: number,
  until: Date,
): Promise<{ database: Database; connection: Connection }> {
  const database = await Database.open({ path, memoryMb: 3072, threads: 2, checkpointMb: 256 });
  const connection = await database.connect();
  await migrate(connection);
  await people(connection);
  await connection.exec(
    `SET VARIABLE contacts = ${benchContacts}; SET VARIABLE messages = ${messages}; SET VARIABLE until = TIMESTAMP '${until.toISOString().slice(0, 19)}'`,
  );
  for (let first = 0; first < messages; first += step) {
    await connection.exec(`SET VARIABLE first = ${first}; SET VARIABLE last = ${Math.min(messages, first + step)}`);
    await connection.exec(readProjectFile('test/bench/sql/messages.sql'));
  }
  await connection.exec(readProjectFile('test/bench/sql/people.sql'));
  await connection.exec('CHECKPOINT');
  return { database, connection };
}

/** The phone number of the benchmark's n-th person. */
export function benchPhone(person: number): string {
  return `9198${String(person).padStart(8, '0')}`;
}

/** Number, send id and platform id of the n-th of `messages` messages, as messages.sql makes them. */
export function benchMessage(n: number, messages: number, until: Date): { id: string; wamid: string; phone: string } {
  const at = Math.floor(until.getTime() - 30 * 86_400_000 + (n * (30 * 86_400_000)) / messages);
  return {
    id: timeOrderedId(at, n),
    wamid: `wamid.BENCH${n}`,
    phone: benchPhone((n * 7919) % benchContacts),
  };
}

async function people(connection: Connection): Promise<void> {
  await connection.exec(
    'CREATE TEMP TABLE bench_person (person INTEGER, phone VARCHAR, phone_alias VARCHAR, contact_alias VARCHAR, country VARCHAR)',
  );
  const appender = await connection.driver.createAppender('bench_person', 'main', 'temp');
  for (let person = 0; person < benchContacts; person += 1) {
    appender.appendInteger(person);
    appender.appendVarchar(benchPhone(person));
    appender.appendVarchar(aliasId('phone', benchPhone(person)));
    appender.appendVarchar(aliasId('contact', `contact-${person}`));
    appender.appendVarchar('IN');
    appender.endRow();
  }
  appender.closeSync();
}
