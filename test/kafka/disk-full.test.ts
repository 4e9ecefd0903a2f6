import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { KafkaLog } from '../../ingest/kafka/kafka-log.ts';
import { temporaryFolder } from '../temporary.ts';
import { startBroker } from './broker.ts';
import { exactlyOnce, reckon } from './invariant.ts';
import { receivedAt, SmallWarehouse, statusBody } from './small-warehouse.ts';
import { ownTopics } from './topics.ts';
import { describeWhereKafkaStarts } from './with-kafka.ts';

const run = promisify(execFile);
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describeWhereKafkaStarts('a broker whose disk is full', () => {
  it('has every record that it acknowledged when it has space again, and refused the others', async (context) => {
    const home = await temporaryFolder();
    cleanups.push(home.remove);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', home.path]);
    } catch {
      context.skip('a full disk is tried on a small tmpfs, and mounting one is not permitted here');
    }
    cleanups.push(() => run('umount', ['-l', home.path]));
    const ballast = join(home.path, 'ballast');
    await writeFile(ballast, Buffer.alloc(24 << 20));
    const broker = await startBroker({ dataDir: home.path, settings: { 'log.index.size.max.bytes': 65_536 } });
    cleanups.push(() => broker.dispose());
    const log = await KafkaLog.open(ownTopics(broker.address, { appendTimeoutMs: 2000 }));
    cleanups.push(() => log.close());

    const acknowledged: string[] = [];
    const large = Buffer.alloc(200_000, ' ');
    const append = async (n: number) => {
      await log.append('webhook', Buffer.concat([statusBody(n), large]), receivedAt);
      acknowledged.push(`wamid.${n}`);
    };
    const filling = async () => {
      for (let n = 0; n < 200; n += 1) await append(n);
    };
    await expect(filling()).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(acknowledged.length).toBeGreaterThan(20);

    await rm(ballast);
    // a broker that lost its disk ends by itself or has to be ended
    await broker.kill();
    await broker.start();
    const again = async () =>
      append(200).then(
        () => 'taken',
        () => 'refused',
      );
    await expect.poll(again, { timeout: 20_000 }).toBe('taken');
    const warehouse = await SmallWarehouse.open(':memory:');
    cleanups.push(async () => warehouse.close());
    await (await warehouse.loop(log)).catchUp(() => undefined);
    // what was refused may be there: the promise is about what was acknowledged
    const promised = (await warehouse.ids()).filter((id) => acknowledged.includes(id));
    expect(reckon(acknowledged, promised)).toEqual(exactlyOnce(acknowledged.length));
    expect(await warehouse.ids()).toHaveLength(new Set(await warehouse.ids()).size);
  }, 90_000);
});
