import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, secondAppSecret, signature, verifyToken } from '../app-under-test.ts';

const address = '/webhooks/whatsapp';
const body = '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[]}]}';

describe('the webhook', () => {
  let test: AppUnderTest;
  beforeAll(async () => {
    test = await appUnderTest();
  });
  beforeEach(() => {
    test.log.records.length = 0;
    test.log.broken = false;
  });
  afterAll(() => test.app.close());
  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    test.app.inject({ method: 'POST', url: address, payload, headers });

  it('answers the handshake with the challenge alone', async () => {
    const query = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': verifyToken };
    const answer = await test.app.inject({ url: address, query });
    expect([answer.statusCode, answer.body]).toEqual([200, '1158201444']);
    expect(answer.headers['content-type']).toContain('text/plain');
  });

  it.each([
    ['another token', { 'hub.mode': 'subscribe', 'hub.challenge': '1', 'hub.verify_token': 'something else' }],
    ['another mode', { 'hub.mode': 'unsubscribe', 'hub.challenge': '1', 'hub.verify_token': verifyToken }],
  ])('refuses a handshake with %s', async (_what, query) => {
    const answer = await test.app.inject({ url: address, query });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'webhook_verify_refused']);
  });

  it('keeps the bytes of a signed post exactly and says nothing but 200', async () => {
    const escaped = Buffer.from('{ "name" : "caf\\u00e9",\n"id":12345678901234567890 }');
    const answer = await post(escaped, { 'x-hub-signature-256': signature(escaped), 'content-type': 'application/json' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    expect(test.log.records).toMatchObject([{ kind: 'webhook', receivedAt: BigInt(test.clock.ms) * 1000n }]);
    expect(test.log.bodies('webhook')).toEqual([escaped.toString()]);
  });

  it('knows every app by its own secret', async () => {
    const answer = await post(body, { 'x-hub-signature-256': signature(body, secondAppSecret) });
    expect(answer.statusCode).toBe(200);
  });

  it.each(['text/plain', 'application/octet-stream', 'application/json; charset=latin1', undefined])(
    'does not care for the content type %s',
    async (type) => {
      const answer = await post(body, {
        'x-hub-signature-256': signature(body),
        ...(type === undefined ? {} : { 'content-type': type }),
      });
      expect(answer.statusCode).toBe(200);
    },
  );

  it('refuses a post without signature, before it looks at the body', async () => {
    const answer = await post('no json at all');
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'webhook_signature_missing']);
    expect(test.log.records).toEqual([]);
  });

  it.each([
    ['of other bytes', signature(`${body} `)],
    ['of another secret', signature(body, 'a stranger')],
    ['cut short', signature(body).slice(0, -1)],
    ['that is not hex', `sha256=${'z'.repeat(64)}`],
    ['by another method', signature(body).replace('sha256', 'sha1')],
  ])('refuses a signature %s', async (_what, header) => {
    const answer = await post(body, { 'x-hub-signature-256': header });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'webhook_signature_invalid']);
    expect(test.log.records).toEqual([]);
  });

  it('refuses a signed body that cannot be JSON, and one of nothing', async () => {
    for (const text of ['[1]', 'hello', '']) {
      const answer = await post(text, { 'x-hub-signature-256': signature(text), 'content-type': 'application/json' });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'webhook_body_invalid']);
    }
    expect(test.log.records).toEqual([]);
  });

  it('keeps a signed body that turns out to be broken further in: quarantine is the place for it', async () => {
    const broken = '{"object":';
    expect((await post(broken, { 'x-hub-signature-256': signature(broken) })).statusCode).toBe(200);
    expect(test.log.bodies('webhook')).toEqual([broken]);
  });

  it('takes 3 MB and refuses much more', async () => {
    const large = `{"a":"${'x'.repeat(3_000_000)}"}`;
    expect((await post(large, { 'x-hub-signature-256': signature(large) })).statusCode).toBe(200);
    const tooLarge = `{"a":"${'x'.repeat(4_000_000)}"}`;
    const answer = await post(tooLarge, { 'x-hub-signature-256': signature(tooLarge) });
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'body_too_large']);
    expect(answer.json().detail).toBe('at most 3250000 bytes are taken here');
  });

  it('asks the platform to come again when the log cannot write', async () => {
    test.log.broken = true;
    const answer = await post(body, { 'x-hub-signature-256': signature(body) });
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'log_unavailable', '5']);
  });

  it('does not fill the logs when it is flooded', async () => {
    test.lines.length = 0;
    for (let n = 0; n < 500; n += 1) await post(body);
    expect(test.lines.length).toBeLessThan(3);
  });
});
