import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { EventLogReader } from '../../ingest/event-log.ts';
import { serveLog } from '../../ingest/log-channel.ts';
import { type PlainError, revivedError } from '../../sql/errors.ts';
import { projectRoot } from '../../sql/files.ts';
import type { Warehouse } from '../warehouse.ts';
import { remote } from './rpc.ts';

export interface ThreadOptions {
  /** The data folder: `warehouse.duckdb`, `archive/`. */
  dataDir: string;
  /** The user's own files, or null. */
  projectDir: string | null;
  /** DuckDB's ceiling, MiB. */
  memoryMb: number;
  /** Threads of one query. */
  threads: number;
  /** Least rest between two model builds, ms. */
  refreshMs: number;
}

/** What the thread tells without being asked. */
export type ThreadMessage =
  | { kind: 'ready' }
  | { kind: 'report'; text: string; error: PlainError }
  | { kind: 'failed'; error: PlainError };

export interface StartedWarehouse {
  warehouse: Warehouse;
  /** Rejects when the thread cannot go on: the process should then end, so that it is started anew. Never resolves. */
  failed: Promise<never>;
}

/** Decoded rows live for one batch: with room for them, most are gone before V8 would copy them (measured: a third less collection). */
const maxYoungGenerationSizeMb = 64;

/**
 * Starts the thread that owns the warehouse and resolves once its models can be queried.
 * Sources and tests run the compiled thread of `dist/`: a worker cannot load TypeScript on Node 20.
 * @throws SluiceError what kept the warehouse from opening
 */
export async function startWarehouse(
  options: ThreadOptions,
  log: EventLogReader,
  report: (text: string, error: Error) => void,
): Promise<StartedWarehouse> {
  const logChannel = new MessageChannel();
  const callChannel = new MessageChannel();
  serveLog(logChannel.port1, log);
  const { service, fail } = remote<Warehouse>(callChannel.port1);
  const worker = new Worker(join(projectRoot, 'dist/api/warehouse-thread/thread.js'), {
    workerData: { options, logPort: logChannel.port2, callPort: callChannel.port2 },
    transferList: [logChannel.port2, callChannel.port2],
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  let closing = false;
  let giveUp: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    giveUp = (error) => {
      fail(error);
      reject(error);
    };
  });
  failed.catch(() => undefined);
  worker.on('error', (error: Error) => giveUp(error));
  worker.on('exit', (code) => {
    if (!closing) giveUp(new Error(`the warehouse thread ended with ${code}`));
  });
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'report') report(message.text, revivedError(message.error));
      else giveUp(revivedError(message.error));
    });
  });
  const end = async () => {
    closing = true;
    logChannel.port1.close();
    callChannel.port1.close();
    await worker.terminate();
  };
  try {
    await Promise.race([ready, failed]);
  } catch (error) {
    await end();
    throw error;
  }
  const close = async () => {
    await service.close().catch((error: Error) => report('the warehouse did not close cleanly', error));
    await end();
  };
  const warehouse = new Proxy(service, {
    get: (target, method) => (method === 'close' ? close : Reflect.get(target, method)),
  });
  return { warehouse, failed };
}
