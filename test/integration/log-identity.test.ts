import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { SmallWarehouse, statusBody } from '../kafka/small-warehouse.ts';
import { temporaryFolder } from '../temporary.ts';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let warehouse: SmallWarehouse;
let log: EmbeddedLog;
beforeEach(async () => {
  home = await temporaryFolder();
  warehouse = await SmallWarehouse.open(join(home.path, 'warehouse.duckdb'));
  log = await openLog();
  await tell(0, 5);
  await apply();
});
afterEach(async () => {
  warehouse.close();
  await log.close();
  await home.remove();
});

const openLog = () => EmbeddedLog.open({ folder: join(home.path, 'log'), segmentBytes: 2000 });
/** One record after another, each received a millisecond after the one before it. */
async function tell(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) await log.append('webhook', statusBody(n), BigInt(1_700_000_000_000_000 + 1000 * n));
}
/** As a start does: what it was told of the log is read from the warehouse. */
const apply = async () => (await warehouse.loop(log)).catchUp(() => undefined);
/** Another log in the place of the one that was read. */
async function exchangeLog(from: number, to: number): Promise<void> {
  await log.close();
  await rm(join(home.path, 'log'), { recursive: true });
  log = await openLog();
  await tell(from, to);
}

describe('a warehouse that is started', () => {
  it('goes on with the log that it read before', async () => {
    await log.close();
    log = await openLog();
    await tell(5, 8);
    expect(await apply()).toBe(3);
    expect(await warehouse.ids()).toHaveLength(8);
  });

  it('reads nothing of another log, though that is longer than its position: what lies before would be lost', async () => {
    await exchangeLog(100, 110);
    await expect(apply()).rejects.toMatchObject({
      code: 'log_gap',
      detail: expect.stringContaining('log: record 4 is of 2023-11-14'),
    });
    expect(await warehouse.ids()).toHaveLength(5);
  });

  it('goes on where the record that it knows is gone from the log, as it does after long rests', async () => {
    await log.rotate();
    await log.applied(await log.end());
    await log.release(5);
    await log.close();
    log = await openLog();
    await tell(5, 7);
    await expect(log.read(new Map([['log', 4n]]), 1)).rejects.toMatchObject({ code: 'log_gap' });
    expect(await apply()).toBe(2);
  });

  it('goes on after an update from a version that did not note what it had read', async () => {
    await warehouse.connection.exec('UPDATE record_count SET newest_offset = NULL, newest_received_at = NULL');
    await tell(5, 6);
    expect(await apply()).toBe(1);
    const [row] = await warehouse.connection.rows('SELECT newest_offset, epoch_us(newest_received_at) AS at FROM record_count');
    expect(row).toEqual({ newest_offset: 5n, at: 1_700_000_000_005_000n });
  });
});
