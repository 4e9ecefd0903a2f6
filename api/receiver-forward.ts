import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { OwnerAway, type OwnerLink } from './receiver-owner.ts';

/** Headers of one connection, which are not passed on (RFC 9110 §7.6.1), and those that are written anew. */
const ownHeaders = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
  ...['host', 'content-length'],
]);
/** A rebuild or an export of the owner's may take long, ms. */
const patienceMs = 600_000;

/**
 * Passes everything that the receiver does not answer itself to the owner, pages included, and its answer back as it is. Who may do
 * what is the owner's to say.
 */
export function forwardPlugin(app: FastifyInstance, { owner }: { owner: OwnerLink }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.all('/*', { config: { right: 'public' }, schema: { hide: true } }, async (request, reply) => {
    try {
      const answer = await owner.ask({
        method: request.method as Dispatcher.HttpMethod,
        path: request.url,
        headers: { ...passed(request.headers), ...origin(request) },
        body: Buffer.isBuffer(request.body) ? request.body : null,
        patienceMs,
      });
      return reply.status(answer.statusCode).headers(passed(answer.headers)).send(answer.body);
    } catch (error) {
      throw error instanceof OwnerAway ? error.problem : error;
    }
  });
}

type Headers = Record<string, string | string[]>;

function passed(headers: Record<string, string | string[] | undefined>): Headers {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !ownHeaders.has(name));
  return Object.fromEntries(kept) as Headers;
}

/** Who asked, and by which address, for the owner's own log, limits and cookies. */
function origin({ ip, protocol, host }: FastifyRequest): Headers {
  return { 'x-forwarded-for': ip, 'x-forwarded-proto': protocol, 'x-forwarded-host': host };
}
