import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

/** The rates are those of the cards, in USD per message, so a price of 0.0118 is 11,800 micro-units. */
const models = useModels({ marts: ['message_cost'] });

const priced = (pricing_category: string, pricing_type = 'regular') => ({ pricing_model: 'PMP', pricing_type, pricing_category });
const delivered = (key: string, delivered_at: string, more: Facts = {}) =>
  models.get().message(key, {
    country: 'IN',
    waba_id: 'w',
    phone_number_id: 'pn',
    campaign_id: 'c',
    sent_at: delivered_at,
    delivered_at,
    ...priced('marketing'),
    ...more,
  });
const account = (id: string, more: Facts = {}) =>
  models.get().insert('dim_registry', { kind: 'waba', id, changed_at: '2026-01-01', command_id: '1', ...more });

async function costs(): Promise<Record<string, number | string | null>> {
  await models.get().refreshed();
  const rows = await models.get().rows('SELECT message_key, cost_micros, unpriced_reason FROM message_cost ORDER BY message_key');
  return Object.fromEntries(
    rows.map((row) => [
      String(row.message_key),
      row.cost_micros === null ? String(row.unpriced_reason) : Number(row.cost_micros),
    ]),
  );
}

const free = async () =>
  Object.fromEntries(
    (await models.get().rows('SELECT message_key, free_reason FROM message_cost ORDER BY message_key')).map((row) => [
      String(row.message_key),
      row.free_reason,
    ]),
  );

describe('a message', () => {
  it('is charged once, when it is delivered or read, and never when it was only sent or failed', async () => {
    await delivered('delivered and read', '2026-11-01 10:00:00', { read_at: '2026-11-01 10:05:00' });
    await models.get().message('sent', { country: 'IN', sent_at: '2026-11-01 10:00:00', ...priced('marketing') });
    await models.get().message('failed', { country: 'IN', failed_at: '2026-11-01 10:00:00', ...priced('marketing') });
    expect(await costs()).toEqual({ 'delivered and read': 11_800 });
  });

  it('costs what the card says for the recipient’s market and the category', async () => {
    await delivered('Germany', '2026-11-01 10:00:00', { country: 'DE' });
    await delivered('United States', '2026-11-01 10:00:00', { country: 'US' });
    await delivered('Puerto Rico, though it begins with 1', '2026-11-01 10:00:00', { country: 'PR' });
    await delivered('a country on no list', '2026-11-01 10:00:00', { country: 'GL' });
    await delivered('utility', '2026-11-01 10:00:00', priced('utility'));
    await delivered('authentication', '2026-11-01 10:00:00', priced('authentication'));
    await delivered('international', '2026-11-01 10:00:00', priced('authentication-international'));
    await delivered('of the Marketing Messages API', '2026-11-01 10:00:00', priced('marketing_lite'));
    expect(await costs()).toEqual({
      Germany: 136_500,
      'United States': 25_000,
      'Puerto Rico, though it begins with 1': 74_000,
      'a country on no list': 60_400,
      utility: 1_400,
      authentication: 1_400,
      international: 30_400,
      'of the Marketing Messages API': 11_800,
    });
  });

  it('to a group is charged for each member that it was delivered to', async () => {
    for (const [member, given] of Object.entries({
      one: {},
      two: { read_at: '2026-11-01 10:05:00' },
      three: { delivered_at: null },
    })) {
      await delivered(`g/${member}`, '2026-11-01 10:00:00', { message_id: 'wamid.g', participant_alias: member, ...given });
    }
    expect(await costs()).toEqual({ 'g/one': 11_800, 'g/two': 11_800 });
  });

  it('costs the same however the platform spells the category of foreign authentication', async () => {
    await delivered('with a dash', '2026-11-01 10:00:00', priced('authentication-international'));
    await delivered('with an underscore', '2026-11-01 10:00:00', priced('authentication_international'));
    expect(await costs()).toEqual({ 'with a dash': 30_400, 'with an underscore': 30_400 });
  });

  it('is priced by the category that the platform charged, not by the one requested', async () => {
    await delivered('recategorised', '2026-11-01 10:00:00', { category: 'utility', ...priced('marketing') });
    await delivered('nothing said', '2026-11-01 10:00:00', {
      category: 'authentication',
      pricing_model: null,
      pricing_type: null,
      pricing_category: null,
    });
    expect(await costs()).toEqual({ recategorised: 11_800, 'nothing said': 1_400 });
  });

  it('pays by the card of its day on the clock of the account, not by that of UTC', async () => {
    await account('dubai', { time_zone: 'Asia/Dubai' }); // +4: October begins on 30 September at 20:00 UTC
    const emirates = { country: 'AE' };
    await delivered('UTC, September', '2026-09-30 20:00:00', emirates);
    await delivered('UTC, October', '2026-10-01 00:00:00', emirates);
    await delivered('Dubai, September', '2026-09-30 19:59:59', { ...emirates, waba_id: 'dubai' });
    await delivered('Dubai, October', '2026-09-30 20:00:00', { ...emirates, waba_id: 'dubai' });
    expect(await costs()).toEqual({
      'UTC, September': 49_900,
      'UTC, October': 57_600,
      'Dubai, September': 49_900,
      'Dubai, October': 57_600,
    });
  });

  it('belongs to the market that its country had on the day', async () => {
    await delivered('Nepal in September: Rest of Asia Pacific', '2026-09-30 12:00:00', { country: 'NP', ...priced('utility') });
    await delivered('Nepal in October', '2026-10-01 12:00:00', { country: 'NP', ...priced('utility') });
    expect(await costs()).toEqual({ 'Nepal in September: Rest of Asia Pacific': 0.0113e6, 'Nepal in October': 3_400 });
  });
});

