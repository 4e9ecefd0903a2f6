import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { connectLog, serveLog } from '../../ingest/log-channel.ts';
import { projectRoot } from '../../sql/files.ts';
import { temporaryFolder } from '../temporary.ts';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let log: EmbeddedLog;
beforeEach(async () => {
  home = await temporaryFolder();
  log = await EmbeddedLog.open({ folder: home.path });
});
afterEach(async () => {
  await log.close();
  await home.remove();
});

function connected() {
  const { port1, port2 } = new MessageChannel();
  serveLog(port1, log);
  return { reader: connectLog(port2), served: port1 };
}

describe('the log read through a port', () => {
  it('is followed by another thread to the byte, while it grows', async () => {
    const { port1, port2 } = new MessageChannel();
    serveLog(port1, log);
    const worker = new Worker(join(projectRoot, 'dist/test/integration/children/count-log.js'), {
      workerData: { port: port2 },
      transferList: [port2],
    });
    const told = once(worker, 'message');
    const hash = createHash('sha256');
    for (let round = 0; round < 20; round++) {
      const bodies = Array.from({ length: 50 }, (_, index) => Buffer.alloc(index * 37, round * 50 + index));
      for (const body of bodies) hash.update(body);
      await Promise.all(bodies.map((body) => log.append('webhook', body, 1n)));
    }
    hash.update('stop');
    await log.append('command', Buffer.from('stop'), 1n);
    const [answer] = await told;
    expect(answer).toEqual({ records: 1001n, sha256: hash.digest('hex'), end: new Map([['log', 1001n]]) });
    await log.rotate();
    expect(await log.release(1001)).toBe(1);
    await worker.terminate();
  });

  it('gives records that are the reader’s own: changing them changes nothing in the log', async () => {
    const { reader } = connected();
    await log.append('event', Buffer.from('kept'), 1n);
    const [record] = await reader.read(new Map(), 1000);
    record?.body.fill(0);
    expect(Buffer.from((await log.read(new Map(), 1000))[0]?.body ?? []).toString()).toBe('kept');
    expect(Buffer.from((await reader.read(new Map(), 1000))[0]?.body ?? []).toString()).toBe('kept');
    reader.close();
  });

  it('passes errors on with their code and what they name', async () => {
    const { reader } = connected();
    await log.append('event', Buffer.from('x'), 1n);
    await log.rotate();
    await log.applied(new Map([['log', 1n]]));
    await log.release(1);
    await log.close();
    log = await EmbeddedLog.open({ folder: home.path });
    await expect(reader.read(new Map(), 1000)).rejects.toMatchObject({ code: 'log_unavailable' });
    reader.close();
    const again = connected();
    await expect(again.reader.read(new Map(), 1000)).rejects.toMatchObject({
      code: 'log_gap',
      file: 'segment-0000000000000000.duckdb',
    });
    again.reader.close();
  });

  it('refuses what is under way, and more, once the port is closed', async () => {
    const { reader, served } = connected();
    const waiting = reader.waitFor(new Map(), 60_000);
    served.close();
    await expect(waiting).rejects.toMatchObject({ code: 'log_unavailable' });
    await expect(reader.end()).rejects.toMatchObject({ code: 'log_unavailable' });
  });
});
