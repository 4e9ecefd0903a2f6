import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { projectRoot } from '../../sql/files.ts';
import { readAll } from '../contract/event-log.ts';
import { killedAfter } from '../killed.ts';
import { temporaryFolder } from '../temporary.ts';

const text = (value: string) => new TextEncoder().encode(value);
const from = (offset: number) => new Map([['log', BigInt(offset)]]);
const segment = (first: number) => `segment-${String(first).padStart(16, '0')}.duckdb`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let log: EmbeddedLog | undefined;
beforeEach(async () => {
  home = await temporaryFolder();
});
afterEach(async () => {
  await log?.close();
  log = undefined;
  await home.remove();
});

/** A closed log of three segments, ten records each, whose bodies are their numbers. */
async function threeSegments(): Promise<void> {
  const made = await EmbeddedLog.open({ folder: home.path });
  for (let first = 0; first < 30; first += 10) {
    if (first > 0) await made.rotate();
    await Promise.all(numbers(10).map((digit) => made.append('event', text(String(first + Number(digit))), 1n)));
  }
  await made.close();
}
const reopen = async () => {
  log = await EmbeddedLog.open({ folder: home.path });
  return log;
};
const bodies = async (opened: EmbeddedLog) => (await readAll(opened)).map(({ body }) => Buffer.from(body).toString().trimEnd());

describe('a damaged embedded log', () => {
  it('names the segment that is missing, and still takes records', async () => {
    await threeSegments();
    await rm(join(home.path, segment(10)));
    const opened = await reopen();
    expect((await opened.append('event', text('30'), 1n)).offset).toBe(30n);
    expect((await opened.read(from(5), 1000)).map(({ offset }) => offset)).toEqual([5n, 6n, 7n, 8n, 9n]);
    await expect(opened.read(from(10), 1000)).rejects.toMatchObject({ code: 'log_gap', file: segment(10) });
    expect((await opened.read(from(20), 1000))[0]?.offset).toBe(20n);
  });

  it('tells a reader that begins before its first segment', async () => {
    await threeSegments();
    await rm(join(home.path, segment(0)));
    const opened = await reopen();
    await expect(opened.read(from(0), 1000)).rejects.toMatchObject({ code: 'log_gap', file: segment(0) });
    expect(opened.stats()).toMatchObject({ segments: 2, oldestOffset: 10n, nextOffset: 30n });
  });

  it('tells a reader that is ahead of it: the log is older than the warehouse', async () => {
    await threeSegments();
    const opened = await reopen();
    await expect(opened.read(from(31), 1000)).rejects.toMatchObject({ code: 'log_gap' });
  });

  it('names the segment that cannot be read; the others are untouched', async () => {
    await threeSegments();
    await writeFile(join(home.path, segment(10)), Buffer.alloc(20_000, 7));
    const opened = await reopen();
    await expect(opened.read(from(12), 1000)).rejects.toMatchObject({ code: 'log_corrupt', file: segment(10) });
    expect((await opened.read(from(0), 1000))[0]?.offset).toBe(0n);
    expect((await opened.read(from(20), 1000))[0]?.offset).toBe(20n);
  });

  it('does not start on a newest segment that cannot be read: its records would be numbered twice', async () => {
    await threeSegments();
    await truncate(join(home.path, segment(20)), 5000);
    await expect(reopen()).rejects.toMatchObject({ code: 'log_corrupt', file: segment(20) });
  });

  it('starts when power was lost before a new segment held anything', async () => {
    await threeSegments();
    await writeFile(join(home.path, segment(30)), '');
    await writeFile(join(home.path, 'spare.duckdb'), 'half a file');
    const opened = await reopen();
    expect((await opened.append('event', text('30'), 1n)).offset).toBe(30n);
    await opened.rotate();
    expect(await bodies(opened)).toEqual(numbers(31));
  });

  it('reads on when only the files are left of a log that ran before', async () => {
    await threeSegments();
    expect(await bodies(await reopen())).toEqual(numbers(30));
  });
});

describe('a thread pool that is full of other work', () => {
  it('does not hold up a record that is alone: its commit takes no thread of the pool', async () => {
    const opened = await reopen();
    // To open a pipe for reading takes a thread of the pool until somebody writes to it.
    const pipe = join(home.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    let opens = 0;
    const waiting = Array.from({ length: 64 }, async () => {
      const handle = await open(pipe, 'r');
      opens += 1;
      await handle.close();
    });
    expect((await opened.append('event', text('alone'), 1n)).offset).toBe(0n);
    expect(opens).toBe(0);
    const writer = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    await Promise.all(waiting);
    closeSync(writer);
    expect(await bodies(opened)).toEqual(['alone']);
  });

  it('reads small and large commits in the order in which they were asked for', async () => {
    const opened = await reopen();
    const asked = numbers(60);
    // one alone, then twenty in one turn: more than the calling thread writes itself
    for (let at = 0; at < 60; at += 20) {
      await opened.append('event', text(String(at)), 1n);
      await Promise.all(asked.slice(at + 1, at + 20).map((number) => opened.append('event', text(number), 1n)));
    }
    expect(await bodies(opened)).toEqual(asked);
    await opened.close();
    expect(await bodies(await reopen())).toEqual(asked);
  });
});

describe('a write-ahead log cut by power loss', () => {
  /** Leaves a log of ten records, each a commit, unclosed: all of it in the write-ahead log. */
  const child = join(projectRoot, 'dist/test/integration/children/append-ten.js');
  const wal = () => join(home.path, `${segment(0)}.wal`);

  it('is replayed whole after a kill', async () => {
    await killedAfter(child, [home.path], /done/);
    expect((await stat(wal())).size).toBeGreaterThan(10_000);
    expect(await bodies(await reopen())).toEqual(numbers(10));
  });

  it('loses only the commit that was not finished: too short', async () => {
    await killedAfter(child, [home.path], /done/);
    await truncate(wal(), (await stat(wal())).size - 700);
    expect(await bodies(await reopen())).toEqual(numbers(9));
  });

  it('loses only the commit that was not finished: long enough, but bytes missing', async () => {
    await killedAfter(child, [home.path], /done/);
    const { size } = await stat(wal());
    const handle = await open(wal(), 'r+');
    await handle.write(Buffer.alloc(500), 0, 500, size - 500);
    await handle.close();
    const opened = await reopen();
    expect(await bodies(opened)).toEqual(numbers(9));
    expect((await opened.append('event', text('9'), 1n)).offset).toBe(9n);
    expect((await stat(`${wal()}.torn`)).size).toBe(size);
  });

  it('is refused when the damage lies before commits that were acknowledged', async () => {
    await killedAfter(child, [home.path], /done/);
    const bytes = await readFile(wal());
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 255;
    await writeFile(wal(), bytes);
    await expect(reopen()).rejects.toMatchObject({ code: 'log_corrupt', file: segment(0) });
    expect((await readFile(wal())).equals(bytes)).toBe(true);
  });
});
