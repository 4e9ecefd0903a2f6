import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-seeds-'));
afterAll(() => rmSync(folder, { recursive: true }));
// No free allowance: each service message to India costs the utility rate, 1,400 micro-dollars.
writeFileSync(
  join(folder, 'price_rule.csv'),
  'valid_from,service_charged,utility_in_window_charged,service_allowance,entry_window_hours\n2026-10-01,true,true,0,72\n',
);
const models = useModels({ marts: ['reply_cost_15m'], seedFolder: folder });

const message = (key: string, at: string, more: Facts = {}) =>
  models.get().message(key, {
    message_id: `wamid.${key}`,
    user_alias: 'u1',
    country: 'IN',
    phone_number_id: '1',
    sent_at: at,
    delivered_at: at,
    ...more,
  });
const campaign = (key: string, at: string, more: Facts = {}) =>
  message(key, at, { campaign_id: 'spring', category: 'marketing', ...more });
const service = (key: string, at: string, more: Facts = {}) =>
  message(key, at, { category: 'service', pricing_model: 'PMP', pricing_type: 'regular', pricing_category: 'service', ...more });
const wrote = (id: string, at: string, context: string | null = null) =>
  models.get().insert('fact_inbound', {
    message_id: id,
    occurred_at: at,
    user_alias: 'u1',
    message_type: 'text',
    counted_type: 'reply',
    counts_as_reply: true,
    context_id: context,
    content_hash: id,
  });
const costs = () =>
  models.get().rows('SELECT bucket_at, campaign_id, answers, unpriced, cost_micros FROM reply_cost_15m ORDER BY bucket_at');
const spring = { bucket_at: new Date('2026-11-02T10:00:00Z'), campaign_id: 'spring', unpriced: 0n };

it('is that of the answers to what somebody wrote about a message of the campaign, in its quarter hour', async () => {
  await campaign('a', '2026-11-02 10:05:00');
  await wrote('in1', '2026-11-02 11:00:00', 'wamid.a');
  await service('answer 1', '2026-11-02 11:10:00');
  await service('answer 2', '2026-11-02 11:20:00');
  await service('not delivered', '2026-11-02 11:30:00', { delivered_at: null });
  await models.get().built(true);
  expect(await costs()).toEqual([{ ...spring, answers: 2n, cost_micros: 2_800n }]);
});

it('follows replies that name no message to the one that they are credited to', async () => {
  await campaign('a', '2026-11-02 10:05:00');
  await wrote('in1', '2026-11-02 11:00:00');
  await service('answer', '2026-11-02 11:10:00');
  await models.get().built(true);
  expect(await costs()).toEqual([{ ...spring, answers: 1n, cost_micros: 1_400n }]);
});

it("is nobody's when the newest word was about something else, or is a day old", async () => {
  await campaign('a', '2026-11-02 10:05:00');
  await service('talk', '2026-11-02 10:20:00');
  await wrote('in1', '2026-11-02 11:00:00', 'wamid.a');
  await wrote('in2', '2026-11-02 12:00:00', 'wamid.talk');
  await service('answer about the talk', '2026-11-02 12:10:00');
  await wrote('in3', '2026-11-03 09:00:00', 'wamid.a');
  await service('on the last second', '2026-11-04 09:00:00');
  await service('a second late', '2026-11-04 09:00:01');
  await models.get().built(true);
  expect(await costs()).toEqual([{ ...spring, answers: 1n, cost_micros: 1_400n }]);
});

it('counts answers whose price is not known beside it', async () => {
  await campaign('a', '2026-11-02 10:05:00');
  await wrote('in1', '2026-11-02 11:00:00', 'wamid.a');
  await service('answer', '2026-11-02 11:10:00', { country: null });
  await models.get().built(true);
  expect(await costs()).toEqual([{ ...spring, answers: 1n, unpriced: 1n, cost_micros: 0n }]);
});
