import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['customer_state', 'stage_change_15m', 'consent_15m', 'segment_membership', 'contact_tag'] });

let count = 0;
const ordered = (contact_alias: string, occurred_at: string, euros = 10, more: Facts = {}) => {
  count += 1;
  return models.get().insert('fact_conversion', {
    ...{ event_id: `o${count}`, order_id: `o${count}`, kind: 'order', contact_alias, occurred_at },
    ...{ amount_micros: euros * 1_000_000, currency: 'EUR', ...more },
  });
};
const wrote = (user_alias: string, occurred_at: string, counted_type = 'reply') => {
  count += 1;
  return models.get().insert('fact_inbound', {
    ...{ message_id: `i${count}`, user_alias, occurred_at, message_type: 'text', counted_type },
    ...{ counts_as_reply: counted_type === 'reply', content_hash: `i${count}` },
  });
};
const consented = (contact_alias: string, occurred_at: string, state: string, source = 'backend') => {
  count += 1;
  return models
    .get()
    .insert('fact_consent', { event_id: `e${count}`, contact_alias, occurred_at, category: 'marketing', state, source });
};
const one = async (customer: string) => (await models.get().rows(`FROM customer WHERE customer = '${customer}'`))[0];
/** The build is at 2026-11-21 12:00. */
const life = async (customer: string) => {
  const rows = await models
    .get()
    .rows(
      `SELECT stage, strftime(valid_from, '%m-%d') AS since FROM customer_stage WHERE customer = '${customer}' ORDER BY valid_from`,
    );
  return rows.map(({ stage, since }) => `${since} ${stage}`);
};

describe('the life of a customer', () => {
  it('goes from lead over new to active, and to dormant after 90 days without anything', async () => {
    await wrote('u1', '2026-05-01 10:00:00');
    await ordered('u1', '2026-05-10 10:00:00');
    await models.get().built(true);
    // 10 May + 30 days = 9 June; 10 May + 90 days = 8 August.
    expect(await life('u1')).toEqual(['05-01 lead', '05-10 new', '06-09 active', '08-08 dormant']);
  });

  it('comes back to what it was by its orders', async () => {
    await ordered('c1', '2026-01-01 10:00:00');
    await ordered('c1', '2026-05-01 10:00:00'); // dormant since 1 April
    await wrote('c2', '2026-01-01 10:00:00');
    await wrote('c2', '2026-11-01 10:00:00');
    await models.get().built(true);
    // 1 January + 30 = 31 January, + 90 = 1 April; 1 May + 90 = 30 July.
    expect(await life('c1')).toEqual(['01-01 new', '01-31 active', '04-01 dormant', '05-01 repeat', '07-30 dormant']);
    expect(await life('c2')).toEqual(['01-01 lead', '04-01 dormant', '11-01 lead']);
    const { rows } = await models.get().ask({ metrics: ['stage_entries', 'customers_won_back'], by: ['stage'] });
    expect(
      rows.map(({ dimensions, metrics }) => [
        dimensions['stage'],
        metrics['stage_entries']?.value,
        metrics['customers_won_back']?.value,
      ]),
    ).toEqual([
      ['active', 1, 0],
      ['dormant', 3, 0],
      ['lead', 2, 1],
      ['new', 1, 0],
      ['repeat', 1, 1],
    ]);
  });

  it('stays new for a month even when the customer writes, and does not count orders refunded in full', async () => {
    await ordered('c1', '2026-11-01 10:00:00');
    await wrote('c1', '2026-11-10 10:00:00');
    await ordered('c2', '2026-11-01 10:00:00', 10, { order_id: 'back' });
    await ordered('c2', '2026-11-02 10:00:00', 10, { order_id: 'back', kind: 'refund' });
    await wrote('c2', '2026-11-03 10:00:00');
    await models.get().built(true);
    expect(await life('c1')).toEqual(['11-01 new']);
    expect(await life('c2')).toEqual(['11-03 lead']);
  });

  it('does not take opting out, echoes and removed reactions for a sign of life', async () => {
    await wrote('u1', '2026-11-01 10:00:00', 'opt_out');
    await wrote('u2', '2026-11-01 10:00:00', 'echo');
    await wrote('u3', '2026-11-01 10:00:00', 'reaction_removed');
    await models.get().built(true);
    expect(await models.get().rows('FROM customer_stage')).toEqual([]);
  });
});

