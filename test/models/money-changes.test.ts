import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadModels } from '../../models/load.ts';
import { ModelRunner } from '../../models/runner.ts';
import { memoryWarehouse } from '../warehouse.ts';
import { decoded, messagesChange } from '../webhook-record.ts';

/** What apply hands to the money models: whatever changes a cost or a credit must be told to them. */
const needed = new Set(['money_15m']);
const models = loadModels().then((all) => {
  for (const model of all.models.toReversed()) if (needed.has(model.name)) for (const name of model.upstream) needed.add(name);
  return { models: all.models.filter(({ name }) => needed.has(name)), problems: [] };
});
const runner = new ModelRunner(models);
let warehouse: Awaited<ReturnType<typeof memoryWarehouse>>;
let offset = 0n;
beforeAll(async () => {
  warehouse = await memoryWarehouse();
});
afterAll(() => warehouse.close());

async function send(kind: 'event' | 'webhook', body: unknown): Promise<void> {
  offset += 1n;
  await warehouse.apply.commit(decoded(body, kind), new Map([['log', offset]]));
}

async function built(sql: string): Promise<Record<string, unknown>[]> {
  const now = new Date('2026-11-20T00:00:00Z');
  do {
    const results = await runner.build(warehouse.connection, { full: false, now });
    expect(results.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  } while (runner.pending);
  return warehouse.connection.rows(sql);
}

const delivered = (pricing: object) =>
  messagesChange({
    statuses: [
      {
        id: 'wamid.1',
        status: 'delivered',
        timestamp: String(Date.UTC(2026, 10, 1, 10) / 1000),
        recipient_id: '919800000001',
        biz_opaque_callback_data: 'send-1',
        ...pricing,
      },
    ],
  });
const requested = {
  id: 'e1',
  type: 'message.requested',
  at: '2026-11-01T09:59:00Z',
  send_id: 'send-1',
  contact_id: 'anna',
  phone: '+919800000001',
  phone_number_id: 'pn',
  category: 'utility',
};

it('a price that comes with a second status of the same moment changes the cost', async () => {
  await send('event', [requested]);
  await send('webhook', delivered({}));
  const cost = 'SELECT sum(cost_micros)::INT AS cost FROM money_15m';
  expect(await built(cost)).toEqual([{ cost: 1_400 }]);
  await send('webhook', delivered({ pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'marketing' } }));
  expect(await built(cost)).toEqual([{ cost: 11_800 }]);
});

it('a click that is told after the order that it led to, and without a name, is credited with it', async () => {
  await send('event', [
    {
      id: 'e2',
      type: 'order.completed',
      at: '2026-11-02T10:00:00Z',
      contact_id: 'anna',
      order_id: 'o',
      amount: '2.00',
      currency: 'USD',
    },
  ]);
  const click = 'SELECT sum(revenue_micros)::INT AS delivery, sum(revenue_click_micros)::INT AS click FROM money_15m';
  expect(await built(click)).toEqual([{ delivery: 2_000_000, click: 0 }]);
  await send('event', [
    { id: 'e3', type: 'link.clicked', at: '2026-11-02T09:00:00Z', send_id: 'send-1', url: 'https://shop.example' },
  ]);
  expect(await built(click)).toEqual([{ delivery: 2_000_000, click: 2_000_000 }]);
});
