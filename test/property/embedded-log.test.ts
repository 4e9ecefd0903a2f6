import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Archiver } from '../../ingest/archive.ts';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import { historyReader } from '../../ingest/history-reader.ts';
import { recordKinds } from '../../ingest/record.ts';
import { temporaryFolder } from '../temporary.ts';

const dayMicros = 86_400_000_000n;
const record = fc.record({
  kind: fc.constantFrom(...recordKinds),
  receivedAt: fc.bigInt({ min: 0n, max: 3n * dayMicros }),
  body: fc.uint8Array({ maxLength: 3000 }),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: fc.array(record, { minLength: 1, maxLength: 30 }) }) },
  { weight: 1, arbitrary: fc.constant('rotate' as const) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
  { weight: 2, arbitrary: fc.record({ applyAndArchive: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 3, arbitrary: fc.record({ readAt: fc.double({ min: 0, max: 1, noNaN: true }), maxBytes: fc.nat(20_000) }) },
);

it('log and archive together are the list of what was appended, whatever was rotated, archived, removed or reopened', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      const home = await temporaryFolder();
      const [logFolder, archiveFolder] = [join(home.path, 'log'), join(home.path, 'archive')];
      const open = () => EmbeddedLog.open({ folder: logFolder, segmentBytes: 20_000, now: () => 0 });
      let log = await open();
      let archiver = await Archiver.open({ folder: archiveFolder, log });
      const archive = await ArchiveReader.open(archiveFolder);
      const model: (typeof record extends fc.Arbitrary<infer T> ? T : never)[] = [];

      const check = async (from: number, maxBytes: number) => {
        const read = await historyReader(archive, log).read(new Map([['log', BigInt(from)]]), maxBytes);
        expect(read.length > 0).toBe(from < model.length);
        const expected = model.slice(from, from + read.length).map((one, index) => ({ ...one, offset: BigInt(from + index) }));
        expect(read.map(({ kind, receivedAt, body, offset }) => ({ kind, receivedAt, body: [...body], offset }))).toEqual(
          expected.map(({ kind, receivedAt, body, offset }) => ({ kind, receivedAt, body: [...body], offset })),
        );
        return from + read.length;
      };

      for (const one of steps) {
        if (one === 'rotate') await log.rotate();
        else if (one === 'reopen') {
          await archiver.close();
          await log.close();
          log = await open();
          archiver = await Archiver.open({ folder: archiveFolder, log });
        } else if ('append' in one) {
          const places = one.append.map(({ kind, body, receivedAt }) => log.append(kind, body, receivedAt));
          const offsets = (await Promise.all(places)).map(({ offset }) => Number(offset) - model.length);
          expect(offsets).toEqual(one.append.map((_, index) => index));
          model.push(...one.append);
        } else if ('readAt' in one) await check(Math.round(one.readAt * model.length), one.maxBytes);
        else {
          await log.applied(new Map([['log', BigInt(Math.floor(one.applyAndArchive * model.length))]]));
          await archiver.step();
        }
      }
      for (let next = 0; next < model.length; ) next = await check(next, 5000);
      archive.close();
      await archiver.close();
      await log.close();
      await home.remove();
    }),
    { numRuns: 12 },
  );
});
