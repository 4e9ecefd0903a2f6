import { createHmac, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import { benchSecret } from './child.ts';

/** The yardstick: a Fastify handler that checks the signature and parses, and keeps nothing. Prints its port. */
const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/webhooks/whatsapp', async (request, reply) => {
  const body = request.body as Buffer;
  const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice('sha256='.length), 'hex');
  const expected = createHmac('sha256', benchSecret).update(body).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send();
  JSON.parse(body.toString());
  return '';
});
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
