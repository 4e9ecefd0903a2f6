/**
 * Appends to the log under the folder named, from many writers at once, archives as it goes, and prints each acknowledged record as
 * `<offset> <id>`. Arguments: folder, name of the round. Ids are `<round>-<number>`, padded to bodies of 20 to 5,000 bytes.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Archiver } from '../../../ingest/archive.ts';
import { EmbeddedLog } from '../../../ingest/embedded-log.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const log = await EmbeddedLog.open({ folder: join(folder, 'log'), segmentBytes: 100_000 });
const archiver = await Archiver.open({ folder: join(folder, 'archive'), log });

let number = 0;
async function write(): Promise<never> {
  for (;;) {
    const id = `${round}-${number++}`;
    const { offset } = await log.append(
      'event',
      Buffer.from(id.padEnd(20 + ((number * 7919) % 5000), '.')),
      BigInt(Date.now()) * 1000n,
    );
    writeSync(1, `${offset} ${id}\n`);
  }
}

async function archive(): Promise<never> {
  for (;;) {
    await log.applied(await log.end());
    await archiver.step();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

await Promise.all([archive(), ...Array.from({ length: 20 }, write)]);
