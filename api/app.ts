import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { defaultPolicy } from '../controller/policy.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import { projectFolders } from '../models/project.ts';
import { adminPlugin } from './admin.ts';
import { assignmentsPlugin } from './assignments.ts';
import { guard } from './auth.ts';
import type { BackupSummary } from './backup.ts';
import { baseApp, countRequests, explainNotFound, refusalCounter, webhookCounter } from './base-app.ts';
import { calculatorPlugin } from './calculator.ts';
import type { Config } from './config.ts';
import { controlPlugin } from './control.ts';
import { ControlLoop } from './control-loop.ts';
import { collectDescription, describePlugin } from './describe.ts';
import { eventsPlugin } from './events.ts';
import { ExperimentWatch } from './experiment-watch.ts';
import { experimentsPlugin } from './experiments.ts';
import { Forecaster } from './forecaster.ts';
import { gatewayPlugin } from './gateway/plugin.ts';
import { healthPlugin, warehouseReadiness } from './health.ts';
import type { Logger } from './logger.ts';
import { loginPlugin } from './login.ts';
import { messageDeskPlugin } from './message-desk.ts';
import { meteredLog } from './metered-log.ts';
import { metricsPlugin } from './metrics.ts';
import { monitoringPlugin } from './monitoring.ts';
import { Notifier } from './notify/notifier.ts';
import { noticesPlugin } from './notify/plugin.ts';
import { LiveDashboards, ownDashboards } from './pages/dashboard-files.ts';
import { pagesPlugin } from './pages/plugin.ts';
import { PermitDesk, type PermitSource } from './permit-desk.ts';
import { permitsPlugin } from './permits.ts';
import { goodPolicy } from './policy-source.ts';
import { Poller } from './poll/poller.ts';
import { privacyPlugin } from './privacy.ts';
import type { PrivacyDesk } from './privacy-desk.ts';
import { reconciliationPlugin } from './reconciliation.ts';
import { registryReads, registryWrites } from './registry.ts';
import { serviceDeskPlugin } from './service-desk.ts';
import { snapshotPlugin } from './snapshot-routes.ts';
import type { Snapshot } from './snapshots.ts';
import { Telemetry } from './telemetry.ts';
import { throttledWarning } from './throttled-warning.ts';
import { tokenGuard } from './token-guard.ts';
import { valuePlugin } from './value.ts';
import { version } from './version.ts';
import type { Warehouse } from './warehouse.ts';
import { webhookPlugin } from './webhook.ts';
import { startWorkerPool, type WorkerPool } from './worker-pool.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The controller's loop; it ticks while the app listens. */
    control: ControlLoop;
  }
}

export interface AppParts {
  config: Config;
  log: EventLogWriter;
  warehouse: Warehouse;
  logger: Logger;
  now: () => Date;
  /** Writes a backup; given by the server, which knows the folders. */
  backup: (folder: string) => Promise<BackupSummary>;
  /** Forgets people and tells what is held on them; given by the server. */
  privacy: Pick<PrivacyDesk, 'forget' | 'heldOn' | 'sweep'>;
  /** Takes a snapshot of the marts; given by the server. */
  snapshot: () => Promise<Snapshot>;
  /** An existing folder for files on their way out. */
  tempDir: string;
  /** Owns the sending rights in place of the controller's loop, for tests. */
  control?: PermitSource;
  /** Does slow computations in place of threads of its own, for tests. */
  pool?: WorkerPool;
}

