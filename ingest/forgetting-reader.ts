import type { EventLogReader } from './event-log.ts';
import { forgetIn } from './forget-record.ts';
import type { Forgotten } from './forgotten.ts';

/** A log in which nobody who is forgotten is named, whatever its files still hold. `forgotten` is asked anew at each read. */
export function forgettingReader(reader: EventLogReader, forgotten: () => Forgotten): EventLogReader {
  return {
    read: async (from, maxBytes) => {
      const records = await reader.read(from, maxBytes);
      const people = forgotten();
      return people.isEmpty ? records : records.map((record) => forgetIn(record, people));
    },
    waitFor: (from, timeoutMs) => reader.waitFor(from, timeoutMs),
    end: () => reader.end(),
    applied: (positions) => reader.applied(positions),
  };
}
