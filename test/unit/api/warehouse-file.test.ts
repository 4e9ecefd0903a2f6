import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkpoint, warehouseBytes } from '../../../api/warehouse-thread/warehouse-file.ts';
import { Database } from '../../../sql/database.ts';
import { temporaryFolder } from '../../temporary.ts';

it('a checkpoint waits for a transaction that still writes, and then has the log in the file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'warehouse.duckdb');
  const database = await Database.open({ path, memoryMb: 64, threads: 1 });
  const [writer, other] = [await database.connect(), await database.connect()];
  await writer.exec('CREATE TABLE facts (n INTEGER); INSERT INTO facts VALUES (1)');
  await other.exec('BEGIN TRANSACTION; UPDATE facts SET n = 2');
  await expect(writer.exec('CHECKPOINT')).rejects.toThrow('other write transactions active');

  let done = false;
  const waited = checkpoint(writer).then(() => {
    done = true;
  });
  await writer.rows('SELECT 1');
  expect(done).toBe(false);
  await other.exec('COMMIT');
  await waited;
  expect(warehouseBytes(path)).toBe((await stat(path)).size);
  await expect(checkpoint(writer)).resolves.toBeUndefined();

  writer.close();
  other.close();
  database.close();
  await folder.remove();
});

it('a checkpoint that fails for another reason tells it', async () => {
  const database = await Database.open({ path: ':memory:', memoryMb: 64, threads: 1 });
  const connection = await database.connect();
  await connection.exec('BEGIN TRANSACTION; CREATE TABLE facts (n INTEGER)');
  connection.close();
  await expect(checkpoint(connection)).rejects.toThrow();
  database.close();
});
