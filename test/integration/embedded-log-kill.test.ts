import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { historyReader } from '../../ingest/history-reader.ts';
import { projectRoot } from '../../sql/files.ts';
import { readAll } from '../contract/event-log.ts';
import { killedAfter } from '../killed.ts';
import { temporaryFolder } from '../temporary.ts';

const child = join(projectRoot, 'dist/test/integration/children/append-until-killed.js');
const rounds = 8;

/** What archive and log hold together: the id at each offset. readAll checks that no offset is left out. */
async function held(folder: string): Promise<string[]> {
  const log = await EmbeddedLog.open({ folder: join(folder, 'log') });
  const archive = await ArchiveReader.open(join(folder, 'archive'));
  const records = await readAll(historyReader(archive, log));
  archive.close();
  await log.close();
  return records.map(({ body }) => Buffer.from(body).toString().replace(/\.+$/, ''));
}

it('keeps every acknowledged record exactly once, at its place, through kill -9 at random moments', {
  timeout: 120_000,
}, async () => {
  const home = await temporaryFolder();
  const acknowledged = new Map<number, string>();
  for (const [round, delay] of fc.sample(fc.integer({ min: 0, max: 700 }), rounds).entries()) {
    const output = await killedAfter(child, [home.path, String(round)], /\n/, delay);
    for (const line of output.split('\n').slice(0, -1)) {
      const [offset = '', id = ''] = line.split(' ');
      acknowledged.set(Number(offset), id);
    }
    const ids = await held(home.path);
    expect(new Set(ids).size, `round ${round}, killed ${delay} ms after the first record: ids twice`).toBe(ids.length);
    for (const [offset, id] of acknowledged) expect(ids[offset], `round ${round}, ${delay} ms: offset ${offset}`).toBe(id);
  }
  expect(acknowledged.size).toBeGreaterThan(rounds);
  await home.remove();
});
