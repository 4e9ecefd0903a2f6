import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { sessionCookie, setSessionCookie } from './auth.ts';
import { escapeHtml } from './problem.ts';
import { sessionHours } from './sessions.ts';

/** `GET/POST /login` and `POST /logout`: a browser shows a token once and gets a session cookie for it. */
export function loginPlugin(app: FastifyInstance, { now }: { now: () => Date }): void {
  const limit = { max: 20, timeWindow: '1 minute' };
  const hide = true;

  /** Opens a session and leads to the overview, so that the token does not stay in the address bar. */
  const logIn = (request: FastifyRequest, reply: FastifyReply, token: string) => {
    const role = app.tokens.roleOf(token.trim());
    if (role === null) return reply.status(401).type('text/html; charset=utf-8').send(loginPage('This token is not known here.'));
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
      schema: { hide, querystring: z.object({ token: z.string().max(512).optional() }) },
    },
    (request, reply) => {
      const { token } = request.query as { token?: string };
      return token === undefined ? reply.type('text/html; charset=utf-8').send(loginPage()) : logIn(request, reply, token);
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

  app.get('/login.css', { config: { right: 'public' }, schema: { hide } }, (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(style),
  );
}

function loginPage(problem?: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Log in · Sluice</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/login.css"></head>
<body><main><h1>Sluice</h1>
<form method="post" action="/login">
<label for="token">Access token</label>
<input id="token" name="token" type="password" required autofocus autocomplete="current-password" aria-describedby="help">
${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
<button>Log in</button>
<p id="help" class="quiet">One of the tokens in SLUICE_TOKENS; whoever runs Sluice can give you one.</p>
</form></main></body></html>`;
}

const style = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 26rem; margin: 12vh auto 0; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input, button { padding: .6rem .75rem; margin: .35rem 0 1rem; border-radius: .4rem; border: 1px solid #767676; }
button { background: #14595f; color: #fff; border-color: #14595f; cursor: pointer; }
[role="alert"] { color: #b3261e; margin: -.5rem 0 1rem; }
.quiet { opacity: .75; font-size: .875rem; }
@media (prefers-color-scheme: dark) { [role="alert"] { color: #ffb4ab; } }
`;
