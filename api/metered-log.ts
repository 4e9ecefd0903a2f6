import type { EventLogWriter } from '../ingest/event-log.ts';
import type { Telemetry } from './telemetry.ts';

/** The log with its appends counted. */
export function meteredLog(log: EventLogWriter, { appended }: Telemetry, now: () => Date): EventLogWriter {
  return {
    append: async (kind, body, receivedAt) => {
      try {
        const place = await log.append(kind, body, receivedAt);
        appended.records += 1;
        appended.bytes += body.byteLength;
        appended.lastSuccessAtMs = Number(receivedAt / 1000n);
        return place;
      } catch (error) {
        appended.failures += 1;
        appended.lastFailureAtMs = now().getTime();
        throw error;
      }
    },
    close: () => log.close(),
  };
}
