import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { campaignReturns } from '../../api/warehouse-thread/value-queries.ts';
import { useModels } from './fixture.ts';

const models = useModels({
  marts: ['money_15m', 'reply_cost_15m', 'customer_order', 'experiment_arm_1h', 'experiment_revenue_1h'],
});
const at = Date.parse('2026-11-21T12:00:00Z');
const returns = (campaign: string | null = null) => campaignReturns(models.get().connection, { campaign, at });

beforeAll(() => models.get().built(true));
beforeEach(async () => {
  // What the models would have made of a campaign of 100 messages for 4.00, and another that nobody bought of.
  await models.get().connection.exec(`
    INSERT INTO money_15m BY NAME SELECT * FROM (VALUES
      (TIMESTAMP '2026-11-01 10:00:00', 'spring', 'DE', 60, 0, 2400000),
      (TIMESTAMP '2026-11-01 10:15:00', 'spring', 'FR', 40, 3, 1600000),
      (TIMESTAMP '2026-11-01 10:15:00', 'silent', 'FR', 5, 0, 200000)) AS v(bucket_at, campaign_id, market, delivered, unpriced, cost_micros);
    INSERT INTO campaign_window BY NAME SELECT 'spring' AS campaign_id, 'Spring' AS name, 0.4 AS margin`);
});

describe('the returns of a campaign', () => {
  it('are its exact cost and the revenue credited to it, with how much one message varies', async () => {
    // m1 brought 10 + 20 in two orders, m2 10, the other 98 nothing; an order told before and one of another rule count for nothing.
    await models.get().connection.exec(`
      INSERT INTO touch_credit (kind, event_id, rule, basis, message_key, campaign_id) VALUES
        ('order', 'a', 'last', 'exposure', 'm1', 'spring'), ('order', 'b', 'last', 'exposure', 'm1', 'spring'),
        ('order', 'c', 'last', 'exposure', 'm2', 'spring'), ('order', 'd', 'last', 'exposure', 'm2', 'spring'),
        ('order', 'e', 'last', 'exposure', 'm2', 'spring'), ('order', 'a', 'first', 'exposure', 'm3', 'spring');
      INSERT INTO order_revenue (event_id, kind, revenue_micros, state) VALUES ('a', 'order', 10000000, 'known'),
        ('b', 'order', 20000000, 'known'), ('c', 'order', 10000000, 'known'), ('d', 'order', 0, 'told_before'),
        ('e', 'order', NULL, 'no_exchange_rate')`);
    const [spring, silent] = await returns();
    expect(spring).toMatchObject({
      campaign_id: 'spring',
      name: 'Spring',
      margin: 0.4,
      delivered: 100,
      unpriced: 3,
      unvalued: 1,
    });
    expect([spring?.costMicros, spring?.revenueMicros]).toEqual([4_000_000n, 40_000_000n]);
    // 30^2 + 10^2 - 40^2 / 100
    expect(spring?.squares).toBeCloseTo(984, 9);
    expect(silent).toMatchObject({ campaign_id: 'silent', revenueMicros: 0n, squares: 0, margin: null, holdouts: [] });
  });

  it('know what the customers whom it won have brought, in months since the first of them bought', async () => {
    // Ann bought first on 10 January and Bob on 9 March: to the day a month has not passed on 9 February, but has on 10 February.
    const order = (id: string, customer: string, at: string, micros: number | null) => `
      INSERT INTO customer_order (event_id, customer, ordered_at, ordered_on, is_purchase) VALUES ('${id}', '${customer}', '${at}', '${at.slice(0, 10)}', true);
      INSERT INTO order_revenue (event_id, kind, revenue_micros) VALUES ('${id}', 'order', ${micros})`;
    await models.get().connection.exec(`
      ${order('a1', 'ann', '2026-01-10 08:00:00', 5_000_000)};
      ${order('a2', 'ann', '2026-02-09 08:00:00', 2_000_000)};
      ${order('a3', 'ann', '2026-02-10 08:00:00', 1_000_000)};
      ${order('a4', 'ann', '2026-02-11 08:00:00', null)};
      ${order('b1', 'bob', '2026-03-09 08:00:00', 4_000_000)};
      ${order('c1', 'cy', '2026-01-01 08:00:00', 9_000_000)};
      ${order('c2', 'cy', '2026-03-12 08:00:00', 9_000_000)};
      INSERT INTO touch_credit (kind, event_id, rule, basis, message_key, campaign_id) VALUES
        ('order', 'a1', 'last', 'exposure', 'm1', 'spring'), ('order', 'b1', 'last', 'exposure', 'm2', 'spring'),
        ('order', 'a3', 'last', 'exposure', 'm3', 'silent'), ('order', 'c2', 'last', 'exposure', 'm4', 'spring')`);
    const [spring, silent] = await returns();
    // Cy's first order was nobody's, so that "spring" did not win Cy; Ann's third was not her first, so that "silent" won nobody.
    expect([spring?.customers_won, silent?.customers_won, silent?.wonMonths]).toEqual([2, 0, []]);
    expect(spring?.wonMonths).toEqual([
      { month: 0, micros: 7_000_000n },
      { month: 1, micros: 5_000_000n },
    ]);
  });

  it('have the hold-outs of its experiments, of people whose whole window has passed', async () => {
    const hour = (arm: string, hour: string, people: number, converted: number, mean: number, squares: number) => `
      INSERT INTO experiment_arm_1h (experiment_id, assigned_hour, arm_id, people, converted) VALUES ('x', '${hour}', '${arm}', ${people}, ${converted});
      INSERT INTO experiment_revenue_1h (experiment_id, assigned_hour, arm_id, revenue_class, people, revenue_mean, revenue_ss, currency)
        VALUES ('x', '${hour}', '${arm}', -1, ${people}, ${mean}, ${squares}, 'EUR')`;
    await models.get().connection.exec(`
      INSERT INTO experiment_definition (experiment_id, campaign_id, age_h, longest_delay_h, arms) VALUES ('x', 'spring', 24, 0,
        '[{"id":"none","name":null,"weight":1,"holdout":true,"send_after_hours":0},{"id":"a","name":null,"weight":1,"holdout":false,"send_after_hours":0},{"id":"b","name":null,"weight":1,"holdout":false,"send_after_hours":0}]');
      ${hour('none', '2026-11-10 10:00:00', 10, 1, 2, 30)};
      ${hour('a', '2026-11-10 10:00:00', 10, 2, 3, 40)};
      ${hour('b', '2026-11-10 10:00:00', 30, 5, 1, 50)};
      ${hour('a', '2026-11-20 11:00:00', 20, 1, 7, 60)};
      ${hour('a', '2026-11-20 12:00:00', 40, 9, 9, 90)}`);
    const [spring] = await returns('spring');
    // The hour of 11:00 ends at 12:00, its last window at 12:00 of the next day, which is now; that of 12:00 is not over.
    // Treated: 60 people, mean (10 x 3 + 30 x 1 + 20 x 7) / 60 = 10/3; 40 + 50 + 60 + 10/9 + 30 x 49/9 + 20 x 121/9 = 583.33.
    expect(spring?.holdouts).toEqual([
      {
        experiment_id: 'x',
        holdout: { people: 10, converted: 1, mean: 2, squares: 30 },
        treated: { people: 60, converted: 8, mean: expect.closeTo(10 / 3, 9), squares: expect.closeTo(583.3333, 3) },
        treated_assigned: 100,
        currencies: ['EUR'],
      },
    ]);
  });
});
