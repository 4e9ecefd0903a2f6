import { expect, it } from 'vitest';
import { returnRow } from '../../../api/value-returns.ts';
import type { CampaignReturn } from '../../../api/value-warehouse.ts';

const campaign: CampaignReturn = {
  campaign_id: 'spring',
  name: 'Spring',
  margin: 0.5,
  currency: 'USD',
  delivered: 100,
  unpriced: 0,
  costMicros: 8_000_000n,
  revenueMicros: 30_000_000n,
  squares: 0,
  unvalued: 0,
  customers_won: 2,
  replyCostMicros: 2_000_000n,
  repliesUnpriced: 0,
  wonMonths: [
    { month: 0, micros: 12_000_000n },
    { month: 2, micros: 8_000_000n },
  ],
  holdouts: [],
};

it('a campaign is paid back by what its customers brought, its messages and the answers to replies together', () => {
  // 8 + 2 = 10. Margin after the first month 12 x 0.5 = 6, after the third (12 + 8) x 0.5 = 10.
  const row = returnRow(campaign);
  expect(row.payback_months).toBe(2);
  // ROAS 30 / 10, ROI (30 x 0.5 - 10) / 10, 10 / 2 customers; without the answers ROAS is 30 / 8.
  expect(row.with_replies).toEqual({ cost: 10, roas: 3, roi: 0.5, cost_per_customer_won: 5 });
  expect(row.attributed.roas).toBe(3.75);
  expect(returnRow({ ...campaign, replyCostMicros: 0n, costMicros: 6_000_000n }).payback_months).toBe(0);
});

it('is not said to be paid back when it is not, or when that cannot be known', () => {
  expect(returnRow({ ...campaign, costMicros: 8_000_001n }).payback_months).toBeNull();
  expect(returnRow({ ...campaign, margin: null }).payback_months).toBeNull();
  expect(returnRow({ ...campaign, repliesUnpriced: 1 })).toMatchObject({
    payback_months: null,
    with_replies: { cost: null, roi: null },
  });
  expect(returnRow({ ...campaign, customers_won: 0, wonMonths: [] }).payback_months).toBeNull();
});
