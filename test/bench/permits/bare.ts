import Fastify from 'fastify';

/** The yardstick: a bare Fastify route that parses a JSON body and gives a small JSON answer, and keeps nothing. Prints its port. */
const app = Fastify({ logger: false });
app.post('/v1/permits', async (request) => {
  const { request_id, count } = request.body as { request_id: string; count: number };
  return {
    permit_id: request_id,
    granted: count,
    denied: [],
    expires_at: new Date().toISOString(),
    scope: 'none',
    state: 'open',
  };
});
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
