import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-seeds-'));
afterAll(() => rmSync(folder, { recursive: true }));
// One euro is 1.10 dollars until 10 November, 1.20 from then on; pounds have no rate before 5 November.
writeFileSync(
  join(folder, 'exchange_rate.csv'),
  'currency,to_currency,rate,valid_from\nEUR,USD,1.10,2026-01-01\nEUR,USD,1.20,2026-11-10\nGBP,USD,1.3,2026-11-05\n',
);
const models = useModels({ marts: ['money_15m'], seedFolder: folder });

/** A marketing message to India: 11,800 micro-dollars. */
const delivered = (key: string, delivered_at: string, more: Facts = {}) =>
  models.get().message(key, {
    contact_alias: 'c1',
    country: 'IN',
    campaign_id: 'spring',
    sent_at: delivered_at,
    delivered_at,
    pricing_model: 'PMP',
    pricing_type: 'regular',
    pricing_category: 'marketing',
    ...more,
  });
const conversion = (
  event_id: string,
  kind: string,
  occurred_at: string,
  micros: number | null,
  currency: string | null,
  more: Facts = {},
) =>
  models.get().insert('fact_conversion', {
    event_id,
    kind,
    occurred_at,
    contact_alias: 'c1',
    amount_micros: micros === null ? null : BigInt(micros),
    currency,
    order_id: kind === 'goal' ? null : event_id,
    ...more,
  });
const inbound = (message_id: string, occurred_at: string, more: Facts = {}) =>
  models.get().insert('fact_inbound', {
    message_id,
    occurred_at,
    user_alias: 'c1',
    message_type: 'text',
    counted_type: 'reply',
    counts_as_reply: true,
    content_hash: message_id,
    ...more,
  });
const campaign = (campaign_id: string, more: Facts = {}) =>
  models.get().insert('dim_campaign', {
    campaign_id,
    name: campaign_id,
    changed_at: '2026-01-01',
    command_id: '1',
    reply_window_h: 24,
    optout_window_h: 24,
    conversion_window_d: 7,
    settings: '{}',
    ...more,
  });

async function revenue(): Promise<Record<string, [number | null, string]>> {
  await models.get().refreshed();
  const rows = await models.get().rows('SELECT event_id, revenue_micros, state FROM order_revenue ORDER BY event_id');
  return Object.fromEntries(
    rows.map(({ event_id, revenue_micros, state }) => [
      String(event_id),
      [revenue_micros === null ? null : Number(revenue_micros), String(state)],
    ]),
  );
}

/** Who gets the order "o", by rule and basis: message and number of candidates. */
async function credit(): Promise<Record<string, [string, number]>> {
  await models.get().refreshed();
  const rows = await models
    .get()
    .rows(`SELECT rule || ' ' || basis AS name, message_key, candidates FROM touch_credit WHERE event_id = 'o' ORDER BY name`);
  return Object.fromEntries(rows.map((row) => [String(row.name), [String(row.message_key), Number(row.candidates)]]));
}

async function metrics(...names: string[]): Promise<Record<string, number | null | undefined>> {
  const { rows } = await models.get().ask({ metrics: names });
  return Object.fromEntries(names.map((name) => [name, rows[0]?.metrics[name]?.value]));
}

describe('the revenue of an order', () => {
  it('is in the reporting currency at the rate of its own day', async () => {
    await conversion('dollars', 'order', '2026-11-09 23:59:59', 20_000_000, 'USD');
    await conversion('euros', 'order', '2026-11-09 23:59:59', 12_500_000, 'EUR');
    await conversion('euros next day', 'order', '2026-11-10 00:00:00', 12_500_000, 'EUR');
    await conversion('half a micro-dollar is rounded up', 'order', '2026-11-01 12:00:00', 5, 'EUR');
    expect(await revenue()).toEqual({
      dollars: [20_000_000, 'known'],
      euros: [13_750_000, 'known'], // 12.50 × 1.10
      'euros next day': [15_000_000, 'known'], // 12.50 × 1.20
      'half a micro-dollar is rounded up': [6, 'known'], // 5 × 1.10 = 5.5
    });
  });

  it('is less its refunds, at the rate of the order: a full refund leaves nothing whatever the rate did since', async () => {
    await conversion('a', 'order', '2026-11-01 12:00:00', 12_500_000, 'EUR');
    await conversion('b', 'order', '2026-11-01 12:00:00', 12_500_000, 'EUR');
    await conversion('part 1', 'refund', '2026-11-03 12:00:00', 2_000_000, 'EUR', { order_id: 'a' });
    await conversion('part 2', 'refund', '2026-11-12 12:00:00', 500_000, 'EUR', { order_id: 'a' });
    await conversion('all', 'refund', '2026-11-12 12:00:00', 12_500_000, 'EUR', { order_id: 'b', contact_alias: null });
    expect(await revenue()).toEqual({ a: [11_000_000, 'known'], b: [0, 'known'] }); // 10.00 × 1.10
  });

  it('that was told twice counts once', async () => {
    await conversion('first', 'order', '2026-11-01 12:00:00', 5_000_000, 'USD', { order_id: '17' });
    await conversion('again', 'order', '2026-11-01 12:00:01', 5_000_000, 'USD', { order_id: '17' });
    expect(await revenue()).toEqual({ first: [5_000_000, 'known'], again: [0, 'told_before'] });
  });

  it('is null with its reason when it is not known', async () => {
    await conversion('pounds too early', 'order', '2026-11-04 23:59:59', 1_000_000, 'GBP');
    await conversion('pounds', 'order', '2026-11-05 00:00:00', 1_000_000, 'GBP');
    await conversion('no amount', 'order', '2026-11-05 00:00:00', null, 'USD');
    await conversion('paid back in another currency', 'order', '2026-11-05 00:00:00', 1_000_000, 'GBP');
    await conversion('r', 'refund', '2026-11-06 00:00:00', 1_000_000, 'USD', { order_id: 'paid back in another currency' });
    expect(await revenue()).toEqual({
      'pounds too early': [null, 'no_exchange_rate'],
      pounds: [1_300_000, 'known'],
      'no amount': [null, 'no_amount'],
      'paid back in another currency': [null, 'other_currency'],
    });
  });
});