describe('a price that is not known', () => {
  it('is null with its reason, never a guess and never 0', async () => {
    await account('rupees', { currency: 'INR' });
    await delivered('no country', '2026-11-01 10:00:00', { country: null });
    await delivered('no category', '2026-11-01 10:00:00', { pricing_category: null });
    await delivered('before the first card', '2026-06-30 23:59:59');
    await delivered('by conversation', '2025-06-30 12:00:00', { pricing_model: 'CBP' });
    await delivered('a currency without a card', '2026-11-01 10:00:00', { waba_id: 'rupees' });
    await delivered('a category on no card', '2026-11-01 10:00:00', priced('general_purpose_ai'));
    await delivered('Peru, authentication in July', '2026-07-02 10:00:00', { country: 'PE', ...priced('authentication') });
    expect(await costs()).toEqual({
      'no country': 'no_country',
      'no category': 'no_category',
      'before the first card': 'no_card',
      'by conversation': 'conversation_price',
      'a currency without a card': 'no_card',
      'a category on no card': 'no_card',
      'Peru, authentication in July': 'no_card',
    });
  });
});

describe('a message is free', () => {
  it('when the platform says so, whatever else is known', async () => {
    await delivered('not billable', '2026-11-01 10:00:00', { ...priced('marketing'), billable: false });
    await delivered('entry point', '2026-11-01 10:00:00', priced('referral_conversion', 'free_entry_point'));
    await delivered('window', '2026-08-01 10:00:00', priced('utility', 'free_customer_service'));
    await delivered('free without a country', '2026-11-01 10:00:00', {
      country: null,
      ...priced('utility', 'free_customer_service'),
    });
    expect(await costs()).toEqual({ 'not billable': 0, 'entry point': 0, window: 0, 'free without a country': 0 });
    expect(await free()).toEqual({
      'not billable': 'not_billable',
      'entry point': 'free_entry_point',
      window: 'free_customer_service',
      'free without a country': 'free_customer_service',
    });
  });

  const unstated = { pricing_model: null, pricing_type: null, pricing_category: null };
  const inbound = (message_id: string, occurred_at: string, more: Facts = {}) =>
    models.get().insert('fact_inbound', {
      message_id,
      occurred_at,
      phone_alias: 'p1',
      phone_number_id: 'pn',
      message_type: 'text',
      counted_type: 'reply',
      counts_as_reply: true,
      content_hash: message_id,
      ...more,
    });
  const to = (more: Facts) => ({ ...unstated, phone_alias: 'p1', category: 'utility', ...more });

  it('as a utility template inside the 24 hours after the customer wrote, until October 2026', async () => {
    await inbound('i1', '2026-08-10 10:00:00');
    await inbound('i2', '2026-10-10 10:00:00');
    await delivered('before', '2026-08-10 09:59:59', to({}));
    await delivered('inside', '2026-08-11 09:59:59', to({}));
    await delivered('after', '2026-08-11 10:00:00', to({}));
    await delivered('marketing inside', '2026-08-10 11:00:00', to({ category: 'marketing' }));
    await delivered('to another person', '2026-08-10 11:00:00', to({ phone_alias: 'p2' }));
    await delivered('from another number', '2026-08-10 11:00:00', to({ phone_number_id: 'other' }));
    await delivered('inside, in October', '2026-10-10 11:00:00', to({}));
    await delivered('said to be regular', '2026-08-10 11:00:00', { phone_alias: 'p1', ...priced('utility') });
    expect(await costs()).toEqual({
      before: 1_400,
      inside: 0,
      after: 1_400,
      'marketing inside': 11_800,
      'to another person': 1_400,
      'from another number': 1_400,
      'inside, in October': 1_400,
      'said to be regular': 1_400,
    });
  });

  it('whatever its category in the 72 hours after an answer to somebody who came through an ad', async () => {
    const marketing = to({ category: 'marketing' });
    await inbound('from the ad', '2026-11-01 10:00:00', { referral_source: 'ad' });
    await delivered('answer', '2026-11-01 12:00:00', marketing);
    await delivered('71 h 59 min later', '2026-11-04 11:59:00', marketing);
    await delivered('72 h later', '2026-11-04 12:00:00', marketing);
    await inbound('from the ad again', '2026-11-10 10:00:00', { referral_source: 'ad' });
    await delivered('answer after more than a day', '2026-11-11 10:00:01', marketing);
    expect(await costs()).toEqual({
      answer: 0,
      '71 h 59 min later': 0,
      '72 h later': 11_800,
      'answer after more than a day': 11_800,
    });
  });
});

