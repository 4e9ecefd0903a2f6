import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { catchUpReader, historyReader } from '../../ingest/history-reader.ts';
import { connectLog } from '../../ingest/log-channel.ts';
import { plainError } from '../../sql/errors.ts';
import { expose } from './rpc.ts';
import { WarehouseService } from './service.ts';
import type { ThreadMessage, ThreadOptions } from './start.ts';

/** Entry of the thread that owns the warehouse. It reads the log through one port and answers calls on another. */
const { options, logPort, callPort } = workerData as { options: ThreadOptions; logPort: MessagePort; callPort: MessagePort };
const tell = (message: ThreadMessage) => parentPort?.postMessage(message);

try {
  const log = connectLog(logPort);
  const archive = await ArchiveReader.open(join(options.dataDir, 'archive'));
  const service = await WarehouseService.open({
    ...options,
    log: catchUpReader(archive, log),
    history: historyReader(archive, log),
    now: () => new Date(),
    report: (text, error) => tell({ kind: 'report', text, error: plainError(error) }),
    onFailure: (error) => tell({ kind: 'failed', error: plainError(error) }),
  });
  expose(callPort, service);
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'failed', error: plainError(error) });
}