describe('a customer', () => {
  it('has orders by month and quarter, spend after refunds and the last interaction', async () => {
    await ordered('c1', '2026-06-01 10:00:00', 100); // longer ago than a quarter
    await ordered('c1', '2026-09-15 10:00:00', 40); // within 90 days of 21 November (from 23 August)
    await ordered('c1', '2026-11-10 10:00:00', 20, { order_id: 'part' }); // within 30 days
    await ordered('c1', '2026-11-11 10:00:00', 5, { order_id: 'part', kind: 'refund' });
    await models.get().built(true);
    expect(await one('c1')).toMatchObject({
      ...{ orders: 3n, orders_month: 1n, orders_quarter: 2n, frequency_month: '1', frequency_quarter: '2-3' },
      ...{ kept_micros: 155_000_000n, currency: 'EUR', interaction: '30d', stage: 'repeat', consent: 'none' },
    });
  });

  it.each([
    ['2026-11-14 12:00:00', '7d', 'reply'],
    ['2026-11-14 11:59:59', '30d', 'complaint'],
    ['2026-10-22 12:00:00', '30d', 'button'],
    ['2026-10-22 11:59:59', '90d', 'opt_in'],
    ['2026-08-23 12:00:00', '90d', 'reaction'],
    ['2026-08-23 11:59:59', 'older', 'order'],
  ])('who wrote last on %s is of the band %s, be it a %s', async (at, band, countedType) => {
    await wrote('u1', at, countedType);
    await models.get().built(true);
    expect(await one('u1')).toMatchObject({ interaction: band, value_band: 'none', frequency_month: '0' });
  });

  it('is of a value band by rank among those of the same currency', async () => {
    // 10 customers of euros who spent 10 to 100: ranks 0, 0.1 ... 0.9; the first two are high (below 0.2), the next three middle (below 0.5).
    for (let n = 1; n <= 10; n += 1) await ordered(`c${n}`, '2026-11-01 10:00:00', 10 * n);
    await ordered('cx', '2026-11-01 10:00:00', 1, { currency: 'INR' });
    await models.get().built(true);
    const bands = await models
      .get()
      .rows(
        "SELECT value_band, string_agg(customer, ' ' ORDER BY kept_micros DESC) AS who FROM customer GROUP BY value_band ORDER BY value_band",
      );
    expect(bands).toEqual([
      { value_band: 'high', who: 'c10 c9 cx' },
      { value_band: 'low', who: 'c5 c4 c3 c2 c1' },
      { value_band: 'middle', who: 'c8 c7 c6' },
    ]);
  });

  it('is one person under all names, whose newest word on consent counts', async () => {
    await models.get().alias('c1', 'u1', 'p2');
    await models.get().link('u1', 'c1', '2026-01-01 00:00:00');
    await models.get().insert('changed_contact', { alias_id: 'u1' });
    await ordered('c1', '2026-11-01 10:00:00');
    await wrote('u1', '2026-11-20 10:00:00');
    await consented('c1', '2026-11-02 10:00:00', 'withdrawn', 'stop_word');
    await consented('c1', '2026-11-01 10:00:00', 'granted');
    await consented('p2', '2026-11-01 10:00:00', 'granted');
    await models.get().built(true);
    expect(await one('c1')).toMatchObject({ orders: 1n, interaction: '7d', consent: 'withdrawn' });
    expect(await one('u1')).toBeUndefined();
    expect(await one('p2')).toMatchObject({ orders: 0n, interaction: 'never', stage: 'none', consent: 'granted' });
    const { rows } = await models
      .get()
      .ask({ metrics: ['consent_rate', 'people', 'repeat_customer_rate', 'consent_withdrawn_rate'] });
    expect(rows[0]?.metrics['consent_rate']).toMatchObject({ numerator: 1, denominator: 2 });
    expect(rows[0]?.metrics['repeat_customer_rate']).toMatchObject({ numerator: 0, denominator: 1 });
    const events = await models.get().ask({ metrics: ['consents_granted', 'consents_withdrawn'], by: ['source'] });
    expect(
      events.rows.map(({ dimensions, metrics }) => [
        dimensions['source'],
        metrics['consents_granted']?.value,
        metrics['consents_withdrawn']?.value,
      ]),
    ).toEqual([
      ['backend', 2, 0],
      ['stop_word', 0, 1],
    ]);
  });
});

describe('segments and tags', () => {
  const moved = (contact_alias: string, entered: boolean, occurred_at: string) => {
    count += 1;
    return models
      .get()
      .insert('fact_segment_membership', { event_id: `s${count}`, segment_id: 'vip', contact_alias, entered, occurred_at });
  };

  it('have a history of who was in when, however often it was told', async () => {
    await moved('c1', true, '2026-11-01');
    await moved('c1', true, '2026-11-02');
    await moved('c1', false, '2026-11-05');
    await moved('c1', true, '2026-11-09');
    await moved('c2', false, '2026-11-01');
    await models.get().built(true);
    const rows = await models.get().rows(`SELECT customer, strftime(valid_from, '%d') AS since,
      CASE WHEN valid_to < TIMESTAMP 'infinity' THEN strftime(valid_to, '%d') END AS until FROM segment_membership ORDER BY valid_from`);
    expect(rows).toEqual([
      { customer: 'c1', since: '01', until: '05' },
      { customer: 'c1', since: '09', until: null },
    ]);
  });

  it('are read from the attributes of a contact, where they are a list', async () => {
    const profile = (contact_alias: string, attributes: string) =>
      models.get().insert('contact_profile', { contact_alias, occurred_at: '2026-11-01', event_id: contact_alias, attributes });
    await profile('c1', '{"tags": ["gold", "berlin", "gold"]}');
    await profile('c2', '{"tags": "gold"}');
    await profile('c3', '{}');
    await models.get().built(true);
    expect(await models.get().rows('FROM contact_tag ORDER BY tag')).toEqual([
      { customer: 'c1', tag: 'berlin' },
      { customer: 'c1', tag: 'gold' },
    ]);
  });
});
