import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EventLogWriter } from '../../ingest/event-log.ts';
import type { Config } from '../config.ts';
import type { PermitOffice } from '../permit-desk.ts';
import { toSluiceError } from '../problem.ts';
import { fileResponse } from '../responses.ts';
import type { Telemetry } from '../telemetry.ts';
import { timeId } from '../time-id.ts';
import { bearerToken } from '../tokens.ts';
import { Gateway } from './gateway.ts';
import { failureOf, type GraphError, graphBody } from './graph-error.ts';
import { PlatformAway, PlatformLink, passed } from './platform-link.ts';
import type { Category } from './send.ts';

export interface GatewayOptions {
  config: NonNullable<Config['gateway']>;
  graphUrl: string;
  office: PermitOffice;
  log: EventLogWriter;
  telemetry: Telemetry;
  now: () => Date;
  categoryOf: (template: string) => Category | null;
  /** Told of errors that no answer tells of. */
  report: (error: unknown) => void;
}

const longestSend = 1_000_000;
/** The platform takes documents of up to 100 MB. */
const longestUpload = 110_000_000;
const version = ':version(^v[0-9]{1,3}\\.[0-9]{1,2}$)';

/**
 * The platform's own addresses, for senders that cannot ask for rights: they put Sluice's address where the platform's stood. Sends
 * need a right each; what is no send passes through. Who may come in shows an access token of the platform that Sluice was told of.
 */
export async function gatewayPlugin(app: FastifyInstance, options: GatewayOptions): Promise<void> {
  const { config, telemetry } = options;
  const platform = new PlatformLink(options.graphUrl);
  const newId = () => timeId(options.now().getTime());
  const gateway = new Gateway({ ...options, judges: config.judges, platform, newId });
  telemetry.gateway = gateway.counters;
  app.addHook('onClose', async () => {
    await gateway.close();
    await platform.close();
  });
  await app.register(rateLimit, { global: false });
  const failures = app.createRateLimit({ max: 60, timeWindow: '1 minute' });
  const known = tokenBook(config.tokens);

  app.setErrorHandler((error, request, reply) => {
    const failure = error instanceof PlatformAway ? awayOf(error) : failureOf(toSluiceError(error));
    if (failure.status >= 500) options.report(error);
    return refuse(request, reply, failure);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (known(tokenOf(request))) return;
    const limit = await failures(request);
    telemetry.refused += 1;
    if (!limit.isAllowed && limit.isExceeded) {
      const details = 'Sluice: too many requests without a known token';
      return refuse(request, reply, { status: 429, code: 4, details, retryMs: limit.ttlInSeconds * 1000 });
    }
    const details = 'Sluice: show an access token that SLUICE_GATEWAY_TOKENS names';
    return refuse(request, reply, { status: 401, code: 190, details, retryMs: null });
  });

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: longestSend }, (_request, body, done) =>
      done(null, body),
    );
    for (const edge of ['messages', 'marketing_messages']) {
      scope.post<{ Params: { version: string; phone_number_id: string } }>(
        `/${version}/:phone_number_id(^[0-9]{1,32}$)/${edge}`,
        {
          bodyLimit: longestSend,
          config: { right: 'public' },
          schema: {
            tags: ['gateway'],
            security: [],
            summary: `The platform's ${edge}: forwards what gets a right, and answers the rest as the platform would when limited`,
            description:
              'Takes the access token of the platform. Campaign, variant, segment, contact and category stand in X-Sluice-* headers or as JSON in biz_opaque_callback_data.',
            consumes: ['application/json'],
            response: { 200: fileResponse('What the platform answered', 'application/json') },
          },
          validatorCompiler: () => (value) => ({ value }),
        },
        async (request, reply) => {
          const { version: graph, phone_number_id: phoneNumberId } = request.params;
          const query = queryOf(request);
          if (query === null) return refuse(request, reply, cannotBeJudged);
          const path = `/${graph}/${phoneNumberId}/${edge}${query}`;
          const text = typeof request.body === 'string' ? request.body : '';
          const outcome = await gateway.post({ path, phoneNumberId, edge, text, headers: request.headers });
          if ('refusal' in outcome) return refuse(request, reply, outcome.refusal);
          const { status, headers, text: body } = outcome.answer;
          return reply.status(status).headers(headers).send(body);
        },
      );
    }
  });

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.route({
      method: ['GET', 'POST', 'DELETE'],
      url: `/${version}/*`,
      bodyLimit: longestUpload,
      config: { right: 'public' },
      schema: { hide: true },
      handler: async (request, reply) => {
        if (!isHarmless(request.url)) return refuse(request, reply, cannotBeJudged);
        gateway.counters.passed += 1;
        const body = request.method === 'GET' ? null : ((request.body as Readable | undefined) ?? null);
        const answer = await platform.pass(request.method, request.url, request.headers, body);
        return reply.status(answer.statusCode).headers(passed(answer.headers)).send(answer.body);
      },
    });
  });
}

