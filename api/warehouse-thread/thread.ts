import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ArchiveReader } from '../../ingest/archive-reader.ts';
import { forgettingReader } from '../../ingest/forgetting-reader.ts';
import { catchUpReader, historyReader } from '../../ingest/history-reader.ts';
import { connectLog } from '../../ingest/log-channel.ts';
import { useWords } from '../../ingest/stop-words.ts';
import { projectWords } from '../../ingest/word-file.ts';
import { plainError } from '../../sql/errors.ts';
import { forgottenOf, readForgotten } from '../forgotten-book.ts';
import { expose } from './rpc.ts';
import { WarehouseService } from './service.ts';
import type { ThreadMessage, ThreadOptions } from './start.ts';

/** Entry of the thread that owns the warehouse. It reads the log through one port and answers calls on another. */
const { options, logPort, callPort } = workerData as { options: ThreadOptions; logPort: MessagePort; callPort: MessagePort };
const tell = (message: ThreadMessage) => parentPort?.postMessage(message);

try {
  useWords(projectWords(options.projectDir));
  const log = connectLog(logPort);
  const archive = await ArchiveReader.open(join(options.dataDir, 'archive'));
  let forgotten = forgottenOf(await readForgotten(options.dataDir));
  const service = await WarehouseService.open({
    ...options,
    log: forgettingReader(catchUpReader(archive, log), () => forgotten),
    history: forgettingReader(historyReader(archive, log), () => forgotten),
    reloadForgotten: async () => {
      forgotten = forgottenOf(await readForgotten(options.dataDir));
    },
    now: () => new Date(),
    report: (text, error) => tell({ kind: 'report', text, error: plainError(error) }),
    onFailure: (error) => tell({ kind: 'failed', error: plainError(error) }),
  });
  expose(callPort, service);
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'failed', error: plainError(error) });
}
