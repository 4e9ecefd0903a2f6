import { setTimeout } from 'node:timers/promises';
import { SluiceError } from '../../sql/errors.ts';
import type { Config } from '../config.ts';
import { createLogger, type Logger } from '../logger.ts';
import { startReceiver } from '../receiver.ts';
import { startServer } from '../server.ts';

/** How long requests under way may take to end after a signal, ms. */
const patienceMs = 30_000;

/** What runs until it is told to stop. */
interface Started {
  /** Rejects when it cannot go on. */
  failed: Promise<never>;
  close(): Promise<void>;
}

async function start(config: Config, logger: Logger, signal: AbortSignal): Promise<Started> {
  if (config.role !== 'receiver') return startServer(config, { logger, signal });
  const { close } = await startReceiver(config, { logger });
  return { close, failed: new Promise<never>(() => undefined) };
}

/**
 * Serves until SIGTERM or SIGINT, then stops in order; a second signal ends the process at once.
 * @returns the exit code: 0 after a signal, 1 when the warehouse could not go on or the stop took too long
 */
export async function serve(config: Config, misspelt: string[]): Promise<number> {
  if (config.tokens.length === 0) {
    throw new SluiceError('config_invalid', { detail: 'SLUICE_TOKENS is empty: nobody could use Sluice' });
  }
  const logger = createLogger(config.logLevel);
  const stop = new AbortController();
  const signalled = new Promise<number>((resolve) => {
    const onSignal = (signal: string) => {
      if (stop.signal.aborted) process.exit(1);
      logger.info(`${signal}: stopping; a second signal ends at once`);
      stop.abort();
      resolve(0);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  let server: Started;
  try {
    server = await start(config, logger, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    logger.info('stopped');
    return 0;
  }
  for (const name of misspelt) logger.warn(`${name} is not a setting of Sluice; it is not used`);
  if (config.webhook.appSecrets.length === 0) logger.warn('SLUICE_WEBHOOK_APP_SECRETS is empty: every webhook is refused');

  const failed = server.failed.catch((error) => {
    logger.fatal({ err: error }, 'the warehouse cannot go on; stopping, so that a new start can mend it');
    return 1;
  });
  const code = await Promise.race([signalled, failed]);
  const closed = server.close().then(
    () => true,
    (error) => {
      logger.error({ err: error }, 'the stop did not go well');
      return false;
    },
  );
  const clean = await Promise.race([closed, setTimeout(patienceMs, false, { ref: false })]);
  logger.info(clean ? 'stopped' : 'stopped without waiting longer; nothing that was acknowledged is lost');
  return clean ? code : 1;
}