/**
 * The whole HTTP surface, not yet listening. Webhooks and permits live in scopes of their own with few hooks or none, because
 * they are hot paths; everything else lives behind the guard, which lets nobody in unless a route says whom.
 */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, warehouse, logger, now } = parts;
  const telemetry = new Telemetry();
  const log = meteredLog(parts.log, telemetry, now);
  const app = baseApp(parts);
  explainNotFound(app);
  await collectDescription(app, version);

  const policy = config.policyFile === null ? null : goodPolicy(config.policyFile, config.controlMode);
  if (policy !== null) logger.info({ policy_version: policy.version, mode: policy.account.mode }, 'policy file read');
  const unheard = throttledWarning(logger, 'a control webhook or alert was not taken; it is tried again');
  const notifier = new Notifier({
    config: config.notify,
    now,
    random: Math.random,
    newId: () => uuidv7({ msecs: now().getTime() }),
    report: (error) => unheard({ reason: error instanceof Error ? error.message : 'unknown' }),
  });
  app.addHook('onClose', () => notifier.stop());
  const troubled = throttledWarning(logger, 'the controller could not decide; sending rights run out until it can');
  const control = new ControlLoop({
    warehouse,
    log,
    policy: policy?.account ?? { ...defaultPolicy, mode: config.controlMode },
    ...(policy === null ? {} : { campaignPolicies: policy.campaigns }),
    now,
    report: (error) => troubled({ err: error }),
    listener: notifier,
  });
  app.decorate('control', control);
  const deliveryBelow = policy === null ? 0.92 : policy.deliveryWarning;
  const watching = setInterval(() => {
    if (deliveryBelow !== null) notifier.warnOfDelivery(control.counted?.cohorts ?? [], deliveryBelow);
  }, 60_000).unref();
  app.addHook('onClose', async () => clearInterval(watching));
  app.addHook('onListen', async () => control.start());
  app.addHook('onClose', () => control.stop());
  const lookless = throttledWarning(logger, 'what experiments say could not be recorded');
  const watch = new ExperimentWatch({ warehouse, log, now, report: (error) => lookless({ err: error }) });
  app.addHook('onListen', async () => watch.start());
  app.addHook('onClose', () => watch.stop());

  const pool = parts.pool ?? startWorkerPool();
  app.addHook('onClose', () => pool.close());
  const forecaster = new Forecaster(warehouse, pool, now);

  const count = webhookCounter(telemetry, logger);
  const heard = control.heard.bind(control);
  await app.register(async (scope) => webhookPlugin(scope, { config: config.webhook, log, now, count, heard }));

  const onRefused = refusalCounter(telemetry, logger);
  const office = new PermitDesk({ control: parts.control ?? control, log, warehouse, now });

  await app.register(async (scope) => {
    await scope.register(rateLimit, { global: false });
    tokenGuard(scope, 'permit', onRefused);
    permitsPlugin(scope, office);
  });

  const { gateway, graphUrl } = config;
  const unread = throttledWarning(logger, 'the platform could not be asked; it is tried again');
  const poller =
    config.poll === null
      ? null
      : new Poller({
          config: config.poll,
          graphUrl,
          log,
          now,
          numbers: () => control.counted?.numbers ?? [],
          report: (error) => unread({ reason: error instanceof Error ? error.message : 'unknown' }),
        });
  app.addHook('onListen', async () => poller?.start());
  app.addHook('onClose', async () => poller?.stop());
  if (gateway !== null) {
    const failed = throttledWarning(logger, 'the gateway could not do its part');
    const report = (error: unknown) => failed({ err: error });
    await app.register(async (scope) =>
      gatewayPlugin(scope, {
        config: gateway,
        graphUrl,
        office,
        log,
        telemetry,
        now,
        categoryOf: poller?.categoryOf ?? (() => null),
        report,
      }),
    );
  }

  await app.register(async (scope) => {
    await scope.register(cookie);
    await scope.register(formbody);
    await scope.register(rateLimit, { global: false });
    await scope.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy } });
    countRequests(scope, telemetry, logger);
    guard(scope, { now, onRefused });
    healthPlugin(scope, warehouseReadiness({ dataDir: config.dataDir, warehouse, telemetry, now }));
    experimentsPlugin(scope, { log, warehouse, now });
    assignmentsPlugin(scope, { log, warehouse, now });
    controlPlugin(scope, { control, warehouse, now });
    noticesPlugin(scope, { notifier, control });
    registryReads(scope, { warehouse });
    registryWrites(scope, { log, warehouse, now, registered: control.registered.bind(control) });
    metricsPlugin(scope, { warehouse, dataDir: config.dataDir });
    calculatorPlugin(scope);
    serviceDeskPlugin(scope, { warehouse, now });
    messageDeskPlugin(scope, { warehouse });
    reconciliationPlugin(scope, { warehouse, log, now });
    valuePlugin(scope, { warehouse, forecaster, now });
    monitoringPlugin(scope, { warehouse, control, telemetry, version, now });
    privacyPlugin(scope, parts.privacy);
    snapshotPlugin(scope, { dataDir: config.dataDir, snapshot: parts.snapshot });
    adminPlugin(scope, { warehouse, backup: parts.backup, tempDir: parts.tempDir });
    const dashboards = new LiveDashboards([ownDashboards, ...projectFolders(config.projectDir, ['dashboards'])]);
    await scope.register(async (inner) => pagesPlugin(inner, { warehouse, control, pool, forecaster, now, dashboards }));
    await scope.register(async (inner) => eventsPlugin(inner, { log, now, telemetry }));
    await scope.register(async (inner) => loginPlugin(inner, { now }));
    await scope.register(describePlugin);
  });
  return app;
}

/** Nothing from outside, no inline script, no eval. */
const contentSecurityPolicy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'manifest-src': ["'self'"],
};
