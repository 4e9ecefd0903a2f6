import { MessageChannel } from 'node:worker_threads';
import { EmbeddedLog } from '../../ingest/embedded-log.ts';
import type { EventLog } from '../../ingest/event-log.ts';
import { connectLog, serveLog } from '../../ingest/log-channel.ts';
import { temporaryFolder } from '../temporary.ts';
import { eventLogContract, type LogUnderTest } from './event-log.ts';

/** `dress` may put something between the test and the log. */
async function embedded(segmentBytes: number | undefined, dress: (log: EmbeddedLog) => EventLog): Promise<LogUnderTest> {
  const folder = await temporaryFolder();
  const open = () => EmbeddedLog.open({ folder: folder.path, ...(segmentBytes && { segmentBytes }) });
  let log = await open();
  return {
    log: dress(log),
    reopen: async () => {
      await log.close();
      log = await open();
      return dress(log);
    },
    dispose: async () => {
      await log.close();
      await folder.remove();
    },
  };
}

/** Reads over a MessagePort, as the warehouse's thread does; writes directly. */
function throughChannel(log: EmbeddedLog): EventLog {
  const { port1, port2 } = new MessageChannel();
  serveLog(port1, log);
  const reader = connectLog(port2);
  port1.unref();
  port2.unref();
  return {
    append: (kind, body, receivedAt) => log.append(kind, body, receivedAt),
    appendAll: (kind, records) => log.appendAll(kind, records),
    read: (from, maxBytes) => reader.read(from, maxBytes),
    waitFor: (from, timeoutMs) => reader.waitFor(from, timeoutMs),
    end: () => reader.end(),
    applied: (positions) => reader.applied(positions),
    close: async () => {
      await log.close();
      reader.close();
    },
  };
}

eventLogContract('embedded', () => embedded(undefined, (log) => log));
eventLogContract('embedded, with segments of a few records', () => embedded(2000, (log) => log));
eventLogContract('embedded, read from another thread', () => embedded(undefined, throughChannel));
