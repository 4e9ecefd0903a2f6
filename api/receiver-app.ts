import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { guard } from './auth.ts';
import { baseApp, countRequests, refusalCounter, webhookCounter } from './base-app.ts';
import type { Config } from './config.ts';
import { eventsPlugin } from './events.ts';
import { gatewayPlugin } from './gateway/plugin.ts';
import { healthPlugin, logCheck } from './health.ts';
import type { Logger } from './logger.ts';
import { meteredLog } from './metered-log.ts';
import { permitsPlugin } from './permits.ts';
import { ReceiverDesk } from './receiver-desk.ts';
import { forwardPlugin } from './receiver-forward.ts';
import { receiverMonitoring } from './receiver-monitoring.ts';
import { OwnerLink } from './receiver-owner.ts';
import { registryWrites } from './registry.ts';
import { Telemetry } from './telemetry.ts';
import { throttledWarning } from './throttled-warning.ts';
import { tokenGuard } from './token-guard.ts';
import { version } from './version.ts';
import { webhookPlugin } from './webhook.ts';

/** From one look at the budgets to the next, ms. */
const renewMs = 1000;

export interface ReceiverParts {
  config: Config;
  log: EventLogWriter;
  logger: Logger;
  now: () => Date;
}

/**
 * The HTTP surface of a receiver, not yet listening: what only writes the log is answered here, permits are passed on or split, and
 * everything else is the owner's.
 */
export async function buildReceiverApp(parts: ReceiverParts): Promise<FastifyInstance> {
  const { config, logger, now } = parts;
  const telemetry = new Telemetry();
  const log = meteredLog(parts.log, telemetry, now);
  const owner = new OwnerLink(config.owner.urls);
  const desk = new ReceiverDesk({ owner, ...config.owner, log, now });
  const app = baseApp(parts);
  const onRefused = refusalCounter(telemetry, logger);

  const noBudget = throttledWarning(logger, 'no budget from the warehouse');
  const timer = setInterval(() => void desk.renew().catch((error) => noBudget({ err: error })), renewMs).unref();
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await owner.close();
  });

  const count = webhookCounter(telemetry, logger);
  await app.register(async (scope) => webhookPlugin(scope, { config: config.webhook, log, now, count }));
  await app.register(async (scope) => {
    await scope.register(rateLimit, { global: false });
    tokenGuard(scope, 'permit', onRefused);
    permitsPlugin(scope, desk);
  });
  const { gateway, graphUrl } = config;
  if (gateway !== null) {
    const failed = throttledWarning(logger, 'the gateway could not do its part');
    const report = (error: unknown) => failed({ err: error });
    await app.register(async (scope) =>
      gatewayPlugin(scope, { config: gateway, graphUrl, office: desk, log, telemetry, now, categoryOf: () => null, report }),
    );
  }
  await app.register(async (scope) => {
    await scope.register(cookie);
    await scope.register(rateLimit, { global: false });
    countRequests(scope, telemetry, logger);
    guard(scope, { now, onRefused });
    healthPlugin(scope, async () => ({ checks: { log: logCheck(telemetry, now()) }, lag_records: null }));
    registryWrites(scope, { log, warehouse: null, now });
    receiverMonitoring(scope, { telemetry, desk, owner, version });
    await scope.register(async (inner) => eventsPlugin(inner, { log, now, telemetry }));
    await scope.register(async (inner) => forwardPlugin(inner, { owner }));
  });
  return app;
}
