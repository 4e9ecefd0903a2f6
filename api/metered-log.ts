import type { EventLogWriter } from '../ingest/event-log.ts';
import type { NewRecord, Place } from '../ingest/record.ts';
import type { Telemetry } from './telemetry.ts';

/** The log with its appends counted. */
export function meteredLog(log: EventLogWriter, { appended }: Telemetry, now: () => Date): EventLogWriter {
  const counted = async (records: readonly NewRecord[], place: Promise<Place>) => {
    try {
      await place;
    } catch (error) {
      appended.failures += 1;
      appended.lastFailureAtMs = now().getTime();
      throw error;
    }
    for (const { body, receivedAt } of records) {
      appended.records += 1;
      appended.bytes += body.byteLength;
      appended.lastSuccessAtMs = Number(receivedAt / 1000n);
    }
    return place;
  };
  return {
    append: (kind, body, receivedAt) => counted([{ body, receivedAt }], log.append(kind, body, receivedAt)),
    appendAll: (kind, records) => counted(records, log.appendAll(kind, records)),
    close: () => log.close(),
  };
}
