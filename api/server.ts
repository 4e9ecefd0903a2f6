import type { FastifyInstance } from 'fastify';
import type { EventLog } from '../ingest/event-log.ts';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { places } from './data-folder.ts';
import { listen } from './listen.ts';
import { createLogger, type Logger } from './logger.ts';
import { logName } from './open-log.ts';
import { takeOver } from './standby.ts';
import { version } from './version.ts';
import type { Warehouse } from './warehouse.ts';
import { openWorks } from './works.ts';

export interface RunningServer {
  /** Where this machine reaches it, without a slash at the end. */
  url: string;
  port: number;
  app: FastifyInstance;
  warehouse: Warehouse;
  log: EventLog;
  /** Rejects when the warehouse cannot go on: the process should then end and be started anew. */
  failed: Promise<never>;
  /** Stops taking requests, finishes those under way, then closes warehouse and log. Calling it again waits for the same end. */
  close(): Promise<void>;
}

interface ServerOptions {
  logger?: Logger;
  now?: () => Date;
  signal?: AbortSignal;
}

/**
 * Starts the whole of Sluice on one data folder and listens. Port 0 takes a free one. As `warehouse` it waits, when another process
 * has the folder, until that one ended; `signal` ends the waiting.
 * @throws SluiceError `warehouse_locked` when another process has the folder, `config_invalid` when the address cannot be had
 */
export async function startServer(
  config: Config,
  { logger = createLogger(config.logLevel), now = () => new Date(), signal }: ServerOptions = {},
): Promise<RunningServer> {
  const taken = config.role === 'warehouse' ? await takeOver(config, { logger, signal }) : null;
  const works = await openWorks(config, { logger, now, ...(taken === null ? {} : { folder: taken.folder }) }).catch(
    async (error) => {
      await taken?.release();
      throw error;
    },
  );
  const { folder, log, warehouse, failed, backup, privacy, snapshot } = works;
  try {
    const app = await buildApp({
      config,
      log,
      warehouse,
      logger,
      now,
      backup,
      privacy,
      snapshot,
      tempDir: places(config.dataDir).temp,
    });
    await taken?.release();
    const { url, port } = await listen(app, { ...config.http, port: taken?.port ?? config.http.port });
    await folder.announce({ url, pid: process.pid, version, started_at: now().toISOString() });
    const { role, dataDir } = config;
    const mode = config.kafka === null ? 'embedded' : 'kafka';
    logger.info(
      { url, host: config.http.host, mode, role, data_dir: dataDir, version },
      `Sluice ${version} listens on ${url} (${logName(config)}, data in ${dataDir})`,
    );
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= app.close().then(() => works.close());
      return closing;
    };
    return { url, port, app, warehouse, log, failed, close };
  } catch (error) {
    await works.close();
    throw error;
  }
}