describe('messages without a template', () => {
  it('are free until October 2026; then 1,000 a number and month are, in the order of delivery, and the others cost the utility rate', async () => {
    const rows = (from: number, to: number, month: string, number: string) =>
      models.get().rows(`
        INSERT INTO fact_message (message_key, origin_known, opened_at, message_at, sent_at, delivered_at, country, waba_id, phone_number_id,
          pricing_model, pricing_type, pricing_category)
        SELECT '${number} ${month} ' || lpad(n::VARCHAR, 4, '0'), true, t, t, t, t, 'BR', 'w', '${number}', 'PMP', 'regular', 'service'
        FROM (SELECT n, TIMESTAMP '${month}-05' + to_seconds(n * 60) AS t FROM range(${from}, ${to}) AS r(n))`);
    await rows(1, 1501, '2026-09', 'one');
    await rows(1, 1004, '2026-10', 'one');
    await rows(1, 1001, '2026-10', 'two');
    await rows(1, 1002, '2026-11', 'one');
    await models.get().refreshed();
    const charged = await models
      .get()
      .rows('SELECT message_key, cost_micros FROM message_cost WHERE cost_micros > 0 ORDER BY message_key');
    expect(charged.map((row) => [row.message_key, Number(row.cost_micros)])).toEqual([
      ['one 2026-10 1001', 6_800],
      ['one 2026-10 1002', 6_800],
      ['one 2026-10 1003', 6_800],
      ['one 2026-11 1001', 6_800],
    ]);
  });
});
