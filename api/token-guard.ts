import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SluiceError } from '../sql/errors.ts';
import { refuse } from './auth.ts';
import { mayDo, type Right, type Role, rights } from './roles.ts';
import { bearerToken } from './tokens.ts';

/**
 * Guards a hot path that machines use: a Bearer token with this right, no browser session. A header that was good on a connection is
 * good on it again without being hashed anew.
 */
export function tokenGuard(app: FastifyInstance, right: Right, onRefused: () => void): void {
  const failures = app.createRateLimit({ max: 60, timeWindow: '1 minute' });
  const shown = new WeakMap<FastifyRequest['raw']['socket'], { header: string; role: Role }>();
  app.decorateRequest('role', null);
  app.decorateRequest('session', null);

  app.addHook('onRequest', (request, reply, done) => {
    const header = request.headers.authorization;
    const { socket } = request.raw;
    const known = shown.get(socket);
    if (known !== undefined && known.header === header) {
      request.role = known.role;
      return done();
    }
    const token = bearerToken(header);
    const role = token === null ? null : app.tokens.roleOf(token);
    if (role === null || header === undefined) {
      onRefused();
      refuse(failures, request, reply).catch(done);
      return;
    }
    if (!mayDo(role, right)) {
      const detail = `the role ${role} may not do this; ${rights[right].join(', ')} may`;
      return done(new SluiceError('forbidden', { detail }));
    }
    shown.set(socket, { header, role });
    request.role = role;
    done();
  });
}
