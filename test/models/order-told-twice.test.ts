import { expect, it } from 'vitest';
import { useModels } from './fixture.ts';

const models = useModels({ marts: ['funnel_15m', 'money_15m', 'customer_order'] });

/** Two people, a message each at 10:00 and 11:00 on 2 November. */
async function messages(): Promise<void> {
  for (const [key, at, contact_alias] of [
    ['a', '2026-11-02 10:00:00', 'c1'],
    ['b', '2026-11-02 11:00:00', 'c2'],
  ]) {
    await models.get().message(key ?? '', {
      contact_alias: contact_alias ?? null,
      country: 'IN',
      category: 'marketing',
      campaign_id: 'spring',
      sent_at: at ?? null,
      delivered_at: at ?? null,
    });
  }
}

/** Order 7, for 20 dollars. */
function order(event_id: string, occurred_at: string, contact_alias: string | null) {
  return models.get().insert('fact_conversion', {
    event_id,
    kind: 'order',
    occurred_at,
    contact_alias,
    order_id: '7',
    amount_micros: 20_000_000n,
    currency: 'USD',
  });
}

async function counted() {
  const [funnel] = await models
    .get()
    .rows('SELECT sum(orders)::BIGINT AS orders, sum(converted)::BIGINT AS converted FROM funnel_15m');
  const [money] = await models
    .get()
    .rows(
      'SELECT sum(orders)::BIGINT AS orders, sum(priced_converted)::BIGINT AS converted, sum(revenue_micros)::BIGINT AS revenue FROM money_15m',
    );
  const customers = await models.get().rows('SELECT customer FROM customer_order');
  return { funnel, money, customers: customers.map(({ customer }) => customer) };
}
const once = { funnel: { orders: 1n, converted: 1n }, money: { orders: 1n, converted: 1n, revenue: 20_000_000n } };

it('counts once in every table, for the person of whom it was told first', async () => {
  await messages();
  await order('told', '2026-11-02 12:00:00', 'c1');
  await order('told again', '2026-11-02 13:00:00', 'c2');
  await models.get().built(true);
  expect(await counted()).toEqual({ ...once, customers: ['c1'] });
});

it('counts for the person of whom it was told, when it was told of nobody first', async () => {
  await messages();
  await order('told of nobody', '2026-11-02 11:30:00', null);
  await order('told', '2026-11-02 12:00:00', 'c1');
  await models.get().built(true);
  expect(await counted()).toEqual({ ...once, customers: ['c1'] });
});

it('moves when an earlier word comes later', async () => {
  await messages();
  await order('told', '2026-11-02 12:00:00', 'c1');
  await models.get().built(true);
  await order('told earlier', '2026-11-02 11:30:00', 'c2');
  await models.get().refreshed();
  expect(await counted()).toEqual({ ...once, customers: ['c2'] });
});