const cannotBeJudged: GraphError = {
  status: 400,
  code: 100,
  details: 'Sluice: this request could send messages in a way that cannot be judged, so it is not passed on',
  retryMs: null,
};

/**
 * Whether an address can be passed on without a look at the body: `/<version>/<node>` or `/<version>/<node>/<edge>`, written plainly,
 * with no edge that sends and none of the Graph API's ways to put another request inside (`method`, `batch`).
 */
function isHarmless(url: string): boolean {
  const [path = '', query = ''] = url.split('?', 2);
  const plain = /^\/v[0-9]{1,3}\.[0-9]{1,2}\/[A-Za-z0-9_.:-]+(?:\/([a-z0-9_]+))?$/.exec(path);
  if (plain === null || plain[1] === 'messages' || plain[1] === 'marketing_messages') return false;
  const names = [...new URLSearchParams(query).keys()].map((name) => name.toLowerCase());
  return !names.some((name) => /^(method|batch|_method)(\[|$)/.test(name));
}

function refuse(request: FastifyRequest, reply: FastifyReply, refusal: GraphError): FastifyReply {
  if (refusal.retryMs !== null) reply.header('retry-after', Math.max(1, Math.ceil(refusal.retryMs / 1000)));
  if (refusal.status === 401) reply.header('www-authenticate', 'OAuth "Facebook Platform"');
  return reply
    .status(refusal.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(graphBody(refusal, request.id)));
}

function awayOf({ mayHaveSent }: PlatformAway): GraphError {
  const details = `Sluice: the platform did not answer${mayHaveSent ? ', and may have got the request' : ''}`;
  return { status: 504, code: 131016, details, retryMs: null };
}

/** Facebook's clients show the token in the header or, older ones, in the query. */
function tokenOf(request: FastifyRequest): string | null {
  const { access_token } = request.query as { access_token?: unknown };
  return bearerToken(request.headers.authorization) ?? (typeof access_token === 'string' ? access_token : null);
}

/** The query of a send as it goes on; null where it could hold a part of the message, which is judged by its body. */
function queryOf(request: FastifyRequest): string | null {
  const mark = request.url.indexOf('?');
  if (mark < 0) return '';
  const names = [...new URLSearchParams(request.url.slice(mark)).keys()];
  return names.every((name) => name === 'access_token' || name === 'appsecret_proof') ? request.url.slice(mark) : null;
}

/** Whether a token is one of these, each written as it is or as `sha256:<hex>`; compared by hash, in constant time. */
function tokenBook(tokens: readonly string[]): (token: string | null) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const hashes = tokens.map((token) => (token.startsWith('sha256:') ? Buffer.from(token.slice(7), 'hex') : digest(token)));
  return (token) => {
    if (token === null) return false;
    const shown = digest(token);
    let known = false;
    for (const hash of hashes) if (timingSafeEqual(hash, shown)) known = true;
    return known;
  };
}
