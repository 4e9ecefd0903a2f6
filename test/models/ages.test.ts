import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['age_15m', 'customer_spend', 'campaign_window', 'waba_portfolio', 'feedback_share'] });

/** Minutes after 10:00 on the 20th; the models are built at noon on the 21st, when such a message is 26 hours old. */
const later = (minutes: number) => new Date(Date.parse('2026-11-20T10:00:00Z') + minutes * 60_000).toISOString().replace('Z', '');
const sent = (more: Facts = {}) => ({ requested_at: later(0), accepted_at: later(0), campaign_id: 'spring', ...more });

describe('messages by their age', () => {
  it('had come so far by an age, of those that are so old', async () => {
    await models.get().message('quick', sent({ delivered_at: later(1), read_at: later(4), replied_at: later(50) }));
    await models.get().message('slow', sent({ delivered_at: later(90), read_at: later(1500) }));
    await models.get().message('failed', sent({ failed_at: later(1), refused: false, error_code: 131026 }));
    // Ten minutes old at the build: it counts at 2 and 5 minutes only.
    await models
      .get()
      .message('young', { requested_at: '2026-11-21 11:50:00', accepted_at: '2026-11-21 11:50:00', campaign_id: 'spring' });
    await models.get().message('never', { requested_at: later(0), campaign_id: 'spring' });
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['delivered_by_age', 'read_by_age', 'replied_by_age'], by: ['age'] });
    const found = rows.map(({ dimensions, metrics }) => {
      const part = (name: string) => metrics[name]?.numerator;
      return [
        Number(dimensions['age']),
        metrics['read_by_age']?.denominator,
        part('delivered_by_age'),
        part('read_by_age'),
        part('replied_by_age'),
      ];
    });
    expect(found.sort(([a = 0], [b = 0]) => Number(a) - Number(b))).toEqual([
      // age in minutes, attempted and so old, delivered, read, replied
      [2, 4, 1, 0, 0],
      [5, 4, 1, 1, 0],
      [15, 3, 1, 1, 0],
      [30, 3, 1, 1, 0],
      [60, 3, 1, 1, 1],
      [120, 3, 2, 1, 1],
      [240, 3, 2, 1, 1],
      [480, 3, 2, 1, 1],
      [1440, 3, 2, 1, 1],
    ]);
  });
});

describe('customers by what they spent', () => {
  it('stand in the step of their currency, after refunds', async () => {
    const ordered = (person: string, micros: number, more: Facts = {}) =>
      models.get().insert('fact_conversion', {
        event_id: `${person} ${micros} ${more['kind'] ?? ''}`,
        kind: 'order',
        occurred_at: '2026-11-01 10:00:00',
        contact_alias: person,
        order_id: person,
        amount_micros: micros,
        currency: 'EUR',
        ...more,
      });
    await models.get().alias('c1', 'c2', 'c3', 'c4');
    await ordered('c1', 20_000_000); // the lower end belongs to the step
    await ordered('c2', 50_000_000);
    await ordered('c2', 30_000_000, { kind: 'refund', occurred_at: '2026-11-02 10:00:00' }); // 20 are left
    await ordered('c3', 49_990_000);
    await ordered('c4', 2_000_000_000_000, { currency: 'INR' });
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['customers_by_spend'], by: ['spent'] });
    expect(rows.map(({ dimensions, metrics }) => [dimensions['spent'], metrics['customers_by_spend']?.value])).toEqual([
      ['1000000+ INR', 1],
      ['20-50 EUR', 3],
    ]);
  });
});
