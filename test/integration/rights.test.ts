import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleNames } from '../../api/roles.ts';
import { type AppUnderTest, appUnderTest, bearer, tokenOf } from '../app-under-test.ts';

/** What answers without a token: the health checks, the signed webhook, and the way in. */
const open = [
  'GET /assets/:file',
  'GET /healthz',
  'GET /login',
  'GET /readyz',
  'GET /webhooks/whatsapp',
  'POST /login',
  'POST /webhooks/whatsapp',
];

/** Parameters that name a form are the gateway's: a version and a number. */
const addressOf = (url: string) =>
  url
    .replace(/:version\([^)]*\)/, 'v23.0')
    .replace(/:phone_number_id\([^)]*\)/, '1')
    .replace(/:[a-z_]+/gi, 'x')
    .replace('*', 'x');

describe('rights', () => {
  let test: AppUnderTest;
  beforeAll(async () => {
    test = await appUnderTest({ config: { gateway: { tokens: ['a-token-of-the-platform'], judges: 'people' } } });
  });
  afterAll(() => test.app.close());

  it('nothing but health, webhook and login answers without a token, and nothing to a wrong one', async () => {
    const routes = test.app.routes.filter(({ method }) => method !== 'HEAD');
    expect(routes.length).toBeGreaterThan(25);
    const answered: string[] = [];
    for (const { method, url } of routes) {
      for (const headers of [
        {},
        { authorization: 'Bearer nobody-knows-this-token' },
        { authorization: `Basic ${tokenOf('admin')}` },
        { cookie: 'sluice_session=forged' },
      ]) {
        // From ever new addresses, so that no answer is "too many".
        const remoteAddress = `10.0.${answered.length % 250}.${Math.floor(Math.random() * 250)}`;
        const { statusCode } = await test.app.inject({ method: method as 'GET', url: addressOf(url), headers, remoteAddress });
        if (statusCode !== 401 && !answered.includes(`${method} ${url}`)) answered.push(`${method} ${url}`);
      }
    }
    // The webhook answers 401 to a missing signature: it is open to whoever signs.
    expect(answered.sort()).toEqual(
      open
        .filter((route) => route !== 'POST /webhooks/whatsapp' && route !== 'POST /login')
        .concat('POST /login')
        .sort(),
    );
  });

  it.each([
    ['ingest', 'POST /v1/events', true],
    ['ingest', 'PUT /v1/campaigns/x', true],
    ['ingest', 'GET /v1/campaigns', false],
    ['ingest', 'GET /v1/metrics', false],
    ['analyst', 'GET /v1/campaigns', true],
    ['analyst', 'POST /v1/events', false],
    ['analyst', 'PUT /v1/campaigns/x', false],
    ['analyst', 'GET /v1/status', false],
    ['growth', 'PUT /v1/campaigns/x', true],
    ['growth', 'PUT /v1/wabas/x', false],
    ['ops', 'GET /v1/status', true],
    ['ops', 'GET /metrics', true],
    ['ops', 'GET /v1/admin/quarantine', true],
    ['ops', 'POST /v1/admin/backup', false],
    ['ops', 'GET /v1/admin/export/fact_message', false],
    ['analyst', 'GET /v1/control', true],
    ['analyst', 'GET /v1/control/decisions', true],
    ['analyst', 'GET /v1/control/notices', true],
    ['ingest', 'GET /v1/control/notices', false],
    ['ingest', 'GET /v1/control', false],
    ['growth', 'POST /v1/control/overrides', false],
    ['growth', 'DELETE /v1/control/overrides/x', false],
    ['ops', 'POST /v1/control/overrides', true],
    ['ops', 'DELETE /v1/control/overrides/x', true],
    ['analyst', 'POST /v1/calculator/rate_ci', true],
    ['ingest', 'POST /v1/calculator/rate_ci', false],
    ['admin', 'POST /v1/admin/rebuild', true],
    ['admin', 'POST /v1/events', true],
  ] as const)('%s: %s: %s', async (role, route, may) => {
    const [method, url] = route.split(' ') as ['GET', string];
    const answer = await test.app.inject({ method, url, headers: bearer(role) });
    expect(answer.statusCode === 403).toBe(!may);
    if (!may)
      expect(answer.json()).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(`the role ${role} may not`) });
  });

  it('the gateway knows the platform’s tokens alone: one of ours opens nothing there', async () => {
    const address = { method: 'POST', url: '/v23.0/1/messages' } as const;
    for (const role of roleNames) {
      const answer = await test.app.inject({ ...address, headers: bearer(role), payload: {} });
      expect([answer.statusCode, answer.json().error.code]).toEqual([401, 190]);
    }
  });

  it('whoever holds a token may read how to use it', async () => {
    for (const role of roleNames) {
      expect((await test.app.inject({ url: '/openapi.json', headers: bearer(role) })).statusCode).toBe(200);
    }
  });

  it('many wrong tokens from one address are told to wait, while a right one passes', async () => {
    const remoteAddress = '192.0.2.1';
    const wrong = () =>
      test.app.inject({ url: '/v1/campaigns', headers: { authorization: 'Bearer nobody-knows-this-token' }, remoteAddress });
    const codes = [];
    for (let n = 0; n < 70; n += 1) codes.push((await wrong()).statusCode);
    expect(codes.slice(0, 50)).toEqual(Array(50).fill(401));
    expect(codes.at(-1)).toBe(429);
    expect((await wrong()).headers['retry-after']).toBeDefined();
    expect((await test.app.inject({ url: '/v1/campaigns', headers: bearer('analyst'), remoteAddress })).statusCode).toBe(200);
  });
});
