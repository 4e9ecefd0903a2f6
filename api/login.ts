import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { sessionCookie, setSessionCookie } from './auth.ts';
import { languageOf, rememberLanguage } from './pages/language.ts';
import { renderLogin } from './pages/login.tsx';
import { pageHeaders } from './pages/security.ts';
import { sessionHours } from './sessions.ts';

/** `GET/POST /login` and `POST /logout`: a browser shows a token once and gets a session cookie for it. */
export function loginPlugin(app: FastifyInstance, { now }: { now: () => Date }): void {
  const limit = { max: 20, timeWindow: '1 minute' };
  const hide = true;

  const page = (request: FastifyRequest, reply: FastifyReply, error?: true) => {
    rememberLanguage(request, reply);
    const language = languageOf(request);
    // There is no session yet, so no CSRF token either.
    const html = renderLogin({ csrf: '', language, ...(error === undefined ? {} : { error }) });
    return reply.headers({ ...pageHeaders, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).send(html);
  };

  /** Opens a session and leads to the overview, so that the token does not stay in the address bar. */
  const logIn = (request: FastifyRequest, reply: FastifyReply, token: string) => {
    const role = app.tokens.roleOf(token.trim());
    if (role === null) return page(request, reply.status(401), true);
    const old = request.cookies[sessionCookie];
    if (old !== undefined) app.sessions.close(old);
    const { id } = app.sessions.open(role, now().getTime());
    setSessionCookie(request, reply, id, sessionHours * 3600);
    return reply.redirect('/', 303);
  };

  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  });

  app.get(
    '/login',
    {
      config: { right: 'public', rateLimit: limit },
      schema: { hide, querystring: z.object({ token: z.string().max(512).optional(), lang: z.string().max(8).optional() }) },
    },
    (request, reply) => {
      const { token } = request.query as { token?: string };
      return token === undefined ? page(request, reply) : logIn(request, reply, token);
    },
  );

  app.post(
    '/login',
    { config: { right: 'public', rateLimit: limit }, schema: { hide, body: z.looseObject({ token: z.string().max(512) }) } },
    (request, reply) => {
      // No session, so no CSRF token yet: a form on another site is told by the browser itself.
      if (request.headers['sec-fetch-site'] === 'cross-site') throw new SluiceError('csrf_invalid');
      return logIn(request, reply, (request.body as { token: string }).token);
    },
  );

  app.post('/logout', { config: { right: 'describe' }, schema: { hide } }, (request, reply) => {
    const id = request.cookies[sessionCookie];
    if (id !== undefined) app.sessions.close(id);
    return reply.clearCookie(sessionCookie, { path: '/' }).redirect('/login', 303);
  });
}
