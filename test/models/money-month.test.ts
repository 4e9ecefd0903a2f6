import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Account, billByHand, type Sent, seedText, type World } from './billing-by-hand.ts';
import { useModels } from './fixture.ts';

/**
 * A month of traffic and a few days around it, with small tiers and allowances so that all are passed, a card that changes in mid-month,
 * accounts in three time zones and two currencies, free windows, a partner's markup, and messages told late.
 */
const cards = [
  'currency,market,category,from_messages,price,valid_from',
  'USD,India,utility,0,0.0014,2026-10-01',
  'USD,India,utility,25,0.0011,2026-10-01',
  'USD,India,utility,35,,2026-10-01',
  'USD,India,utility,0,0.0015,2026-10-15',
  'USD,India,utility,45,0.0012,2026-10-15',
  'USD,Brazil,authentication,0,0.0068,2026-10-01',
  'USD,Brazil,authentication,15,0.0061,2026-10-01',
  'USD,India,marketing,0,0.0121,2026-10-15',
  'EUR,India,marketing,0,0.0107,2026-10-01',
  'EUR,India,utility,0,0.0013,2026-10-01',
  'EUR,India,utility,15,0.0009,2026-10-01',
].join('\n');
const rules = `valid_from,service_charged,utility_in_window_charged,service_allowance,entry_window_hours
2026-10-01,true,true,12,72
`;
const markups = `category,percent,per_message,valid_from
*,5,0,2026-01-01
marketing,7.25,0.0005,2026-10-10
`;
const rates = `currency,to_currency,rate,valid_from
EUR,USD,1.083333333,2026-09-01
EUR,USD,1.1,2026-10-20
`;
const folder = mkdtempSync(join(tmpdir(), 'sluice-seeds-'));
writeFileSync(join(folder, 'rate_card.csv'), cards);
writeFileSync(join(folder, 'price_rule.csv'), rules);
writeFileSync(join(folder, 'partner_markup.csv'), markups);
writeFileSync(join(folder, 'exchange_rate.csv'), rates);
afterAll(() => rmSync(folder, { recursive: true }));
const models = useModels({ marts: ['money_15m'], seedFolder: folder });

const accounts: Record<string, Account> = {
  kolkata: { portfolio: 'one', zone: 'Asia/Kolkata', currency: 'USD' },
  paulo: { portfolio: 'one', zone: 'America/Sao_Paulo', currency: 'USD' },
  berlin: { portfolio: 'two', zone: 'Europe/Berlin', currency: 'EUR' },
};

