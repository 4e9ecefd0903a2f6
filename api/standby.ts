import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceError } from '../sql/errors.ts';
import { baseApp } from './base-app.ts';
import type { Config } from './config.ts';
import { DataFolder } from './data-folder.ts';
import type { Readiness } from './health.ts';
import { listen } from './listen.ts';
import type { Logger } from './logger.ts';
import { standbyHeader } from './receiver-owner.ts';
import { version } from './version.ts';

/** From one try for the folder to the next, ms. */
const tryMs = 500;

/** A folder that was waited for, and the port on which it was said meanwhile that it is. */
export interface TakenOver {
  folder: DataFolder;
  port: number;
  /** Stops answering "standby", so that the port is free for the server. */
  release(): Promise<void>;
}

/**
 * Takes the data folder, or waits until it is free: as soon as the process that holds it ended, however it ended. Meanwhile it answers
 * `/healthz` that it is alive, and everything else that it stands by.
 * @throws SluiceError `config_invalid`; the signal's reason when it was told to stop
 */
export async function takeOver(
  config: Config,
  { logger, signal }: { logger: Logger; signal: AbortSignal | undefined },
): Promise<TakenOver> {
  const free = await openFree(config.dataDir);
  if (free !== null) return { folder: free, port: config.http.port, release: async () => undefined };
  const app = standbyApp(config, logger);
  const { url, port } = await listen(app, config.http);
  logger.info(
    { url, role: 'standby', data_dir: config.dataDir, version },
    `Sluice ${version} stands by on ${url}: another process holds ${config.dataDir}`,
  );
  try {
    for (;;) {
      await sleep(tryMs, undefined, signal === undefined ? {} : { signal });
      const folder = await openFree(config.dataDir);
      if (folder === null) continue;
      logger.info({ data_dir: config.dataDir }, `taking over ${config.dataDir}`);
      return { folder, port, release: () => app.close() };
    }
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function openFree(dataDir: string): Promise<DataFolder | null> {
  try {
    return await DataFolder.open(dataDir);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'warehouse_locked') return null;
    throw error;
  }
}

function standbyApp(config: Config, logger: Logger) {
  const app = baseApp({ config, logger });
  app.addHook('onSend', async (_request, reply) => {
    reply.header(standbyHeader, '1').header('connection', 'close');
  });
  app.get('/healthz', { config: { right: 'public' } }, () => ({ status: 'ok' }));
  app.get('/readyz', { config: { right: 'public' } }, (_request, reply) =>
    reply.status(503).send({ status: 'standby', checks: {}, lag_records: null } satisfies Readiness),
  );
  app.setNotFoundHandler(async () => {
    throw new SluiceError('warehouse_standby');
  });
  return app;
}
