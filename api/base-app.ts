import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { SluiceError } from '../sql/errors.ts';
import { decorateIdentity } from './auth.ts';
import type { Config } from './config.ts';
import type { Logger } from './logger.ts';
import { problemSender, toProblem } from './problem.ts';
import { routeBook } from './route-book.ts';
import type { Telemetry, WebhookOutcome } from './telemetry.ts';
import { throttledWarning } from './throttled-warning.ts';
import { checkInput } from './validate.ts';

/** What every role of Sluice answers HTTP with: sockets, limits, errors as problem documents, who comes in. It has no routes yet. */
export function baseApp({ config, logger }: { config: Config; logger: Logger }): FastifyInstance {
  const processMark = Date.now().toString(36);
  let requests = 0;
  const sendProblem = problemSender(logger);
  const app = fastify({
    // Fastify's own lines only when something is wrong: the first line is ours.
    loggerInstance: logger.child({}, { level: logger.levelVal < 40 ? 'warn' : logger.level }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all requests: a child for each would cost more than the rest of a webhook's handling.
    childLoggerFactory: (parent) => parent,
    genReqId: () => `${processMark}-${(++requests).toString(36)}`,
    trustProxy: config.http.trustedProxies,
    bodyLimit: 1_000_000,
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
    // What arrives while it stops is still answered; the log and the warehouse close last.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1600 },
    frameworkErrors: (error, request, reply) => void sendProblem(request as never, reply as never, error),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
      const problem = JSON.stringify(
        toProblem(new SluiceError('body_unreadable', { detail: 'the request is not well-formed HTTP' }), 'none'),
      );
      socket.end(
        `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(problem)}\r\nconnection: close\r\n\r\n${problem}`,
      );
    },
  });
  app.setValidatorCompiler(checkInput);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error));
  decorateIdentity(app, config);
  return app;
}

/** Tells, for an address that nothing answers, whether it is the address or the method; call before the routes. */
export function explainNotFound(app: FastifyInstance): void {
  const routes = routeBook(app);
  app.setNotFoundHandler((request, reply) => {
    const allowed = routes.methodsFor(request.url);
    if (allowed.length === 0) throw new SluiceError('not_found');
    reply.header('allow', allowed.join(', '));
    throw new SluiceError('method_not_allowed', { detail: `this address takes ${allowed.join(', ')}` });
  });
}

/** Counts who is refused for want of a valid token, and says so now and then. */
export function refusalCounter(telemetry: Telemetry, logger: Logger): () => void {
  const nameless = throttledWarning(logger, 'requests refused for want of a valid token');
  return () => {
    telemetry.refused += 1;
    nameless({});
  };
}

/** Counts the webhooks by what became of them, and says now and then that some are refused. */
export function webhookCounter(telemetry: Telemetry, logger: Logger): (outcome: WebhookOutcome) => void {
  const warn = throttledWarning(logger, 'webhooks refused');
  return (outcome) => {
    telemetry.webhooks[outcome] += 1;
    if (outcome !== 'accepted') warn({ outcome });
  };
}

/** Counts the finished requests of a scope by route, and tells each to the debug log. */
export function countRequests(scope: FastifyInstance, telemetry: Telemetry, logger: Logger): void {
  scope.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    telemetry.request(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    logger.debug(
      { request_id: request.id, method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
}
