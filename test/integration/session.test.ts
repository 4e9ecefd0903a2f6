import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, tokenOf } from '../app-under-test.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a browser', () => {
  let test: AppUnderTest;
  beforeAll(async () => {
    test = await appUnderTest();
  });
  beforeEach(() => {
    test.clock.ms = Date.parse('2026-11-21T10:00:00Z');
  });
  afterAll(() => test.app.close());

  const logIn = async (role: 'analyst' | 'ops' = 'analyst') => {
    const answer = await test.app.inject({ url: '/login', query: { token: tokenOf(role) } });
    const [cookie] = answer.cookies;
    return { answer, cookie, headers: { cookie: `${cookie?.name}=${cookie?.value}` } };
  };

  it('that is not logged in is led to the login page; a program is told 401', async () => {
    const page = await test.app.inject({ url: '/v1/campaigns', headers: { accept: 'text/html,application/xhtml+xml' } });
    expect([page.statusCode, page.headers.location]).toEqual([303, '/login']);
    expect((await test.app.inject({ url: '/v1/campaigns', headers: { accept: 'application/json' } })).statusCode).toBe(401);
    expect((await test.app.inject({ url: '/login' })).body).toContain('<form method="post" action="/login"');
  });

  it('gets a session for a token, by link or by form, and the token leaves the address bar', async () => {
    const { answer, cookie } = await logIn();
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/']);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 12 * 3600 });
    expect(cookie?.secure).toBeUndefined();
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    const posted = await test.app.inject({ method: 'POST', url: '/login', headers: form, payload: `token=${tokenOf('ops')}` });
    expect([posted.statusCode, posted.cookies.length]).toEqual([303, 1]);
  });

  it('gets a cookie for https only when it came by https', async () => {
    const headers = { 'x-forwarded-proto': 'https' };
    const { cookies } = await test.app.inject({ url: '/login', query: { token: tokenOf('analyst') }, headers });
    expect(cookies[0]?.secure).toBe(true);
  });

  it('is told when a token is wrong, in plain words and without the token', async () => {
    const answer = await test.app.inject({ url: '/login', query: { token: '<b>wrong' } });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain('This token is not known.');
    expect(answer.body).not.toContain('wrong');
    expect(answer.cookies).toEqual([]);
  });

  it('reads what its role may read, until twelve hours have passed', async () => {
    const { headers } = await logIn();
    expect((await test.app.inject({ url: '/v1/campaigns', headers })).statusCode).toBe(200);
    expect((await test.app.inject({ url: '/v1/status', headers })).statusCode).toBe(403);
    test.clock.ms += 12 * 3_600_000;
    expect((await test.app.inject({ url: '/v1/campaigns', headers })).statusCode).toBe(401);
  });

  it('changes nothing without the token of its own form', async () => {
    const { headers } = await logIn('ops');
    const { headers: others } = await logIn('ops');
    const csrf = (cookie: string) => test.app.sessions.find(cookie.split('=')[1] ?? '', test.clock.ms)?.csrfToken ?? '';
    const build = (more: Record<string, string>) =>
      test.app.inject({ method: 'POST', url: '/v1/admin/models/build', headers: { ...headers, ...more } });
    for (const more of [{}, { 'x-csrf-token': 'made up' }, { 'x-csrf-token': csrf(others.cookie) }]) {
      const answer = await build(more);
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'csrf_invalid']);
    }
    expect((await build({ 'x-csrf-token': csrf(headers.cookie) })).statusCode).toBe(200);
  });

  it('logs out with its form, and the cookie is worth nothing afterwards', async () => {
    const { headers } = await logIn();
    const logOut = (payload: string) =>
      test.app.inject({ method: 'POST', url: '/logout', headers: { ...headers, ...form }, payload });
    expect((await logOut('')).statusCode).toBe(403);
    const csrf = test.app.sessions.find(headers.cookie.split('=')[1] ?? '', test.clock.ms)?.csrfToken;
    const answer = await logOut(`_csrf=${csrf}`);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/login']);
    expect((await test.app.inject({ url: '/v1/campaigns', headers })).statusCode).toBe(401);
  });

  it('cannot be logged in by a form on another site', async () => {
    const answer = await test.app.inject({
      method: 'POST',
      url: '/login',
      headers: { ...form, 'sec-fetch-site': 'cross-site' },
      payload: `token=${tokenOf('ops')}`,
    });
    expect([answer.statusCode, answer.cookies]).toEqual([403, []]);
  });

  it('cannot try tokens as fast as it likes', async () => {
    const codes = [];
    for (let n = 0; n < 30; n += 1)
      codes.push(
        (await test.app.inject({ url: '/login', query: { token: `guess-${n}` }, remoteAddress: '192.0.2.7' })).statusCode,
      );
    expect(codes[0]).toBe(401);
    expect(codes.at(-1)).toBe(429);
  });

  it('runs no script and loads nothing that is not ours', async () => {
    const policy = (await test.app.inject({ url: '/login' })).headers['content-security-policy'];
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('leaves no secret in the logs', async () => {
    const secrets = [tokenOf('analyst'), tokenOf('ops'), 'guess-1'];
    const { headers } = await logIn();
    await test.app.inject({ url: '/v1/campaigns', headers });
    test.app.log.error(
      {
        headers: { ...headers, authorization: `Bearer ${secrets[0]}` },
        req: { headers: { 'x-hub-signature-256': 'sha256=ff00' } },
      },
      'x',
    );
    const text = test.lines.join('');
    for (const secret of [...secrets, headers.cookie, 'sha256=ff00']) expect(text).not.toContain(secret);
    expect(text).toContain('[secret]');
  });
});
