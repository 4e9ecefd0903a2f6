import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';

const waiting = {
  ...{ contact_id: 'customer-1', phone_ending: '0123', phone_number_id: 'n1', waba_id: null, minutes: 180, messages: 2 },
  ...{ since: '2026-11-21T07:00:00.000Z', last_message_at: '2026-11-21T07:30:00.000Z' },
  ...{ value_band: 'high', currency: 'EUR', spent_micros: '20000000', orders: 1 },
};

describe('GET /v1/service/unanswered', () => {
  let test: AppUnderTest;
  const asked: unknown[] = [];
  beforeAll(async () => {
    test = await appUnderTest({
      warehouse: {
        unanswered: async (question) => {
          asked.push(question);
          return { at: question.at, waiting: [waiting, { ...waiting, contact_id: null }] };
        },
      },
    });
  });
  afterAll(() => test.app.close());
  const get = async (query: string) => {
    const response = await test.app.inject({ url: `/v1/service/unanswered${query}`, headers: bearer('analyst') });
    return { status: response.statusCode, body: response.json() };
  };

  it('lists who has waited for two hours now, and says when there are more', async () => {
    expect(await get('?limit=1')).toEqual({
      status: 200,
      body: { as_of: '2026-11-21T10:00:00.000Z', truncated: true, waiting: [waiting] },
    });
    expect(asked.at(-1)).toEqual({ at: Date.parse('2026-11-21T10:00:00Z'), minutes: 120, limit: 1 });
    expect((await get('?minutes=5')).body).toMatchObject({ truncated: false, waiting: [{}, {}] });
  });

  it.each(['?minutes=soon', '?limit=0', '?hours=2'])('says what is wrong with %s', async (query) => {
    expect(await get(query)).toMatchObject({ status: 400, body: { code: 'query_invalid' } });
  });
});
