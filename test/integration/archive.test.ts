import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Archiver } from '../../ingest/archive.ts';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { historyReader } from '../../ingest/history-reader.ts';
import { Database } from '../../sql/database.ts';
import { readAll } from '../contract/event-log.ts';
import { temporaryFolder } from '../temporary.ts';

/** 2026-03-01T23:59:59 UTC, in microseconds. */
const beforeMidnight = 1_772_409_599_000_000n;
const afterMidnight = beforeMidnight + 2_000_000n;
const text = (value: string) => new TextEncoder().encode(value);
const position = (offset: number) => new Map([['log', BigInt(offset)]]);

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let log: EmbeddedLog;
let archiver: Archiver;
const logFolder = () => join(home.path, 'log');
const archiveFolder = () => join(home.path, 'archive');

beforeEach(async () => {
  home = await temporaryFolder();
  log = await EmbeddedLog.open({ folder: logFolder(), now: () => Number(beforeMidnight / 1000n) });
  archiver = await Archiver.open({ folder: archiveFolder(), log });
});
afterEach(async () => {
  await archiver.close();
  await log.close();
  await home.remove();
});

/** Appends records whose bodies are their numbers. */
async function append(from: number, to: number, receivedAt = beforeMidnight): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  await Promise.all(numbers.map((number) => log.append('event', text(String(number)), receivedAt)));
}
/** Puts records into a segment of their own and archives it. */
async function archive(from: number, to: number): Promise<void> {
  await append(from, to);
  await archiver.forceRotate();
  await archiver.step();
}
async function history(): Promise<string[]> {
  const reader = await ArchiveReader.open(archiveFolder());
  try {
    return (await readAll(historyReader(reader, log), 50)).map(({ body }) => Buffer.from(body).toString());
  } finally {
    reader.close();
  }
}
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));
const segmentFiles = async () => (await readdir(logFolder())).filter((name) => /^segment-.*\.duckdb$/.test(name)).sort();

