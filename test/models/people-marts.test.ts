import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

/** Builds are at 2026-11-21 12:00. */
const models = useModels({ marts: ['fatigue_day', 'order_cohort', 'reach_comparison', 'feedback_share', 'funnel_15m'] });

let count = 0;
const delivered = (contact_alias: string, at: string, more: Facts = {}) => {
  count += 1;
  return models.get().message(`m${count}`, {
    ...{ contact_alias, sent_at: at, delivered_at: at, category: 'marketing', campaign_id: 'spring', ...more },
  });
};
const ordered = (contact_alias: string, occurred_at: string, euros = 10, more: Facts = {}) => {
  count += 1;
  return models.get().insert('fact_conversion', {
    ...{ event_id: `o${count}`, order_id: `o${count}`, kind: 'order', contact_alias, occurred_at },
    ...{ amount_micros: euros * 1_000_000, currency: 'EUR', ...more },
  });
};
const cut = async (metric: string, ...by: string[]) => {
  const { rows } = await models.get().ask({ metrics: [metric], by });
  return rows.map(({ dimensions, metrics }) => [
    ...by.map((name) => dimensions[name]),
    metrics[metric]?.numerator,
    metrics[metric]?.denominator,
  ]);
};

describe('fatigue', () => {
  it('numbers the messages to a person in the day, week and month before', async () => {
    await delivered('c1', '2026-11-01 10:00:00', { read_at: '2026-11-01 11:00:00' });
    await delivered('c1', '2026-11-02 10:00:00'); // exactly 24 hours later is within them
    await delivered('c1', '2026-11-04 10:00:00', { category: 'utility' });
    await delivered('c1', '2026-11-08 10:00:01'); // a second more than 7 days after the first
    await delivered('c1', '2026-11-08 12:00:00', { category: 'service' }); // does not count
    await delivered('c2', '2026-11-04 10:00:00', { read_at: '2026-11-04 10:01:00' });
    await models.get().message('failed', { contact_alias: 'c2', sent_at: '2026-11-04 09:00:00', category: 'marketing' });
    await models.get().built(true);
    // The first of the day: 1, 4 and 8 November of c1, 4 November of c2. The second: 2 November.
    expect(await cut('nth_read_rate', 'nth_1d')).toEqual([
      ['1', 2, 4],
      ['2', 0, 1],
    ]);
    // Of the week: c1 1st, 2nd, 3rd, and 3rd again on the 8th (2nd, 4th and itself); c2 1st.
    expect(await cut('nth_read_rate', 'nth_7d')).toEqual([
      ['1', 2, 2],
      ['2', 0, 1],
      ['3', 0, 2],
    ]);
    expect(await cut('nth_read_rate', 'nth_30d')).toEqual([
      ['1', 2, 2],
      ['2', 0, 1],
      ['3', 0, 1],
      ['4', 0, 1],
    ]);
  });

  it('counts marketing messages beyond 1 a day, 3 a week and 8 a month', async () => {
    // One every second day: the 4th is the first of more than 3 within 7 days (days 1, 3, 5, 7), and so is each one after it.
    for (const day of ['01', '03', '05', '07', '09']) await delivered('c1', `2026-11-${day} 10:00:00`);
    // Two on one day: the second is a breach. Of utility there are no breaches, and utility does not fill up the cap of marketing.
    await delivered('c2', '2026-11-01 10:00:00');
    await delivered('c2', '2026-11-01 12:00:00');
    await delivered('c3', '2026-11-01 10:00:00', { category: 'utility' });
    await delivered('c3', '2026-11-01 12:00:00', { category: 'utility' });
    await delivered('c3', '2026-11-01 13:00:00');
    // One every fourth day, nine within 30 days (0 to 28 days): the ninth.
    for (const at of ['09-26', '09-30', '10-04', '10-08', '10-12', '10-16', '10-20', '10-24'])
      await delivered('c4', `2026-${at} 10:00:00`);
    await delivered('c4', '2026-10-25 18:00:00');
    await models.get().built(true);
    expect(await cut('frequency_breaches', 'category')).toEqual([
      ['marketing', 2 + 1 + 1, 1],
      ['utility', 0, 1],
    ]);
  });

  it('credits replies and opt-outs to the message that they were about', async () => {
    await delivered('c1', '2026-11-01 10:00:00', { replied_at: '2026-11-01 11:00:00' });
    await delivered('c1', '2026-11-01 12:00:00');
    await models.get().insert('fact_consent', {
      ...{ event_id: 'e1', occurred_at: '2026-11-01 13:00:00', contact_alias: 'c1', category: 'marketing', state: 'withdrawn' },
      source: 'stop_word',
    });
    await models.get().insert('changed_contact', { alias_id: 'c1', changed_at: '2026-11-01 10:00:00' });
    await models.get().built(true);
    expect(await cut('nth_reply_rate', 'nth_1d')).toEqual([
      ['1', 1, 1],
      ['2', 0, 1],
    ]);
    expect(await cut('nth_unsubscribe_rate', 'nth_1d')).toEqual([
      ['1', 0, 1],
      ['2', 1, 1],
    ]);
  });
});

