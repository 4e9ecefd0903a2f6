import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PermitSource } from '../../api/permit-desk.ts';
import { decodeRecord } from '../../ingest/decode.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';
import { bookOf, limitsOf, personOf } from '../permit-books.ts';

const ask = (parts: object = {}) => ({
  request_id: 'r1',
  phone_number_id: '106540352242922',
  campaign_id: 'c1',
  template_name: 't1',
  category: 'marketing',
  count: 100,
  ...parts,
});

describe('POST /v1/permits', () => {
  let test: AppUnderTest;
  const control = { book: bookOf() as PermitSource['book'] };
  beforeEach(async () => {
    control.book = bookOf();
    test = await appUnderTest({
      control,
      warehouse: {
        people: async (contacts) =>
          contacts.map(({ contact_id }, index) =>
            personOf(`contact:${contact_id}`, { index, consent: contact_id === 'asked-not' ? null : 'granted' }),
          ),
      },
    });
  });
  afterEach(() => test.app.close());

  const post = async (url: string, payload: object, role: 'ingest' | 'analyst' | 'ops' = 'ingest') => {
    const answer = await test.app.inject({ method: 'POST', url, payload, headers: bearer(role) });
    return { status: answer.statusCode, body: answer.json(), type: answer.headers['content-type'] };
  };
  const grants = () =>
    test.log
      .bodies('command')
      .map((text) => JSON.parse(text))
      .filter(({ command }) => command === 'permit.grant')
      .map(({ body }) => body.grants);

  it('grants, and has it in the log before it answers', async () => {
    const { status, body, type } = await post('/v1/permits', ask());
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toEqual({
      permit_id: 'p1',
      granted: 100,
      denied: [],
      expires_at: '2026-11-21T10:01:00.000Z',
      scope: 'stream:c1/t1/-',
      state: 'open',
      reason: expect.any(String),
      retry_after_ms: null,
    });
    expect(grants()).toMatchObject([[{ permit_id: 'p1', request_id: 'r1', granted: 100, shadow: false }]]);
  });

  it('writes a record that becomes facts', async () => {
    await post('/v1/permits', ask());
    const { count: _, ...list } = ask({ request_id: 'r2', contacts: [{ contact_id: 'a' }, { contact_id: 'asked-not' }] });
    await post('/v1/permits', list);
    await post('/v1/permits/p1/return', { count: 30 });
    const decoded = emptyDecoded();
    for (const record of test.log.records) decodeRecord(record, decoded);
    expect(decoded.quarantine).toEqual([]);
    expect(decoded.permit).toMatchObject([
      { permit_id: 'p1', granted: 100n },
      { permit_id: 'p2', granted: 1n, people: 1n },
    ]);
    expect(decoded.permit_person).toMatchObject([{ permit_id: 'p2', person: 'contact:a' }]);
    expect(decoded.permit_return).toMatchObject([{ permit_id: 'p1', count: 30n }]);
  });

  it('judges a list one by one', async () => {
    const { count: _, ...list } = ask({
      contacts: [{ contact_id: 'a' }, { contact_id: 'asked-not' }, { phone: '+33612345678' }],
    });
    const { body } = await post('/v1/permits', list);
    expect(body).toMatchObject({ granted: 2, denied: [{ contact_id: 'asked-not', reason: 'no_consent' }] });
  });

  it('gives what came together one record, and each its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => post('/v1/permits', ask({ request_id: `q${n}`, count: 5 }))),
    );
    expect(new Set(answers.map(({ body }) => body.permit_id)).size).toBe(20);
    expect(grants().length).toBeLessThan(20);
    expect(grants().flat().length).toBe(20);
    expect(
      grants()
        .flat()
        .every(({ granted }: { granted: number }) => granted === 5),
    ).toBe(true);
  });

  it('answers a repeated request the same, without a second record, also at the same moment', async () => {
    const answers = await Promise.all([post('/v1/permits', ask()), post('/v1/permits', ask())]);
    answers.push(await post('/v1/permits', ask()));
    expect(answers.map(({ body }) => body)).toEqual(Array(3).fill(answers[0]?.body));
    expect(grants().flat()).toHaveLength(1);
  });

  it('refuses the id of another request', async () => {
    await post('/v1/permits', ask());
    expect(await post('/v1/permits', ask({ count: 99 }))).toMatchObject({
      status: 409,
      body: { code: 'request_id_reused', field: 'request_id' },
    });
  });

  it('grants nothing that is not durable, and takes it back', async () => {
    test.log.broken = true;
    const refused = await Promise.all([
      post('/v1/permits', ask()),
      post('/v1/permits', ask()),
      post('/v1/permits', ask({ request_id: 'r2' })),
    ]);
    for (const answer of refused) expect(answer).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect(control.book?.outstanding('stream:c1/t1/-')).toBe(0);
    test.log.broken = false;
    expect((await post('/v1/permits', ask({ count: 250 }))).body).toMatchObject({ granted: 250 });
  });

  it('a refusal is no right and no record', async () => {
    await post('/v1/permits', ask({ count: 250 }));
    expect((await post('/v1/permits', ask({ request_id: 'r2' }))).body).toMatchObject({ granted: 0, scope: 'stream:c1/t1/-' });
    expect(grants().flat()).toHaveLength(1);
  });

  it('says no as long as the controller has not taken over', async () => {
    control.book = null;
    expect(await post('/v1/permits', ask())).toMatchObject({ status: 503, body: { code: 'control_starting' } });
    expect(await post('/v1/permits/p1/return', { count: 1 })).toMatchObject({ status: 503, body: { code: 'control_starting' } });
  });

  it('says what is wrong with a request', async () => {
    const fields = async (parts: object) => {
      const { status, body } = await post('/v1/permits', ask(parts));
      return [status, body.code, body.field];
    };
    expect(await fields({ count: undefined })).toEqual([422, 'input_invalid', 'count']);
    expect(await fields({ contacts: [{ contact_id: 'a' }] })).toEqual([422, 'input_invalid', 'count']);
    expect(await fields({ count: 0 })).toEqual([422, 'input_invalid', 'count']);
    expect(await fields({ category: 'news' })).toEqual([422, 'input_invalid', 'category']);
    expect(await fields({ campain_id: 'c' })).toEqual([422, 'input_invalid', 'campain_id']);
    expect(await fields({ count: undefined, contacts: [{}] })).toEqual([422, 'input_invalid', 'contacts[0].contact_id']);
    expect(await fields({ count: undefined, contacts: [{ contact_id: 'a', name: 'A' }] })).toEqual([
      422,
      'input_invalid',
      'contacts[0].name',
    ]);
    expect(test.log.records).toEqual([]);
  });

  it('answers a list of requests in their places, each as if it had come alone, and its neighbours go through', async () => {
    const contacts = [{ contact_id: 'a' }, { contact_id: 'asked-not' }];
    const list = [
      ask(),
      ask({ request_id: 'r2', count: undefined, contacts }),
      ask({ request_id: 'r3', count: 0 }),
      'nothing',
      ask({ count: 99 }),
      ask(),
      ask({ request_id: 'r4', count: 149 }),
    ];
    const { status, body } = await post('/v1/permits', list);
    expect(status).toBe(200);
    // The window of 250 is shared: 100 for r1, 149 for r4, and for r2, whose people are looked up meanwhile, the last one.
    expect(body).toMatchObject([
      { request_id: 'r1', granted: 100, expires_at: '2026-11-21T10:01:00.000Z', retry_after_ms: null },
      { request_id: 'r2', granted: 1, denied: [{ contact_id: 'asked-not', reason: 'no_consent' }] },
      { request_id: 'r3', granted: 0, code: 'input_invalid', field: 'count', message: expect.stringContaining('count') },
      { granted: 0, code: 'input_invalid' },
      { request_id: 'r1', granted: 0, code: 'request_id_reused', field: 'request_id' },
      { request_id: 'r1', granted: 100 },
      { request_id: 'r4', granted: 149 },
    ]);
    expect(body[5]).toEqual(body[0]);
    expect(Object.keys(body[3])).not.toContain('request_id');
    expect((await post('/v1/permits', list)).body).toEqual(body);
    expect((await post('/v1/permits', [ask({ request_id: 'r5' })])).body).toMatchObject([{ request_id: 'r5', granted: 0 }]);
  });

  it('grants a list by one record, and alone what was granted in a list', async () => {
    const list = Array.from({ length: 40 }, (_, n) => ask({ request_id: `q${n}`, count: 5 }));
    const { body } = await post('/v1/permits', list);
    expect(grants().map((one) => one.length)).toEqual([40]);
    expect({ request_id: 'q39', ...(await post('/v1/permits', ask({ request_id: 'q39', count: 5 }))).body }).toEqual(body[39]);
    expect(grants().flat()).toHaveLength(40);
  });

  it('a list of which nothing could be durable is answered as a whole, one of mistakes is not', async () => {
    const list = [ask(), ask({ request_id: 'r2' })];
    test.log.broken = true;
    expect(await post('/v1/permits', list)).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect(await post('/v1/permits', [...list, ask({ count: 0 })])).toMatchObject({
      status: 200,
      body: [{ code: 'log_unavailable' }, { code: 'log_unavailable' }, { code: 'input_invalid' }],
    });
    expect(control.book?.outstanding('stream:c1/t1/-')).toBe(0);
    expect(await post('/v1/permits', [])).toMatchObject({ status: 422, body: { code: 'input_invalid' } });
    expect((await post('/v1/permits', Array(1001).fill(ask()))).status).toBe(422);
  });

  it('is for those who send', async () => {
    expect((await post('/v1/permits', ask(), 'analyst')).status).toBe(403);
    expect((await post('/v1/permits', ask(), 'ops')).status).toBe(200);
  });

  it('takes rights back, once, while the lease lasts', async () => {
    await post('/v1/permits', ask());
    const back = (count: number) => post('/v1/permits/p1/return', { count });
    expect((await back(30)).body).toEqual({ permit_id: 'p1', returned: 30 });
    const twice = await Promise.all([back(60), back(60)]);
    expect(twice.map(({ body }) => body.returned)).toEqual([30, 0]);
    expect((await back(5000)).body).toEqual({ permit_id: 'p1', returned: 40 });
    expect(control.book?.outstanding('stream:c1/t1/-')).toBe(0);
    expect((await post('/v1/permits/unknown/return', { count: 1 })).status).toBe(404);
    test.clock.ms += 60_000;
    expect(await back(1)).toMatchObject({ status: 409, body: { code: 'permit_over' } });
  });

  it('a return that is not durable has not happened', async () => {
    await post('/v1/permits', ask());
    test.log.broken = true;
    expect(await post('/v1/permits/p1/return', { count: 10 })).toMatchObject({ status: 503, body: { code: 'log_unavailable' } });
    expect(control.book?.outstanding('stream:c1/t1/-')).toBe(100);
    test.log.broken = false;
    expect((await post('/v1/permits/p1/return', { count: 10 })).body).toMatchObject({ returned: 10 });
  });

  it('a stop reaches the next request', async () => {
    const stopped = {
      limit: 0,
      unobserved: 0,
      per_second: null,
      state: 'stopped',
      reason: 'the operator said so',
      until: null,
      shadow: false,
    };
    control.book?.setLimits(limitsOf({ scopes: new Map([['campaign:c1', stopped]]) }), test.clock.ms);
    expect((await post('/v1/permits', ask())).body).toMatchObject({
      granted: 0,
      scope: 'campaign:c1',
      state: 'stopped',
      reason: 'the operator said so',
    });
  });
});