describe('an order is credited', () => {
  const touches = async () => {
    await delivered('m1', '2026-11-01 10:00:00', { clicked_at: '2026-11-05 09:00:00' });
    await delivered('m2', '2026-11-02 10:00:00', { clicked_at: '2026-11-02 11:00:00' });
    await delivered('m3', '2026-11-03 10:00:00');
    await conversion('o', 'order', '2026-11-06 10:00:00', 1_000_000, 'USD');
  };

  it('once by each rule: to the last and the first message delivered, clicked or answered before it', async () => {
    await touches();
    await inbound('i1', '2026-11-03 12:00:00'); // names no message: that of m3
    await inbound('i2', '2026-11-02 12:00:00');
    expect(await credit()).toEqual({
      'last exposure': ['m3', 3],
      'first exposure': ['m1', 3],
      'last click': ['m1', 2], // delivered first, clicked last
      'first click': ['m2', 2],
      'last reply': ['m3', 2],
      'first reply': ['m2', 2],
    });
  });

  it('by no rule to a message whose window has passed, whenever it was clicked', async () => {
    await campaign('short', { conversion_window_d: 2 });
    await touches();
    await delivered('m4', '2026-11-04 09:59:59', { campaign_id: 'short', clicked_at: '2026-11-06 09:00:00' });
    expect(await credit()).toMatchObject({ 'last exposure': ['m3', 3], 'last click': ['m1', 2] });
  });

  it('to nobody by click or reply when these came after it', async () => {
    await delivered('m1', '2026-11-01 10:00:00', { clicked_at: '2026-11-06 10:00:01', replied_at: '2026-11-06 10:00:01' });
    await conversion('o', 'order', '2026-11-06 10:00:00', 1_000_000, 'USD');
    expect(await credit()).toEqual({ 'last exposure': ['m1', 1], 'first exposure': ['m1', 1] });
  });

  it('at equal times to the greater key by last touch, to the smaller by first touch', async () => {
    await delivered('m1', '2026-11-01 10:00:00');
    await delivered('m2', '2026-11-01 10:00:00');
    await conversion('o', 'order', '2026-11-02 10:00:00', 1_000_000, 'USD');
    expect(await credit()).toEqual({ 'last exposure': ['m2', 2], 'first exposure': ['m1', 2] });
  });
});

