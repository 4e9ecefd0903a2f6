import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconciliationText } from '../../api/commands/reconcile.ts';
import { causes } from '../../models/difference-cause.ts';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';

const books = {
  records: [{ partition: 'log', applied: 10, counted: 10, items: 30, unmodelled: 1, quarantined: 2, difference: 0 }],
  facts: [{ fact: 'fact_status', told: 20, copies: 3, held: 17, difference: 0 }],
};
const line = {
  ...{
    report: 'pricing' as const,
    waba_id: 'w',
    from: '2026-11-03T18:30:00.000Z',
    to: '2026-11-04T18:30:00.000Z',
    country: 'IN',
  },
  ...{ category: 'marketing', pricing_type: 'regular', template_name: null, template_language: null },
  their: { sent: null, delivered: 3, read: null, cost_micros: '35400' },
  our: { sent: null, delivered: 2, read: null, cost_micros: '23600' },
  cause: 'missing_webhooks' as const,
  cause_text: causes.missing_webhooks,
};
const agreeing = { ...line, cause: 'agrees' as const, cause_text: causes.agrees };

describe('/v1/reconciliation', () => {
  let test: AppUnderTest;
  const asked: unknown[] = [];
  beforeAll(async () => {
    test = await appUnderTest({
      warehouse: {
        reconciliationBooks: async () => books,
        reconciliationLines: async (question) => {
          asked.push(question);
          return [line, agreeing];
        },
      },
    });
  });
  afterAll(() => test.app.close());

  it('gives the books and the lines that differ, of the last 90 days', async () => {
    const response = await test.app.inject({ url: '/v1/reconciliation', headers: bearer('analyst') });
    expect(response.json()).toEqual({
      as_of: '2026-11-21T10:00:00.000Z',
      ...books,
      compared: 2,
      agreeing: 1,
      truncated: false,
      lines: [line],
    });
    const until = Date.parse('2026-11-21T10:00:00Z');
    expect(asked.at(-1)).toEqual({ waba: null, since: until - 90 * 86_400_000, until });
  });

  it('gives all lines when asked, and says when there are more', async () => {
    const response = await test.app.inject({ url: '/v1/reconciliation?all=true&limit=1&waba=w', headers: bearer('analyst') });
    expect(response.json()).toMatchObject({ truncated: true, lines: [line] });
  });

  it('takes an answer of the platform as a record of the log', async () => {
    const points = [{ start: 1_791_172_800, end: 1_791_259_200, volume: 3, cost: 0.0354 }];
    const response = await test.app.inject({
      method: 'POST',
      url: '/v1/reconciliation',
      headers: bearer('ops'),
      payload: { waba_id: 'w', answer: { pricing_analytics: { data: [{ data_points: points }] } } },
    });
    expect(response.json()).toMatchObject({ figures: 1 });
    expect(response.statusCode).toBe(200);
  });

  it('refuses what is no such answer, and says where', async () => {
    const post = (role: 'ops' | 'analyst', answer: unknown) =>
      test.app.inject({ method: 'POST', url: '/v1/reconciliation', headers: bearer(role), payload: { waba_id: 'w', answer } });
    const refused = await post('ops', { pricing_analytics: { data: [{ data_points: [{ start: 1, end: 2 }] }] } });
    expect(refused.statusCode).toBe(422);
    expect(refused.json()).toMatchObject({ code: 'input_invalid', field: 'answer' });
    expect(refused.json().detail).toContain('data[0].data_points[0]');
    expect((await post('analyst', {})).statusCode).toBe(403);
  });
});

it('a terminal shows books and differences', () => {
  const text = reconciliationText({ as_of: '', ...books, compared: 2, agreeing: 1, truncated: false, lines: [line] });
  expect(text).toContain('Facts are what was told, less copies.');
  expect(text).toContain('1 of 2 of the platform');
  expect(text).toMatch(/2026-11-03T18:30.*IN.*marketing, regular.*3 \/ 2.*0\.0354 \/ 0\.0236.*missing_webhooks/);
});
