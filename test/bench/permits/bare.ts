import Fastify from 'fastify';

/** The yardstick: a bare Fastify route that parses a JSON body and gives a small JSON answer, or a list of them, and keeps nothing. Prints its port. */
const app = Fastify({ logger: false });
type Body = { request_id: string; count: number };
const answer = ({ request_id, count }: Body) => ({
  permit_id: request_id,
  granted: count,
  denied: [],
  expires_at: new Date().toISOString(),
  scope: 'none',
  state: 'open',
});
app.post('/v1/permits', async (request) => {
  const body = request.body as Body | Body[];
  return Array.isArray(body) ? body.map(answer) : answer(body);
});
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
