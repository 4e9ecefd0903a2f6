import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';

const order = (id: string, more: object = {}) => ({
  id,
  type: 'order.completed',
  at: '2026-11-21T10:00:00Z',
  contact_id: 'c-1',
  order_id: 'o-1',
  amount: '12.50',
  currency: 'EUR',
  ...more,
});

describe('POST /v1/events', () => {
  let test: AppUnderTest;
  beforeAll(async () => {
    test = await appUnderTest();
  });
  beforeEach(() => {
    test.log.records.length = 0;
    test.log.broken = false;
  });
  afterAll(() => test.app.close());
  const post = async (payload: string | Buffer, type = 'application/json') => {
    const answer = await test.app.inject({
      method: 'POST',
      url: '/v1/events',
      payload,
      headers: { ...bearer('ingest'), 'content-type': type },
    });
    return { status: answer.statusCode, body: answer.json() };
  };

  it('takes an array, an object or lines', async () => {
    const [a, b] = [JSON.stringify(order('a')), JSON.stringify(order('b'))];
    expect(await post(`[${a},${b}]`)).toEqual({ status: 200, body: { accepted: 2, rejected: [] } });
    expect(await post(a)).toEqual({ status: 200, body: { accepted: 1, rejected: [] } });
    expect(await post(`${a}\n\n${b}\r\n`, 'application/x-ndjson')).toEqual({ status: 200, body: { accepted: 2, rejected: [] } });
    expect(test.log.bodies('event')).toEqual([`[${a},${b}]`, `[${a}]`, `[${a},${b}]`]);
  });

  it('lets the good neighbours of a bad event through and says what was wrong with it', async () => {
    const events = [
      order('a'),
      order('b', { amount: 12.5 }),
      { id: 'c', type: 'order.cancelled' },
      7,
      order('d', { contact_id: undefined }),
    ];
    const { status, body } = await post(JSON.stringify([...events, order('e')]));
    expect(status).toBe(200);
    expect(body.accepted).toBe(2);
    expect(body.rejected).toMatchObject([
      { index: 1, id: 'b', code: 'input_invalid', field: 'amount' },
      { index: 2, id: 'c', code: 'input_invalid', field: 'type', message: expect.stringContaining('order.completed') },
      { index: 3, code: 'input_invalid', message: 'is not a JSON object' },
      { index: 4, id: 'd', code: 'input_invalid', field: 'contact_id', message: 'one of contact_id, phone, user_id is needed' },
    ]);
    expect(test.log.bodies('event').map((text) => JSON.parse(text).map(({ id }: { id: string }) => id))).toEqual([['a', 'e']]);
  });

  it('says that a field is missing, and refuses an id that is a number', async () => {
    const { id: _id, ...withoutId } = order('x');
    const { body } = await post(JSON.stringify([withoutId, { ...withoutId, id: 12_345 }]));
    expect(body.rejected).toMatchObject([
      { index: 0, field: 'id', message: 'is missing' },
      { index: 1, field: 'id' },
    ]);
  });

  it('keeps an event as it was written, digits beyond 2^53 and unknown keys included', async () => {
    const text = `{"id":"n","type":"contact.upserted","at":"2026-11-21T10:00:00Z","contact_id":"c", "attributes":{"crm":12345678901234567890, "s":"a,[\\"{]"}, "new_key":1.0}`;
    expect((await post(`[ ${text} ]`)).body.accepted).toBe(1);
    expect(test.log.bodies('event')).toEqual([`[${text}]`]);
  });

  it('rejects a line that is not JSON with its place, and takes the rest', async () => {
    const { body } = await post(`${JSON.stringify(order('a'))}\n{"id":\n${JSON.stringify(order('b'))}`, 'application/x-ndjson');
    expect(body).toMatchObject({ accepted: 2, rejected: [{ index: 1, code: 'body_unreadable' }] });
  });

  it('writes nothing when nothing is accepted', async () => {
    expect((await post('[]')).body).toEqual({ accepted: 0, rejected: [] });
    expect((await post('[1]')).body.accepted).toBe(0);
    expect(test.log.records).toEqual([]);
  });

  it.each([
    ['', 'application/json'],
    ['   ', 'application/json'],
    ['', 'application/x-ndjson'],
    ['"text"', 'application/json'],
    ['[{"id":"a"', 'application/json'],
    ['[{"id":"a"},]', 'application/json'],
    ['[1][2]', 'application/json'],
    ['[}', 'application/json'],
  ])('refuses the body %j (%s) as a whole', async (body, type) => {
    expect(await post(body, type)).toMatchObject({ status: 400, body: { code: 'body_unreadable' } });
    expect(test.log.records).toEqual([]);
  });

  it('refuses bytes that are not UTF-8, other kinds of body, and too much at once', async () => {
    expect(await post(Buffer.from([0x5b, 0xff, 0x5d]))).toMatchObject({ status: 400, body: { code: 'body_unreadable' } });
    expect(await post('<a/>', 'text/xml')).toMatchObject({ status: 415, body: { code: 'media_type_unsupported' } });
    expect(await post(`[${'1,'.repeat(10_000)}1]`)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(await post(`["${'x'.repeat(10_000_000)}"]`)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('says so when the log cannot write', async () => {
    test.log.broken = true;
    expect(await post(JSON.stringify(order('a')))).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
  });
});
