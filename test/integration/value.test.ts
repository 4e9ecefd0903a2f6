import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appUnderTest, bearer } from '../app-under-test.ts';
import { cdnowPurchases } from '../cdnow.ts';
import { ModelWarehouse } from '../models/fixture.ts';
import { describeWithShared } from '../shared.ts';
import { insertOrders, poolInPlace, valueWarehouseOn } from '../value-warehouse.ts';

let warehouse: ModelWarehouse;
let app: FastifyInstance;
const pool = poolInPlace();

beforeAll(async () => {
  warehouse = await ModelWarehouse.open({
    marts: ['money_15m', 'reply_cost_15m', 'customer_order', 'experiment_arm_1h', 'experiment_revenue_1h'],
  });
  await warehouse.build(true);
  const test = await appUnderTest({ warehouse: valueWarehouseOn(warehouse.connection), pool });
  test.clock.ms = Date.parse('1998-07-02T09:00:00Z');
  app = test.app;
});
afterAll(async () => {
  await app.close();
  warehouse.close();
});
beforeEach(() => warehouse.clear());

async function ordered(orders: Parameters<typeof insertOrders>[1]) {
  await insertOrders(warehouse.connection, orders);
  await warehouse.build();
}

async function get(path: string) {
  const answer = await app.inject({ url: path, headers: bearer('analyst') });
  return { status: answer.statusCode, body: answer.json() };
}

describe('historic value by cohort', () => {
  beforeEach(() =>
    ordered([
      ['u1', '1998-04-05', 25],
      ['u1', '1998-04-19', 10],
      ['u1', '1998-05-02', 30],
      ['u2', '1998-04-10', 15],
      ['u3', '1998-05-20', 42.5],
    ]),
  );

  it('is what the customers of a month have brought each by the months after it', async () => {
    const { status, body } = await get('/v1/value/cohorts');
    // April: (25 + 10 + 15) / 2, then (50 + 30) / 2. June has begun a whole time since: the last day known is 1 July, so July is young.
    expect([status, body.currency, body.until]).toEqual([200, 'USD', '1998-07-01']);
    expect(body.rows).toEqual([
      {
        part: null,
        cohort: '1998-04',
        customers: 2,
        cumulative_revenue_per_customer: [25, 40, 40, 40],
        complete_months: 3,
      },
      { part: null, cohort: '1998-05', customers: 1, cumulative_revenue_per_customer: [42.5, 42.5, 42.5], complete_months: 2 },
    ]);
  });

  it('pays back when its margin has earned what a customer cost', async () => {
    const { body } = await get('/v1/value/cohorts?margin=0.5&cost_per_customer=15');
    // April earns 12.50 in its first month, 20 with the second; May 21.25 at once.
    expect(body.rows.map((row: { payback_months: number | null }) => row.payback_months)).toEqual([1, 0]);
    const dear = await get('/v1/value/cohorts?margin=0.5&cost_per_customer=30');
    expect(dear.body.rows.map((row: { payback_months: number | null }) => row.payback_months)).toEqual([null, null]);
  });

  it('is told by the campaign that is credited with the first order, and by segment', async () => {
    await warehouse.connection.exec(`
      INSERT INTO touch_credit (kind, event_id, rule, basis, campaign_id) VALUES
        ('order', 'order 0', 'last', 'exposure', 'spring'), ('order', 'order 2', 'last', 'exposure', 'may');
      INSERT INTO fact_segment_membership (event_id, segment_id, contact_alias, entered, occurred_at) VALUES
        ('a', 'vip', 'u1', true, '1998-01-01'), ('b', 'vip', 'u2', true, '1998-01-01'), ('c', 'vip', 'u2', false, '1998-02-01'),
        ('d', 'new', 'u1', true, '1998-01-01')`);
    const rows = async (by: string) =>
      (await get(`/v1/value/cohorts?by=${by}`)).body.rows.map((row: { part: string; cohort: string; customers: number }) =>
        [row.part, row.cohort, row.customers].join(' '),
      );
    expect((await rows('campaign')).sort()).toEqual([' 1998-04 1', ' 1998-05 1', 'spring 1998-04 1']);
    expect((await rows('segment')).sort()).toEqual(['new 1998-04 1', 'vip 1998-04 1']);
  });
});

