import Fastify from 'fastify';
import { Agent, request as fetchFrom } from 'undici';
import { environment } from '../../../api/config.ts';

/** The yardstick: reads a body and forwards it with the same libraries, and knows nothing of rights or logs. Prints its port. */
const url = environment()['SLUICE_GRAPH_URL'] ?? '';
const dispatcher = new Agent({ connections: 256, pipelining: 1 });
const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.post('/*', async (request, reply) => {
  const { authorization = '' } = request.headers;
  const body = JSON.stringify(JSON.parse(request.body as string));
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await fetchFrom(url + request.url, { method: 'POST', dispatcher, headers, body });
  return reply
    .status(answer.statusCode)
    .type('application/json')
    .send(await answer.body.text());
});
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
