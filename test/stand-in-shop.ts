import type { CampaignDetail } from '../api/warehouse.ts';
import type { Bucket, StandIn } from './stand-in-warehouse.ts';

/** The moment at which the stand-in shop is looked at. */
export const shopNow: Date = new Date('2026-11-21T12:00:00Z');

const campaign = (id: string, name: string | null, more: Partial<CampaignDetail> = {}): CampaignDetail => ({
  campaign_id: id,
  name,
  objective: 'revenue',
  category: 'marketing',
  registered: true,
  first_message_at: '2026-10-24T09:00:00.000Z',
  last_message_at: '2026-11-21T11:45:00.000Z',
  phone_number_id: '106540352242922',
  template_name: 'autumn_sale',
  template_language: 'en',
  margin: 0.28,
  windows: { reply_hours: 24, optout_hours: 24, conversion_days: 7 },
  arms: [],
  ...more,
});

/** Thirty days of four campaigns, the newest fourteen not final; one is too small to say anything, one has no message. */
export function standInShop(): StandIn {
  const buckets: Bucket[] = [];
  for (let day = 0; day < 30; day += 1) {
    const at = new Date(shopNow.getTime() - (29 - day) * 86_400_000 - 3 * 3_600_000).toISOString();
    const wave = 1 + 0.25 * Math.sin(day / 3);
    for (const [index, variant] of ['price', 'picture'].entries()) {
      for (const [share, segment, market] of [
        [0.6, 'loyal', 'India'],
        [0.4, 'new', 'Brazil'],
      ] as const) {
        buckets.push(
          bucket(
            at,
            { campaign: 'autumn', variant, segment, market },
            Math.round(800 * share * wave),
            0.94,
            0.05 + 0.01 * index,
            day,
          ),
        );
      }
    }
    buckets.push(
      bucket(at, { campaign: 'orders', variant: null, segment: null, market: 'India' }, Math.round(300 * wave), 0.985, 0.12, day),
    );
  }
  buckets.push(
    bucket('2026-11-20T09:00:00.000Z', { campaign: 'leads', variant: null, segment: 'bought', market: 'Brazil' }, 12, 0.5, 0, 29),
  );
  for (const [code, failed] of [
    ['131026', 600],
    ['131049', 1200],
    ['999999', 200],
  ] as const) {
    const dimensions = { campaign: 'autumn', error_code: code };
    buckets.push({ mart: 'failure_15m', at: '2026-11-18T09:00:00.000Z', dimensions, final: false, counts: { failed } });
  }
  return {
    buckets,
    campaigns: [
      campaign('autumn', 'Autumn sale', {
        arms: [
          { id: 'price', name: 'Price first', weight: 45, holdout: false },
          { id: 'picture', name: 'Picture first', weight: 45, holdout: false },
          { id: 'nothing', name: 'Nothing sent', weight: 10, holdout: true },
        ],
      }),
      campaign('orders', 'Order updates', { objective: 'service', category: 'utility', template_name: 'order_update' }),
      campaign('leads', '<script>alert("x")</script> & co', { objective: 'acquisition' }),
      campaign('planned', 'Winter, planned', { first_message_at: null, last_message_at: null }),
    ],
  };
}

function bucket(
  at: string,
  dimensions: Record<string, string | null>,
  requested: number,
  deliveryRate: number,
  clickRate: number,
  day: number,
): Bucket {
  const delivered = Math.round(requested * deliveryRate);
  return {
    mart: 'funnel_15m',
    at,
    dimensions,
    final: day < 16,
    counts: {
      requested,
      attempted: requested,
      attempted_no_blocks: delivered + Math.round((requested - delivered) / 2),
      attempted_failed: requested - delivered,
      delivered,
      failed: requested - delivered,
      read: Math.round(delivered * (0.62 + 0.04 * Math.cos(day / 4))),
      replied: Math.round(delivered * 0.021),
      clicked: Math.round(delivered * clickRate),
      converted: Math.round(delivered * clickRate * 0.2),
      unsubscribed: Math.round(delivered * 0.004),
    },
  };
}
