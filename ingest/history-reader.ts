import { SluiceError } from '../sql/errors.ts';
import type { ArchiveReader } from './archive-reader.ts';
import { embeddedPartition } from './embedded-log.ts';
import type { EventLogReader } from './event-log.ts';

/**
 * Everything that was ever accepted, from offset 0: the archive first, then the live log, as one log. For a rebuild beside the
 * serving warehouse; so what this reader has applied lets no segment go.
 * `read` throws `log_gap` when a record is in neither.
 */
export function historyReader(archive: ArchiveReader, log: EventLogReader): EventLogReader {
  return {
    read: async (from, maxBytes) => {
      const offset = Number(from.get(embeddedPartition) ?? 0n);
      if (archive.holds(offset)) return archive.read(offset, maxBytes);
      try {
        return await log.read(from, maxBytes);
      } catch (error) {
        if (!(error instanceof SluiceError) || error.code !== 'log_gap') throw error;
        // the segment may have moved into the archive since it was last looked at
        await archive.reload();
        if (!archive.holds(offset)) throw error;
        return archive.read(offset, maxBytes);
      }
    },
    waitFor: (from, timeoutMs) => log.waitFor(from, timeoutMs),
    end: () => log.end(),
    applied: async () => undefined,
  };
}
