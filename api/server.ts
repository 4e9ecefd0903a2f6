import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { EventLog } from '../ingest/event-log.ts';
import { SluiceError } from '../sql/errors.ts';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { places } from './data-folder.ts';
import { createLogger, type Logger } from './logger.ts';
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

/**
 * Starts the whole of Sluice on one data folder and listens. Port 0 takes a free one.
 * @throws SluiceError `warehouse_locked` when another process has the folder, `config_invalid` when the address cannot be had
 */
export async function startServer(
  config: Config,
  { logger = createLogger(config.logLevel), now = () => new Date() }: { logger?: Logger; now?: () => Date } = {},
): Promise<RunningServer> {
  const works = await openWorks(config, { logger, now });
  const { folder, log, warehouse, failed, backup } = works;
  try {
    const app = await buildApp({ config, log, warehouse, logger, now, backup, tempDir: places(config.dataDir).temp });
    try {
      await app.listen({ host: config.http.host, port: config.http.port, backlog: 2048 });
    } catch (cause) {
      await app.close();
      const { code } = cause as NodeJS.ErrnoException;
      throw new SluiceError('config_invalid', {
        detail: `SLUICE_HTTP_HOST, SLUICE_HTTP_PORT: cannot listen on ${config.http.host}:${config.http.port} (${code})`,
        cause,
      });
    }
    const { port } = app.server.address() as AddressInfo;
    const url = `http://${reachableHost(config.http.host)}:${port}`;
    await folder.announce({ url, pid: process.pid, version, started_at: now().toISOString() });
    logger.info(
      { url, host: config.http.host, mode: 'embedded', data_dir: config.dataDir, version },
      `Sluice ${version} listens on ${url} (embedded log, data in ${config.dataDir})`,
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

/** An address that a program on this machine can connect to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
