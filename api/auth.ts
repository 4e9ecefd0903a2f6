import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SluiceError } from '../sql/errors.ts';
import type { Config } from './config.ts';
import { type Right, type Role, rights } from './roles.ts';
import { type Session, SessionStore } from './sessions.ts';
import { bearerToken, TokenBook } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Role of the token or session; null for nobody. */
    role: Role | null;
    /** The browser's session, null when a token was used or nobody is logged in. */
    session: Session | null;
  }
  interface FastifyInstance {
    tokens: TokenBook;
    sessions: SessionStore;
    /** The CSRF token for the forms of this page; put it in a hidden field named `_csrf` (or the header x-csrf-token). */
    csrf(request: FastifyRequest): string;
  }
  interface FastifyContextConfig {
    /** The right that the route asks for, of the table in roles.ts; 'public' for none. Absent on a GET: 'read'. */
    right?: Right | 'public';
  }
}

export const sessionCookie = 'sluice_session';
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Gives the whole app its tokens and sessions. */
export function decorateIdentity(app: FastifyInstance, config: Config): void {
  app.decorate('tokens', new TokenBook(config.tokens));
  app.decorate('sessions', new SessionStore());
}

/**
 * Guards every route registered after it in its scope: who you are comes from a Bearer token or the session cookie, what you
 * may do from `config.right`. A route that changes something must name its right, or the start fails. A request of a browser
 * session that changes something must carry the session's CSRF token.
 */
export function guard(app: FastifyInstance, { now, onRefused }: { now: () => Date; onRefused: () => void }): void {
  const failures = app.createRateLimit({ max: 60, timeWindow: '1 minute' });
  app.decorate('csrf', (request) => request.session?.csrfToken ?? '');
  app.decorateRequest('role', null);
  app.decorateRequest('session', null);

  app.addHook('onRoute', ({ method, url, config }) => {
    const reads = [method].flat().every((name) => safeMethods.has(name.toUpperCase()));
    if (config?.right === undefined && !reads) throw new Error(`${String(method)} ${url} names no right of api/roles.ts`);
  });

  app.addHook('onRequest', async (request, reply) => {
    identify(app, request, now().getTime());
    const right = request.routeOptions.config.right ?? 'read';
    if (right === 'public') return;
    if (request.role !== null) return requireRole(...rights[right])(request);
    onRefused();
    if (wantsPage(request)) return reply.redirect('/login', 303);
    return refuse(failures, request, reply);
  });

  app.addHook('preValidation', async (request) => {
    if (request.session === null || safeMethods.has(request.method)) return;
    const body = request.body as { _csrf?: unknown } | null | undefined;
    const shown = request.headers['x-csrf-token'] ?? body?._csrf;
    if (typeof shown !== 'string' || !sameText(shown, request.session.csrfToken)) throw new SluiceError('csrf_invalid');
  });
}

/** Refuses who shows no valid token, and holds up an address that does so again and again. */
export async function refuse(
  failures: ReturnType<FastifyInstance['createRateLimit']>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<never> {
  // Counts refusals only: whoever shows a valid token is never held up by a neighbour behind the same proxy.
  const limit = await failures(request);
  if (!limit.isAllowed && limit.isExceeded) {
    reply.header('retry-after', limit.ttlInSeconds);
    throw new SluiceError('rate_limited', { detail: 'too many requests without a valid token' });
  }
  reply.header('www-authenticate', 'Bearer realm="sluice"');
  throw new SluiceError('unauthorized');
}

/** A hook that lets only these roles pass: for a route that needs less than its right would give. */
export function requireRole(...roles: readonly Role[]): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (request.role === null) throw new SluiceError('unauthorized');
    if (!roles.includes(request.role)) {
      throw new SluiceError('forbidden', { detail: `the role ${request.role} may not do this; ${roles.join(', ')} may` });
    }
  };
}

/** A token in the header decides alone, right or wrong; the cookie is only looked at without one. */
function identify(app: FastifyInstance, request: FastifyRequest, nowMs: number): void {
  if (request.headers.authorization !== undefined) {
    const token = bearerToken(request.headers.authorization);
    request.role = token === null ? null : app.tokens.roleOf(token);
    return;
  }
  const id = request.cookies[sessionCookie];
  request.session = id === undefined ? null : app.sessions.find(id, nowMs);
  request.role = request.session?.role ?? null;
}

/** Whether a browser asks for a page, or sends a form of one, and would rather see a page than a problem document. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  const form = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return (method === 'GET' || form) && (headers.accept ?? '').includes('text/html');
}

/** Both are of our making and of fixed length; only the content is kept from timing. */
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Puts the session into the browser. `Secure` when the request came by https, directly or through a trusted proxy. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, id: string, maxAgeSeconds: number): void {
  reply.setCookie(sessionCookie, id, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: maxAgeSeconds,
  });
}
