import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createLogger } from '../../api/logger.ts';
import { buildReceiverApp } from '../../api/receiver-app.ts';
import type { RouteEntry } from '../../api/route-book.ts';
import { appUnderTest, bearer, testConfig, tokenOf } from '../app-under-test.ts';
import { MemoryLog } from '../stand-ins.ts';

/** Answered by each process about itself. */
const own = ['GET /healthz', 'GET /readyz', 'GET /metrics'];
/** Only writes the log, or is split from the owner's rights. */
const served = [
  ...own,
  ...['GET /webhooks/whatsapp', 'POST /webhooks/whatsapp', 'POST /v1/events', 'POST /v1/permits', 'POST /v1/permits/:id/return'],
];

it('every route of the warehouse is served or passed on by a receiver, method, path and query as they are', async () => {
  const asked: string[] = [];
  const owner = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"from":"owner"}');
  });
  await new Promise<void>((resolve) => owner.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(owner.address() as AddressInfo).port}`;
  const whole = await appUnderTest();
  const receiver = await buildReceiverApp({
    config: testConfig({ role: 'receiver', owner: { urls: [url], token: tokenOf('ingest'), budget: 0 } }),
    log: new MemoryLog(),
    logger: createLogger('silent'),
    now: () => new Date(whole.clock.ms),
  });
  try {
    const nameOf = ({ method, url: pattern }: RouteEntry) => `${method} ${pattern}`;
    await Promise.all([whole.app.ready(), receiver.ready()]);
    const isHere = ({ method, url: pattern }: RouteEntry) =>
      receiver.hasRoute({ method: method as 'GET', url: pattern }) && pattern !== '/*';
    const all = whole.app.routes.filter(({ method }) => method !== 'HEAD');
    expect(all.filter(isHere).map(nameOf)).toEqual(expect.arrayContaining(served));
    const routes = all.filter((route) => !isHere(route));
    const names = routes.map(nameOf);
    // Those that came last, and would be missed most.
    expect(names).toEqual(
      expect.arrayContaining([
        ...['PUT /v1/experiments/:id', 'GET /v1/experiments/:id/history', 'POST /v1/assignments', 'GET /v1/segments/lift'],
        ...['GET /v1/value/forecast', 'GET /v1/value/returns', 'POST /v1/calculator/:method'],
      ]),
    );
    const lost: string[] = [];
    for (const { method, url: pattern } of routes) {
      const path = `${pattern.replaceAll(/:[A-Za-z_]+/g, 'some%20id').replaceAll('*', 'rest')}?a=1&b=%C3%A9`;
      const body = method === 'GET' || method === 'DELETE' ? {} : { payload: { any: 'body' } };
      const answer = await receiver.inject({ method: method as 'GET', url: path, headers: bearer('admin'), ...body });
      const passedOn = asked.at(-1) === `${method} ${path}` && answer.body === '{"from":"owner"}';
      if (!passedOn) lost.push(`${method} ${pattern}: ${answer.statusCode}`);
    }
    expect(lost).toEqual([]);
  } finally {
    await Promise.all([receiver.close(), whole.app.close()]);
    owner.closeAllConnections();
    owner.close();
  }
});