/** Mulberry32: small, seeded, good enough to scatter messages. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function traffic(messages: number): World {
  const next = random(20261126);
  const pick = <T>(...choices: T[]): T => choices[Math.floor(next() * choices.length)] as T;
  const from = Date.UTC(2026, 8, 28);
  const span = Date.UTC(2026, 10, 3) - from;
  // Whole minutes, so that equal times are common.
  const time = () => from + Math.floor((next() * span) / 60_000) * 60_000;
  const sent: Sent[] = Array.from({ length: messages }, (_, at) => {
    const waba = pick('kolkata', 'kolkata', 'paulo', 'berlin', 'unregistered');
    const category = pick('marketing', 'utility', 'utility', 'utility', 'authentication', 'service');
    const stated = pick('said', 'said', 'said', 'free', 'not billable', 'nothing');
    return {
      key: `m${String(Math.floor(next() * 1e9)).padStart(9, '0')}-${at}`,
      deliveredAt: time(),
      country: pick('IN', 'IN', 'IN', 'BR', 'BR', 'US', 'PR', 'NP', 'GL', null),
      waba,
      number: `${waba}-${pick(1, 2)}`,
      person: `u${Math.floor(next() * 60)}`,
      campaign: pick('spring', 'summer'),
      category,
      stated:
        stated === 'nothing'
          ? null
          : {
              type: stated === 'free' ? pick('free_customer_service', 'free_entry_point') : 'regular',
              category: category === 'marketing' ? pick('marketing', 'marketing_lite') : category,
              billable: stated === 'not billable' ? pick(false, false, true) : pick(true, null),
            },
    };
  });
  const wrote = sent
    .filter(() => next() < 0.08)
    .map(({ person, number, deliveredAt }) => ({
      person,
      number,
      at: deliveredAt - Math.floor(next() * 30 * 60) * 60_000,
      fromAd: next() < 0.3,
    }));
  return {
    sent,
    accounts,
    wrote,
    cards: [seedText('rate_card.csv'), cards],
    rules: [seedText('price_rule.csv'), rules],
    markups: [markups],
    rates: [rates],
    markets: seedText('country_market.csv'),
  };
}

const instant = (at: number) => new Date(at).toISOString().replace('Z', '');

it('a month of traffic costs to the micro-unit what it costs by hand, message by message, with some told late', async () => {
  const warehouse = models.get();
  const world = traffic(2400);
  for (const [id, { portfolio, zone, currency }] of Object.entries(accounts)) {
    await warehouse.insert('dim_registry', {
      kind: 'waba',
      id,
      changed_at: '2026-01-01',
      command_id: '1',
      parent_id: portfolio,
      time_zone: zone,
      currency,
    });
  }
  // Some messages of the fourth day come late, when the tiers of the month have been found already, and move them.
  const isLate = ({ deliveredAt, category, country }: Sent) =>
    new Date(deliveredAt).getUTCDate() === 4 && category === 'utility' && country === 'IN';
  await tell(world.sent.filter((message) => !isLate(message)));
  await hear(world.wrote);
  await warehouse.built(true);
  const before = await steps();
  await tell(world.sent.filter(isLate));
  await warehouse.refreshed(['2026-10-04']);
  expect(await steps()).not.toEqual(before);

  const byHand = billByHand(world);
  const rows = await warehouse.rows('SELECT message_key, cost_micros, free_reason, unpriced_reason, passed FROM message_cost');
  expect(rows).toHaveLength(world.sent.length);
  const different = rows
    .map((row) => ({ ...row, byHand: byHand.get(String(row.message_key)) }))
    .filter((row) => row.byHand !== (row as { cost_micros?: bigint | null }).cost_micros);
  expect(different).toEqual([]);

  const sums = await warehouse.rows(
    'SELECT campaign_id, sum(cost_micros)::BIGINT AS cost, sum(unpriced)::BIGINT AS unpriced FROM money_15m GROUP BY campaign_id ORDER BY campaign_id',
  );
  const byCampaign = ['spring', 'summer'].map((campaign_id) => {
    const own = world.sent.filter(({ campaign }) => campaign === campaign_id).map(({ key }) => byHand.get(key));
    return {
      campaign_id,
      cost: own.reduce<bigint>((sum, cost) => sum + (cost ?? 0n), 0n),
      unpriced: BigInt(own.filter((cost) => cost === null).length),
    };
  });
  expect(sums).toEqual(byCampaign);

  // The month had what it was made for.
  const seen = (sql: string) => warehouse.rows(`SELECT 1 FROM message_cost WHERE ${sql} LIMIT 1`);
  for (const condition of [
    'passed >= 45',
    'passed BETWEEN 25 AND 35',
    `free_reason = 'free_allowance'`,
    `price_category = 'service' AND cost_micros > 0`,
    `currency = 'EUR' AND passed > 0`,
    `unpriced_reason = 'price_not_listed'`,
    `unpriced_reason = 'no_country'`,
    `unpriced_reason = 'no_card'`,
    `free_reason = 'free_entry_point'`,
    `price_category = 'utility' AND free_reason = 'free_customer_service'`,
  ]) {
    expect(await seen(condition), condition).toHaveLength(1);
  }
}, 120_000);

/** Where the tiers of the months begin. */
const steps = () => models.get().rows('SELECT counts_for, price_category, month, passed, from_at FROM tier_step ORDER BY ALL');

async function tell(messages: Sent[]): Promise<void> {
  const rows = messages.map(({ deliveredAt, waba, number, person, campaign, stated, ...more }) => ({
    ...more,
    at: instant(deliveredAt),
    waba,
    number,
    person,
    campaign,
    model: stated === null ? null : 'PMP',
    ...stated,
    stated: stated?.category ?? null,
    category: more.category,
  }));
  await models.get().connection.run(
    `INSERT INTO fact_message (message_key, origin_known, opened_at, message_at, sent_at, delivered_at, country, waba_id, phone_number_id, user_alias,
       campaign_id, category, pricing_model, pricing_type, pricing_category, billable)
     SELECT j->>'key', true, told_at, told_at, told_at, told_at, j->>'country', j->>'waba', j->>'number', j->>'person', j->>'campaign', j->>'category', j->>'model',
       j->>'type', j->>'stated', (j->>'billable')::BOOLEAN
     FROM (SELECT j, (j->>'at')::TIMESTAMP AS told_at FROM (SELECT unnest(from_json($1, '["json"]')) AS j))`,
    [JSON.stringify(rows)],
  );
}

async function hear(messages: World['wrote']): Promise<void> {
  for (const { at, person, number, fromAd } of messages) {
    await models.get().insert('fact_inbound', {
      message_id: `${person} ${at}`,
      occurred_at: instant(at),
      user_alias: person,
      phone_number_id: number,
      message_type: 'text',
      counted_type: 'reply',
      counts_as_reply: true,
      referral_source: fromAd ? 'ad' : null,
      content_hash: `${person} ${at}`,
    });
  }
}