describe('the money metrics', () => {
  it('divide cost and revenue by what they were spent on', async () => {
    await campaign('spring', { margin: 0.4 });
    await delivered('m1', '2026-11-01 10:00:00', { read_at: '2026-11-01 11:00:00', clicked_at: '2026-11-01 12:00:00' });
    await delivered('m2', '2026-11-01 10:00:00', { contact_alias: 'c2', replied_at: '2026-11-01 11:00:00' });
    await delivered('m3', '2026-11-01 10:00:00', { contact_alias: 'c3', billable: false });
    await delivered('m4', '2026-11-01 10:00:00', { contact_alias: 'c4', read_at: '2026-11-01 11:00:00' });
    await conversion('o', 'order', '2026-11-02 10:00:00', 2_000_000, 'USD');
    await models.get().refreshed();
    const cost = (3 * 11_800) / 1e6; // m3 is free
    expect(
      await metrics('cost', 'cost_per_delivered', 'cost_per_read', 'cost_per_reply', 'cost_per_click', 'cost_per_conversion'),
    ).toEqual({
      cost,
      cost_per_delivered: 35_400 / 4 / 1e6,
      cost_per_read: 35_400 / 2 / 1e6,
      cost_per_reply: cost,
      cost_per_click: cost,
      cost_per_conversion: cost,
    });
    const money = await metrics(
      'revenue',
      'roas',
      'roi',
      'messages_charged',
      'messages_free',
      'revenue_last_click',
      'revenue_last_reply',
    );
    expect(money).toEqual({
      revenue: 2,
      roas: 2_000_000 / 35_400,
      roi: (800_000 - 35_400) / 35_400, // 2.00 × 0.4 = 0.80
      messages_charged: 3,
      messages_free: 1,
      revenue_last_click: 2,
      revenue_last_reply: 0,
    });
  });

  it('leave messages without a known price out of both sides of a ratio, and count them', async () => {
    await delivered('m1', '2026-11-01 10:00:00', { contact_alias: 'c2' });
    await delivered('m2', '2026-11-01 10:00:00', { country: null });
    await conversion('o', 'order', '2026-11-02 10:00:00', 2_000_000, 'USD');
    await models.get().refreshed();
    expect(
      await metrics('cost', 'cost_per_delivered', 'cost_per_conversion', 'messages_unpriced', 'revenue', 'roas', 'roi'),
    ).toEqual({
      cost: 0.0118,
      cost_per_delivered: 0.0118,
      cost_per_conversion: null,
      messages_unpriced: 1,
      revenue: 2,
      roas: 0,
      roi: null, // no margin is registered
    });
  });

  it('have no sum where no value at all is known, which is not a sum of 0', async () => {
    await delivered('m1', '2026-11-01 10:00:00', { country: null });
    await conversion('o', 'order', '2026-11-02 10:00:00', 2_000_000, 'XTS'); // a currency without an exchange rate
    await models.get().refreshed();
    const asked = ['cost', 'messages_unpriced', 'revenue', 'orders_unvalued'];
    expect(await metrics(...asked)).toEqual({ cost: null, messages_unpriced: 1, revenue: null, orders_unvalued: 1 });
    expect(await metrics('revenue_first_touch', 'orders_unvalued_first_touch')).toEqual({
      revenue_first_touch: null,
      orders_unvalued_first_touch: 1,
    });
    // Nobody clicked or answered before the order: there is nothing whose value could be unknown.
    expect(await metrics('revenue_last_click', 'revenue_last_reply')).toEqual({ revenue_last_click: 0, revenue_last_reply: 0 });
    // Free is a price, and the sum of what is known: 0.
    await delivered('m2', '2026-11-01 10:00:00', { pricing_type: 'free_entry_point', pricing_category: 'referral_conversion' });
    await models.get().refreshed();
    expect(await metrics('cost', 'messages_unpriced')).toEqual({ cost: 0, messages_unpriced: 1 });
  });

  it('know revenue by click, reply or first touch as soon as one order behind it has a known value', async () => {
    await delivered('m1', '2026-11-01 10:00:00', { clicked_at: '2026-11-01 11:00:00', replied_at: '2026-11-01 12:00:00' });
    await conversion('o1', 'order', '2026-11-02 10:00:00', 2_000_000, 'XTS');
    await conversion('o2', 'order', '2026-11-02 11:00:00', null, 'USD');
    await models.get().refreshed();
    const asked = ['first_touch', 'last_click', 'last_reply'];
    const revenues = () => metrics(...asked.map((rule) => `revenue_${rule}`));
    const counts = () => metrics(...asked.map((rule) => `orders_unvalued_${rule}`));
    const each = (prefix: string, value: number | null) => Object.fromEntries(asked.map((rule) => [`${prefix}_${rule}`, value]));
    expect(await revenues()).toEqual(each('revenue', null));
    expect(await counts()).toEqual(each('orders_unvalued', 2));
    await conversion('o3', 'order', '2026-11-02 12:00:00', 3_000_000, 'USD');
    await models.get().refreshed();
    expect(await revenues()).toEqual(each('revenue', 3));
    expect(await counts()).toEqual(each('orders_unvalued', 2));
  });

  it('follow a refund, a new margin and a new time zone without a full build', async () => {
    await delivered('m1', '2026-09-30 20:00:00', { country: 'AE', waba_id: 'w' });
    await conversion('o', 'order', '2026-10-02 10:00:00', 2_000_000, 'USD');
    await models.get().refreshed();
    expect(await metrics('cost', 'revenue', 'roi')).toEqual({ cost: 0.0499, revenue: 2, roi: null });
    await conversion('r', 'refund', '2026-10-03 10:00:00', 1_500_000, 'USD', { order_id: 'o', contact_alias: null });
    await campaign('spring', { margin: 0.5 });
    await models
      .get()
      .insert('dim_registry', { kind: 'waba', id: 'w', changed_at: '2026-01-01', command_id: '1', time_zone: 'Asia/Dubai' });
    await models.get().built();
    await models.get().built();
    // 30 September 20:00 UTC is 1 October in Dubai: 0.0576 from then on.
    expect(await metrics('cost', 'revenue', 'roi')).toEqual({ cost: 0.0576, revenue: 0.5, roi: (250_000 - 57_600) / 57_600 });
  });
});