describe('the archive', () => {
  it('takes a sealed segment into one Parquet file of its day, which any tool can read', async () => {
    await archive(0, 10);
    expect(archiver.manifest).toHaveLength(1);
    expect(archiver.manifest[0]).toMatchObject({
      file: '2026-03-01/0000000000000000-0000000000000009.parquet',
      day: '2026-03-01',
      first_offset: 0,
      last_offset: 9,
      rows: 10,
      body_bytes: 10,
    });
    const database = await Database.open({ path: ':memory:', memoryMb: 64, threads: 1 });
    const connection = await database.connect();
    const path = join(archiveFolder(), archiver.manifest[0]?.file ?? '');
    const [row] = await connection.rows(`SELECT * FROM read_parquet('${path}') WHERE log_offset = 7`);
    expect(row).toEqual({
      log_partition: 'log',
      log_offset: 7n,
      record_kind: 'event',
      received_at: new Date('2026-03-01T23:59:59.000Z'),
      body: Buffer.from('7'),
    });
    connection.close();
    database.close();
    expect((await stat(path)).size).toBe(archiver.manifest[0]?.bytes);
  });

  it('splits a segment at midnight UTC, even when requests interleave there', async () => {
    await append(0, 2, beforeMidnight);
    await append(2, 3, afterMidnight);
    await append(3, 4, beforeMidnight);
    await append(4, 6, afterMidnight);
    await archiver.forceRotate();
    await archiver.step();
    expect(archiver.manifest.map(({ file, rows }) => [file, rows])).toEqual([
      ['2026-03-01/0000000000000000-0000000000000003.parquet', 3],
      ['2026-03-02/0000000000000002-0000000000000005.parquet', 3],
    ]);
    expect(await history()).toEqual(numbers(6));
  });

  it('lets a segment go only when it is archived and applied, whichever comes last', async () => {
    await append(0, 10);
    await log.rotate();
    await append(10, 20);
    await log.rotate();
    await log.applied(position(15));
    expect(await archiver.step()).toMatchObject({ archived: 10, removed: 1, more: true });
    expect(await archiver.step()).toMatchObject({ archived: 10, removed: 0, more: false });
    expect(await segmentFiles()).toEqual(['segment-0000000000000010.duckdb', 'segment-0000000000000020.duckdb']);
    await log.applied(position(20));
    expect(await archiver.step()).toEqual({ archived: 0, removed: 1, more: false });
    expect(await segmentFiles()).toEqual(['segment-0000000000000020.duckdb']);
    expect(log.stats()).toMatchObject({ segments: 1, oldestOffset: 20n, nextOffset: 20n });
  });

  it('does not take the position back when an older one is told', async () => {
    await archive(0, 10);
    await log.applied(position(10));
    await log.applied(position(3));
    expect(await archiver.step()).toMatchObject({ removed: 1 });
  });

  it('is read together with the log as one history from offset 0', async () => {
    await archive(0, 300);
    await archive(300, 500);
    await log.applied(position(400));
    await archiver.step();
    await append(500, 520);
    expect(await history()).toEqual(numbers(520));
  });

  it('is followed by a history reader that was opened before the segment moved', async () => {
    const reader = await ArchiveReader.open(archiveFolder());
    await archive(0, 10);
    await log.applied(position(10));
    await archiver.step();
    await append(10, 12);
    const records = await readAll(historyReader(reader, log), 1);
    expect(records.map(({ body }) => Buffer.from(body).toString())).toEqual(numbers(12));
    reader.close();
  });

  it('does not release segments because of a reader of the history', async () => {
    await archive(0, 10);
    const reader = await ArchiveReader.open(archiveFolder());
    await historyReader(reader, log).applied(position(10));
    expect(await archiver.step()).toMatchObject({ removed: 0 });
    reader.close();
  });

  it('goes on from its manifest when opened again, and archives nothing twice', async () => {
    await archive(0, 10);
    await append(10, 20);
    await log.rotate();
    archiver = await Archiver.open({ folder: archiveFolder(), log });
    expect(await archiver.step()).toMatchObject({ archived: 10 });
    expect(await archiver.step()).toMatchObject({ archived: 0 });
    expect(archiver.manifest.map(({ rows }) => rows)).toEqual([10, 10]);
  });

  it('overwrites what a crash left before the manifest named it', async () => {
    await archive(0, 10);
    const [file] = archiver.manifest;
    await writeFile(join(archiveFolder(), file?.file ?? ''), 'half a file');
    await writeFile(join(archiveFolder(), 'manifest.json'), JSON.stringify({ version: 1, files: [] }));
    await writeFile(join(archiveFolder(), 'manifest.json.tmp'), '{"files": [');
    archiver = await Archiver.open({ folder: archiveFolder(), log });
    await archiver.step();
    expect(archiver.manifest).toHaveLength(1);
    expect(await history()).toEqual(numbers(10));
  });

  it('begins a new segment when the day is over, so that quiet days are archived too', async () => {
    let now = Number(beforeMidnight / 1000n);
    const folder = join(home.path, 'quiet');
    const quiet = await EmbeddedLog.open({ folder, now: () => now });
    const steps = await Archiver.open({ folder: join(home.path, 'quiet-archive'), log: quiet });
    await quiet.append('event', text('0'), beforeMidnight);
    expect(await steps.step()).toMatchObject({ archived: 0 });
    now += 2000;
    expect(await steps.step()).toMatchObject({ archived: 1 });
    expect(await steps.step()).toMatchObject({ archived: 0 });
    await quiet.close();
  });

  it('names the file that is missing', async () => {
    await archive(0, 10);
    await log.applied(position(10));
    await archiver.step();
    await rm(join(archiveFolder(), archiver.manifest[0]?.file ?? ''));
    await expect(history()).rejects.toMatchObject({
      code: 'log_gap',
      file: '2026-03-01/0000000000000000-0000000000000009.parquet',
    });
  });

  it('names the file whose bytes are not what was written', async () => {
    await archive(0, 10);
    const path = join(archiveFolder(), archiver.manifest[0]?.file ?? '');
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(history()).rejects.toMatchObject({ code: 'log_corrupt', file: archiver.manifest[0]?.file });
  });

  it('does not hide records that are in neither archive nor log', async () => {
    await archive(0, 10);
    await archive(10, 20);
    await archive(20, 30);
    await log.applied(position(30));
    await archiver.step();
    const manifest = join(archiveFolder(), 'manifest.json');
    const { files } = JSON.parse(await readFile(manifest, 'utf8')) as { files: unknown[] };
    await writeFile(manifest, JSON.stringify({ version: 1, files: [files[0], files[2]] }));
    await log.close();
    log = await EmbeddedLog.open({ folder: logFolder() });
    await expect(history()).rejects.toMatchObject({ code: 'log_gap' });
  });

  it('says so when the manifest is not readable', async () => {
    await writeFile(join(archiveFolder(), 'manifest.json'), 'nonsense');
    await expect(Archiver.open({ folder: archiveFolder(), log })).rejects.toMatchObject({
      code: 'log_corrupt',
      file: 'manifest.json',
    });
  });

  it('keeps a segment whose records are not all there', async () => {
    await append(0, 10);
    await log.rotate();
    await append(10, 20);
    await log.rotate();
    await append(20, 30);
    await log.close();
    await rm(join(logFolder(), 'segment-0000000000000010.duckdb'));
    log = await EmbeddedLog.open({ folder: logFolder(), now: () => Number(beforeMidnight / 1000n) });
    archiver = await Archiver.open({ folder: archiveFolder(), log });
    await log.applied(position(30));
    await expect(archiver.step()).rejects.toMatchObject({ code: 'log_gap' });
    expect(archiver.manifest).toEqual([]);
    expect(await segmentFiles()).toEqual(['segment-0000000000000000.duckdb', 'segment-0000000000000020.duckdb']);
  });
});

describe('a backup of log and archive', () => {
  it('taken while records come in holds everything acknowledged before it, and goes on where it ends', async () => {
    await archive(0, 100);
    await log.applied(position(100));
    await archiver.step();
    await append(100, 150);
    const backup = join(home.path, 'backup');
    const running = append(150, 400);
    await archiver.copyTo(backup);
    await running;

    const copy = await EmbeddedLog.open({ folder: join(backup, 'log') });
    const reader = await ArchiveReader.open(join(backup, 'archive'));
    const records = await readAll(historyReader(reader, copy));
    expect(records.length).toBeGreaterThanOrEqual(150);
    expect(records.map(({ body }) => Buffer.from(body).toString())).toEqual(numbers(records.length));
    expect((await copy.append('event', text('next'), 1n)).offset).toBe(BigInt(records.length));
    reader.close();
    await copy.close();
    expect(await history()).toEqual(numbers(400));
  });

  it('keeps the place of the next record when every segment has gone', async () => {
    await archive(0, 10);
    await log.applied(position(10));
    await archiver.step();
    await archiver.copyTo(join(home.path, 'backup'));
    const copy = await EmbeddedLog.open({ folder: join(home.path, 'backup', 'log') });
    expect(await copy.end()).toEqual(position(10));
    await copy.close();
  });
});