describe('cohorts', () => {
  it('follow each customer from the own first order in months of 30 days, and count only who has had the whole month', async () => {
    // a: first on 1 August, 112 days before the build: has had 3 whole months. Again after 29 days (month 0) and 65 days (month 2).
    await ordered('a', '2026-08-01 12:00:00');
    await ordered('a', '2026-08-30 12:00:00');
    await ordered('a', '2026-10-05 12:00:00');
    // b: first on 20 August, 93 days: 3 months. Again after exactly 30 days, which is month 1.
    await ordered('b', '2026-08-20 12:00:00');
    await ordered('b', '2026-09-19 12:00:00');
    // c: first on 30 August, 83 days: 2 months. Never again; the second order was refunded in full.
    await ordered('c', '2026-08-30 12:00:00');
    await ordered('c', '2026-09-01 12:00:00', 10, { order_id: 'back' });
    await ordered('c', '2026-09-02 12:00:00', 10, { order_id: 'back', kind: 'refund' });
    // d: first on 1 November: has not had a month yet.
    await ordered('d', '2026-11-01 12:00:00');
    await models.get().built(true);
    expect(await cut('retention_rate', 'cohort', 'months_since')).toEqual([
      ['2026-08', '0', 1, 3],
      ['2026-08', '1', 1, 3],
      ['2026-08', '2', 1, 2],
    ]);
    expect(await cut('repurchase_rate', 'months_since')).toEqual([
      ['0', 1, 3],
      ['1', 2, 3],
      ['2', 2, 2],
    ]);
    expect(await cut('orders_per_customer', 'months_since')).toEqual([
      ['0', 1, 3],
      ['1', 1, 3],
      ['2', 1, 2],
    ]);
  });
});

describe('customers reached and others', () => {
  it('are compared by what they ordered after, and the answer says that this is no experiment', async () => {
    for (const customer of ['a', 'b', 'c', 'd']) await ordered(customer, '2026-06-01 10:00:00');
    await ordered('late', '2026-11-01 10:00:00'); // a customer for less than 90 days
    await delivered('a', '2026-09-15 10:00:00');
    await delivered('b', '2026-10-15 10:00:00', { category: 'utility' });
    await delivered('c', '2026-11-10 10:00:00'); // too late to be reached before the last 30 days (22 October)
    await delivered('d', '2026-09-15 10:00:00', { category: 'authentication' });
    await ordered('a', '2026-11-10 10:00:00', 30);
    await ordered('c', '2026-11-11 10:00:00', 50);
    await ordered('c', '2026-11-12 10:00:00', 20);
    await models.get().built(true);
    expect(await cut('reached_buyer_rate', 'reached')).toEqual([
      ['no', 1, 2],
      ['yes', 1, 2],
    ]);
    expect(await cut('reached_spend_per_customer', 'reached', 'currency')).toEqual([
      ['no', 'EUR', 70_000_000, 2],
      ['yes', 'EUR', 30_000_000, 2],
    ]);
    for (const name of ['reached_buyer_rate', 'reached_orders_per_customer', 'reached_spend_per_customer']) {
      const metric = models.get().catalog.metrics.get(name);
      expect(`${metric?.label} ${metric?.description}`).toMatch(/no experiment.*Not the effect/s);
    }
  });
});
