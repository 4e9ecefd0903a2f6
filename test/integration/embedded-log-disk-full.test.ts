import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, expect, it, type TestContext } from 'vitest';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { readAll } from '../contract/event-log.ts';
import { temporaryFolder } from '../temporary.ts';

const run = promisify(execFile);
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A disk of its own in memory, of a few MiB; skips the test where mounting is not permitted. */
async function tinyDisk(context: TestContext, megabytes: number): Promise<string> {
  const home = await temporaryFolder();
  cleanups.push(home.remove);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', home.path]);
  } catch {
    context.skip('a full disk is tried on a small tmpfs, and mounting one is not permitted here');
  }
  cleanups.push(() => run('umount', ['-l', home.path]));
  return home.path;
}

/** Appends records of `recordBytes` until one is refused. Tells the acknowledged ones by offset. */
async function fill(log: EmbeddedLog, acknowledged: Map<bigint, string>, recordBytes = 50_000): Promise<void> {
  for (let number = acknowledged.size; number < 10_000; number++) {
    const id = `record-${number}`;
    try {
      const { offset } = await log.append('event', Buffer.from(id.padEnd(recordBytes)), 1n);
      acknowledged.set(offset, id);
    } catch (error) {
      expect(error).toMatchObject({ code: 'log_unavailable', status: 503 });
      return;
    }
  }
  throw new Error('the disk did not fill up');
}

async function expectHeld(log: EmbeddedLog, acknowledged: ReadonlyMap<bigint, string>): Promise<void> {
  const held = (await readAll(log)).map(({ body }) => Buffer.from(body).toString().trimEnd());
  for (const [offset, id] of acknowledged) expect(held[Number(offset)]).toBe(id);
  expect(new Set(held).size).toBe(held.length);
}

for (const [name, segmentBytes, recordBytes] of [
  ['in one segment', 32 << 20, 50_000],
  ['with small segments', 1 << 20, 50_000],
  ['with small records', 32 << 20, 10_000],
] as const) {
  it(`refuses records when the disk is full and takes them again when there is space: ${name}`, async (context) => {
    const disk = await tinyDisk(context, 20);
    const ballast = join(disk, 'ballast');
    await writeFile(ballast, Buffer.alloc(8 << 20));
    let log = await EmbeddedLog.open({ folder: join(disk, 'log'), segmentBytes });
    cleanups.push(() => log.close());
    const acknowledged = new Map<bigint, string>();

    await fill(log, acknowledged, recordBytes);
    expect(acknowledged.size).toBeGreaterThan(10);
    await expectHeld(log, acknowledged);
    for (let attempt = 0; attempt < 3; attempt++) {
      await sleep(300);
      await expect(log.append('event', new Uint8Array(9 << 20), 1n)).rejects.toMatchObject({ code: 'log_unavailable' });
    }
    await expectHeld(log, acknowledged);

    await rm(ballast);
    await sleep(300);
    const before = acknowledged.size;
    for (let number = 0; number < 20; number++) {
      const id = `after-${number}`;
      acknowledged.set((await log.append('event', Buffer.from(id), 1n)).offset, id);
    }
    expect(acknowledged.size).toBe(before + 20);
    await expectHeld(log, acknowledged);

    await log.close();
    log = await EmbeddedLog.open({ folder: join(disk, 'log'), segmentBytes });
    await expectHeld(log, acknowledged);
  });
}

it('closes and opens again while the disk is full', async (context) => {
  const disk = await tinyDisk(context, 10);
  let log = await EmbeddedLog.open({ folder: join(disk, 'log'), segmentBytes: 1 << 20 });
  cleanups.push(() => log.close());
  const acknowledged = new Map<bigint, string>();
  await fill(log, acknowledged);
  await log.close();
  log = await EmbeddedLog.open({ folder: join(disk, 'log') });
  await expectHeld(log, acknowledged);
});
