import { expect, it } from 'vitest';
import { useModels } from './fixture.ts';

const warehouse = useModels({ marts: ['platform_comparison'] });

/** 4 November 2026 by the clock of Kolkata (UTC+5:30). */
const [from, to] = ['2026-11-03 18:30:00', '2026-11-04 18:30:00'];
const told = {
  command_id: 'c1',
  told_at: '2026-11-20 09:00:00',
  report: 'pricing',
  waba_id: 'w',
  from_at: from,
  to_at: to,
  parts: 'country,pricing_category,pricing_type',
};

/** Marketing messages to India, 0.0118 USD each. */
async function delivered(key: string, at: string, given = {}): Promise<void> {
  await warehouse.get().message(key, {
    waba_id: 'w',
    country: 'IN',
    category: 'marketing',
    phone_number_id: '1',
    pricing_model: 'PMP',
    pricing_type: 'regular',
    pricing_category: 'marketing',
    sent_at: at,
    delivered_at: at,
    ...given,
  });
}

async function compared(columns: string) {
  return warehouse
    .get()
    .rows(`SELECT ${columns} FROM platform_comparison ORDER BY report, from_at, category, pricing_type, template_name`);
}

it('puts our messages of the same interval beside the figures, by country, category and type', async () => {
  const { insert, built } = {
    insert: warehouse.get().insert.bind(warehouse.get()),
    built: warehouse.get().built.bind(warehouse.get()),
  };
  await insert('dim_registry', {
    kind: 'waba',
    id: 'w',
    changed_at: '2026-01-01',
    command_id: 'r',
    time_zone: 'Asia/Kolkata',
    currency: 'USD',
  });
  await insert(
    'fact_platform_figure',
    {
      ...told,
      item: 0,
      country: 'IN',
      category: 'marketing',
      pricing_type: 'regular',
      tier: '0:MAX',
      delivered: 3n,
      cost_micros: 35_400n,
    },
    {
      ...told,
      item: 1,
      country: 'IN',
      category: 'service',
      pricing_type: 'free_customer_service',
      delivered: 1n,
      cost_micros: 0n,
    },
  );
  await delivered('before', '2026-11-03 18:29:59');
  await delivered('a', '2026-11-03 18:30:00');
  await delivered('b', '2026-11-04 18:29:59');
  await delivered('after', '2026-11-04 18:30:00');
  await delivered('free', '2026-11-04 10:00:00', {
    category: 'utility',
    pricing_category: 'utility',
    pricing_type: 'free_customer_service',
  });
  await built(true);
  expect(
    await compared(
      'category, pricing_type, their_delivered, our_delivered, their_cost_micros, our_cost_micros, starts_at_midnight',
    ),
  ).toEqual([
    // 2 x 0.0118
    {
      category: 'marketing',
      pricing_type: 'regular',
      their_delivered: 3n,
      our_delivered: 2n,
      their_cost_micros: 35_400n,
      our_cost_micros: 23_600n,
      starts_at_midnight: true,
    },
    {
      category: 'service',
      pricing_type: 'free_customer_service',
      their_delivered: 1n,
      our_delivered: 0n,
      their_cost_micros: 0n,
      our_cost_micros: 0n,
      starts_at_midnight: true,
    },
    {
      category: 'utility',
      pricing_type: 'free_customer_service',
      their_delivered: 0n,
      our_delivered: 1n,
      their_cost_micros: 0n,
      our_cost_micros: 0n,
      starts_at_midnight: true,
    },
  ]);
});

it('takes the newest answer about an interval, even with other dimensions, and adds up tiers and numbers', async () => {
  const { insert } = { insert: warehouse.get().insert.bind(warehouse.get()) };
  await insert(
    'fact_platform_figure',
    { ...told, item: 0, country: 'IN', category: 'marketing', pricing_type: 'regular', delivered: 9n },
    {
      ...told,
      command_id: 'c2',
      told_at: '2026-11-21 09:00:00',
      parts: 'country,tier',
      item: 0,
      country: 'IN',
      tier: '0:2',
      delivered: 2n,
      cost_micros: 20n,
    },
    {
      ...told,
      command_id: 'c2',
      told_at: '2026-11-21 09:00:00',
      parts: 'country,tier',
      item: 1,
      country: 'IN',
      tier: '3:MAX',
      delivered: 5n,
      cost_micros: 5n,
    },
  );
  await delivered('a', '2026-11-04 10:00:00');
  await warehouse.get().built(true);
  // The figures start at 18:30 UTC, and the account is not registered: UTC.
  expect(await compared('country, category, their_delivered, our_delivered, their_cost_micros, starts_at_midnight')).toEqual([
    { country: 'IN', category: null, their_delivered: 7n, our_delivered: 1n, their_cost_micros: 25n, starts_at_midnight: false },
  ]);
});

it('compares templates by the day on which they were sent, and only those that were asked about', async () => {
  const { insert } = { insert: warehouse.get().insert.bind(warehouse.get()) };
  const template = {
    ...told,
    report: 'template',
    parts: 'template_id',
    from_at: '2026-11-04 00:00:00',
    to_at: '2026-11-05 00:00:00',
    template_id: '77',
  };
  await insert('fact_platform_event', {
    event_hash: 'h',
    field: 'message_template_status_update',
    template_id: '77',
    template_name: 'spring',
    template_language: 'en',
    payload: '{}',
  });
  await insert('fact_platform_figure', { ...template, item: 0, sent: 2n, delivered: 2n, read: 1n });
  const message = { template_name: 'spring', template_language: 'en' };
  await delivered('a', '2026-11-04 23:59:00', {
    ...message,
    delivered_at: '2026-11-05 00:01:00',
    read_at: '2026-11-05 09:00:00',
  });
  await delivered('b', '2026-11-04 10:00:00', { ...message, delivered_at: null });
  await delivered('other', '2026-11-04 10:00:00', { template_name: 'summer', template_language: 'en' });
  await warehouse.get().built(true);
  expect(
    await compared('template_name, their_sent, our_sent, their_delivered, our_delivered, their_read, our_read, our_cost_micros'),
  ).toEqual([
    {
      template_name: 'spring',
      their_sent: 2n,
      our_sent: 2n,
      their_delivered: 2n,
      our_delivered: 1n,
      their_read: 1n,
      our_read: 1n,
      our_cost_micros: null,
    },
  ]);
});

it('compares figures that come later at the next build, and takes late deliveries in', async () => {
  await delivered('a', '2026-11-04 10:00:00');
  await warehouse.get().built(true);
  expect(await compared('waba_id')).toEqual([]);
  await warehouse.get().insert('fact_platform_figure', {
    ...told,
    item: 0,
    country: 'IN',
    category: 'marketing',
    pricing_type: 'regular',
    delivered: 2n,
  });
  await warehouse.get().built();
  expect(await compared('their_delivered, our_delivered')).toEqual([{ their_delivered: 2n, our_delivered: 1n }]);
});
