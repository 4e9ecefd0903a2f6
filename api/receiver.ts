import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { listen } from './listen.ts';
import { createLogger, type Logger } from './logger.ts';
import { logName, openLogWriter } from './open-log.ts';
import { buildReceiverApp } from './receiver-app.ts';
import { version } from './version.ts';

export interface RunningReceiver {
  url: string;
  port: number;
  app: FastifyInstance;
  /** Finishes the requests under way, then closes the log. Calling it again waits for the same end. */
  close(): Promise<void>;
}

/**
 * Starts a receiver: no file of its own, any number of them behind a load balancer.
 * @throws SluiceError `config_invalid` without Kafka or when the address cannot be had, and what keeps the log from opening
 */
export async function startReceiver(
  config: Config,
  { logger = createLogger(config.logLevel), now = () => new Date() }: { logger?: Logger; now?: () => Date } = {},
): Promise<RunningReceiver> {
  const log = await openLogWriter(config, logger);
  try {
    const app = await buildReceiverApp({ config, log, logger, now });
    const { url, port } = await listen(app, config.http);
    const owner = config.owner.urls.join(', ') || 'nowhere: it passes nothing on';
    logger.info(
      { url, host: config.http.host, mode: 'kafka', role: 'receiver', owner: config.owner.urls, version },
      `Sluice ${version} receives on ${url} (${logName(config)}, warehouse at ${owner})`,
    );
    if (config.owner.token === null) logger.warn('SLUICE_OWNER_TOKEN is empty: this receiver grants no sending rights');
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= app.close().then(() => log.close());
      return closing;
    };
    return { url, port, app, close };
  } catch (error) {
    await log.close();
    throw error;
  }
}