describe('a question that cannot be answered', () => {
  it('is refused by name', async () => {
    expect((await get('/v1/value/cohorts')).body.code).toBe('value_data_insufficient');
    await ordered([['u1', '1998-04-05', 25]]);
    expect(await get('/v1/value/forecast')).toMatchObject({
      status: 422,
      body: { code: 'value_data_insufficient', detail: expect.stringContaining('1 customers of 300') },
    });
    await get('/v1/value/forecast');
    expect(pool.ran).toEqual(['fitForecast']); // as long as there is no other purchase it would be refused again
    await warehouse.clear();
    await ordered([
      ['u1', '1998-04-05', 25],
      ['u2', '1998-04-06', 25],
    ]);
    expect((await get('/v1/value/forecast')).body.detail).toContain('2 customers of 300');
    expect((await get('/v1/value/cohorts?currency=EUR')).body).toMatchObject({
      code: 'query_invalid',
      field: 'currency',
      detail: 'no orders in EUR; there are orders in USD',
    });
    expect((await get('/v1/value/cohorts?until=1998-07-02')).body.field).toBe('until');
  });
});

describeWithShared('the forecast of CDNOW', () => {
  beforeEach(async () => {
    await ordered(cdnowPurchases('cdnow/CDNOW_sample.txt'));
    pool.ran.length = 0;
  });

  it('has the published parameters, and says what it would have said before', async () => {
    const { status, body } = await get('/v1/value/forecast?model=bgnbd&until=1997-09-30&months=9');
    expect(status).toBe(200);
    // Fader, Hardie & Lee 2005.
    const { r, alpha, a, b } = body.fit.params;
    expect([r, alpha, a, b].map((value) => value.toFixed(3))).toEqual(['0.243', '4.414', '0.793', '2.426']);
    expect(body.fit.log_likelihood).toBeCloseTo(-9582.43, 1);
    // Fader & Hardie 2013.
    expect(body.fit.spend.params.p).toBeCloseTo(6.25, 1);
    expect(body.fit.spend.population_mean).toBeCloseTo(35.17, 1);
    // 272 days of history: a third is held out.
    expect(body.back_test).toMatchObject({ holdout_days: 90, customers: 2357 });
    expect(Math.abs(body.back_test.transactions.error)).toBeLessThan(Math.abs(body.back_test.naive.error));
    expect(body.rows).toHaveLength(1);
    expect(body.rows[0]).toMatchObject({ part: null, customers: 2357 });
  });

  it('is fitted once, until the purchases change', async () => {
    await get('/v1/value/forecast?until=1997-09-30&by=cohort');
    await get('/v1/value/forecast?until=1997-09-30&by=all&discount=0.2');
    expect(pool.ran).toEqual(['fitForecast', 'scoreParts', 'scoreParts']);
    await warehouse.connection.exec(`DELETE FROM customer_order WHERE event_id = 'order 0'`);
    await get('/v1/value/forecast?until=1997-09-30&by=all');
    expect(pool.ran.slice(3)).toEqual(['fitForecast', 'scoreParts']);
  });

  it('is scored once by cohort until the purchases change, and each time by segment, whose members may change without one', async () => {
    const rows = async (by: string) => (await get(`/v1/value/forecast?until=1997-09-30&margin=0.9&by=${by}`)).body.rows;
    const first = await rows('cohort');
    expect(await rows('cohort')).toEqual(first);
    expect(pool.ran).toEqual(['fitForecast', 'scoreParts']);
    expect(await rows('segment')).toEqual([]);
    await warehouse.connection.exec(
      `INSERT INTO fact_segment_membership (event_id, segment_id, contact_alias, entered, occurred_at)
       SELECT 'a', 'vip', min(customer), true, '1997-01-01' FROM customer_order WHERE ordered_on < '1997-09-30'`,
    );
    expect(await rows('segment')).toHaveLength(1);
  });

  it('never takes those who bought once for customers for certain, and its cohorts add up to all', async () => {
    const { body } = await get('/v1/value/forecast?until=1997-09-30&by=cohort');
    const all = (await get('/v1/value/forecast?until=1997-09-30')).body.rows[0];
    expect(body.rows.map((row: { part: string }) => row.part)).toEqual(['1997-01', '1997-02', '1997-03']);
    for (const name of ['customers', 'active_customers', 'expected_transactions', 'residual_value', 'historic_revenue'])
      expect(body.rows.reduce((sum: number, row: Record<string, number>) => sum + (row[name] ?? 0), 0)).toBeCloseTo(all[name], 4);
    expect(all.active_customers).toBeLessThan(0.8 * all.customers);
  });
});
