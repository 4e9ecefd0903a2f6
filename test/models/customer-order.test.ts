import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['customer_order', 'customer'] });

const conversion = (event_id: string, contact_alias: string, occurred_at: string, amount: number | null, more: Facts = {}) =>
  models.get().insert('fact_conversion', {
    event_id,
    kind: 'order',
    contact_alias,
    occurred_at,
    order_id: event_id,
    amount_micros: amount === null ? null : BigInt(amount * 1_000_000),
    currency: 'EUR',
    ...more,
  });

async function orders() {
  const warehouse = models.get();
  const built = (await warehouse.build(true)).find(({ model }) => model === 'customer_order');
  expect(built).toMatchObject({ outcome: 'ok', message: null });
  return warehouse.rows(
    'SELECT event_id, customer, ordered_on::VARCHAR AS "on", kept_micros, is_purchase FROM customer_order ORDER BY event_id',
  );
}

describe('an order', () => {
  it('belongs to the person whom its number stood for at the time', async () => {
    await models.get().alias('cAnna', 'cBert', 'p1');
    await models.get().link('cAnna', 'p1', '2026-01-01 00:00:00', 'backend');
    await models.get().link('cBert', 'p1', '2026-03-01 00:00:00', 'backend');
    await conversion('early', '', '2026-02-01 10:00:00', 10, { contact_alias: null, phone_alias: 'p1' });
    await conversion('late', '', '2026-03-01 10:00:00', 20, { contact_alias: null, phone_alias: 'p1' });
    expect(await orders()).toMatchObject([
      { event_id: 'early', customer: 'cAnna' },
      { event_id: 'late', customer: 'cBert' },
    ]);
  });

  it('is lowered by its refunds on its own day, and is no purchase when nothing is left', async () => {
    await conversion('part', 'c1', '2026-02-01 10:00:00', 30);
    await conversion('whole', 'c1', '2026-02-02 10:00:00', 20);
    await conversion('free', 'c1', '2026-02-03 10:00:00', 0);
    await conversion('r1', 'c1', '2026-02-05 10:00:00', 12, { kind: 'refund', order_id: 'part' });
    await conversion('r2', 'c1', '2026-02-05 11:00:00', 15, { kind: 'refund', order_id: 'whole' });
    await conversion('r3', 'c1', '2026-02-06 11:00:00', 5, { kind: 'refund', order_id: 'whole' });
    await conversion('r4', 'c1', '2026-02-06 11:00:00', 5, { kind: 'refund', order_id: 'never told of' });
    expect(await orders()).toEqual([
      { event_id: 'free', customer: 'c1', on: '2026-02-03', kept_micros: 0n, is_purchase: true },
      { event_id: 'part', customer: 'c1', on: '2026-02-01', kept_micros: 18_000_000n, is_purchase: true },
      { event_id: 'whole', customer: 'c1', on: '2026-02-02', kept_micros: 0n, is_purchase: false },
    ]);
  });

  it('told twice counts once, and is refunded once', async () => {
    await conversion('a', 'c1', '2026-02-01 10:00:00', 30, { order_id: 'o' });
    await conversion('b', 'c1', '2026-02-01 10:00:01', 30, { order_id: 'o' });
    await conversion('r', 'c1', '2026-02-05 10:00:00', 10, { kind: 'refund', order_id: 'o' });
    await conversion('other', 'c1', '2026-02-05 10:00:00', 10, { kind: 'refund', order_id: 'o', currency: 'USD' });
    expect(await orders()).toMatchObject([{ event_id: 'a', kept_micros: 20_000_000n }]);
  });

  it('without a price keeps none', async () => {
    await conversion('a', 'c1', '2026-02-01 10:00:00', null, { currency: null });
    expect(await orders()).toMatchObject([{ kept_micros: null, is_purchase: true }]);
  });

  it('comes out the same when it is told piece by piece', async () => {
    const warehouse = models.get();
    const read = () => warehouse.rows('SELECT * FROM customer_order ORDER BY event_id');
    const changed = (alias_id: string, changed_at: string | null) =>
      warehouse.insert('changed_contact', { alias_id, changed_at });
    await warehouse.alias('cAnna', 'p1');
    await conversion('b', '', '2026-02-02 10:00:00', 30, { contact_alias: null, phone_alias: 'p1', order_id: 'o' });
    await changed('p1', '2026-02-02 10:00:00');
    await warehouse.build();
    expect(await read()).toMatchObject([{ event_id: 'b', customer: 'p1', kept_micros: 30_000_000n }]);
    // Then a refund, the same order told before, and whose number it was.
    await conversion('r', '', '2026-02-05 10:00:00', 10, {
      contact_alias: null,
      phone_alias: 'p1',
      kind: 'refund',
      order_id: 'o',
    });
    await changed('p1', '2026-02-05 10:00:00');
    await warehouse.build();
    expect(await read()).toMatchObject([{ event_id: 'b', kept_micros: 20_000_000n }]);
    // A refund may come without a person; it counts with the next change of anybody.
    await conversion('r2', '', '2026-02-06 10:00:00', 5, { contact_alias: null, kind: 'refund', order_id: 'o' });
    await changed('somebody', '2026-02-06 10:00:00');
    await warehouse.build();
    expect(await read()).toMatchObject([{ event_id: 'b', kept_micros: 15_000_000n }]);
    await conversion('a', 'cAnna', '2026-02-01 10:00:00', 30, { order_id: 'o' });
    await changed('cAnna', '2026-02-01 10:00:00');
    await warehouse.link('cAnna', 'p1', '2026-01-01 00:00:00', 'backend');
    await changed('p1', null);
    await changed('cAnna', null);
    await warehouse.build();
    const pieces = await read();
    expect(pieces).toMatchObject([{ event_id: 'a', customer: 'cAnna', kept_micros: 15_000_000n }]);
    await warehouse.build(true);
    expect(await read()).toEqual(pieces);
  });
});
