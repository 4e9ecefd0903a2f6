import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['failure_15m', 'funnel_15m'] });

const delivered = (key: string, contact_alias: string, delivered_at: string, more: Facts = {}) =>
  models.get().message(key, { contact_alias, sent_at: delivered_at, delivered_at, campaign_id: `campaign of ${key}`, ...more });
const inbound = (message_id: string, user_alias: string, occurred_at: string, more: Facts = {}) =>
  models.get().insert('fact_inbound', {
    message_id,
    user_alias,
    occurred_at,
    message_type: 'text',
    counted_type: 'reply',
    counts_as_reply: true,
    content_hash: message_id,
    ...more,
  });
const consent = (event_id: string, contact_alias: string, occurred_at: string, source: string, state = 'withdrawn') =>
  models.get().insert('fact_consent', { event_id, contact_alias, occurred_at, category: 'marketing', state, source });
const converted = (event_id: string, contact_alias: string, occurred_at: string, more: Facts = {}) =>
  models.get().insert('fact_conversion', {
    event_id,
    kind: 'order',
    contact_alias,
    occurred_at,
    amount_micros: 10_000_000,
    currency: 'EUR',
    ...more,
  });

/** Which message each event is credited to. */
async function credits(): Promise<Record<string, string>> {
  const warehouse = models.get();
  await warehouse.built(true);
  const rows = await warehouse.rows('SELECT event_id, message_key FROM event_credit ORDER BY event_id');
  return Object.fromEntries(rows.map((row) => [String(row.event_id), String(row.message_key)]));
}

async function funnel(): Promise<Record<string, number>> {
  const [row] = await models
    .get()
    .rows(
      'SELECT sum(delivered)::INT AS delivered, sum(replied)::INT AS replied, sum(unsubscribed)::INT AS unsubscribed, sum(converted)::INT AS converted, sum(orders)::INT AS orders FROM funnel_15m',
    );
  return row as Record<string, number>;
}

describe('a reply without context', () => {
  it('is credited to the last message delivered before it, and to that one only', async () => {
    await delivered('m1', 'u1', '2026-11-01 10:00:00');
    await delivered('m2', 'u1', '2026-11-01 12:00:00');
    await delivered('m3', 'u1', '2026-11-01 14:00:00');
    await inbound('i1', 'u1', '2026-11-01 12:30:00');
    expect(await credits()).toEqual({ i1: 'm2' });
    expect(await funnel()).toMatchObject({ delivered: 3, replied: 1 });
  });

  it('counts a message once however many replies it gets', async () => {
    await delivered('m1', 'u1', '2026-11-01 10:00:00');
    await inbound('i1', 'u1', '2026-11-01 10:01:00');
    await inbound('i2', 'u1', '2026-11-01 10:02:00');
    expect(await credits()).toEqual({ i1: 'm1', i2: 'm1' });
    expect(await funnel()).toMatchObject({ replied: 1 });
  });

  it('counts to the last second of the window and not after, and never before the delivery', async () => {
    await delivered('m1', 'u1', '2026-11-01 10:00:00');
    await delivered('m2', 'u2', '2026-11-01 10:00:00');
    await delivered('m3', 'u3', '2026-11-01 10:00:00');
    await inbound('last second', 'u1', '2026-11-02 10:00:00');
    await inbound('late', 'u2', '2026-11-02 10:00:01');
    await inbound('early', 'u3', '2026-11-01 09:59:59');
    expect(await credits()).toEqual({ 'last second': 'm1' });
  });

  it('passes over a later message whose window has closed already', async () => {
    const campaign = {
      name: 'A',
      optout_window_h: 24,
      conversion_window_d: 7,
      settings: '{}',
      changed_at: '2026-10-01',
      command_id: '1',
    };
    await models.get().insert('dim_campaign', { ...campaign, campaign_id: 'short', reply_window_h: 1 });
    await delivered('m1', 'u1', '2026-11-01 10:00:00');
    await delivered('m2', 'u1', '2026-11-01 11:00:00', { campaign_id: 'short' });
    await inbound('i1', 'u1', '2026-11-01 13:00:00');
    expect(await credits()).toEqual({ i1: 'm1' });
  });

  it('is nobody’s when it is not counted as a reply, came to a group, or names a message', async () => {
    await delivered('m1', 'u1', '2026-11-01 10:00:00');
    await inbound('reaction', 'u1', '2026-11-01 10:05:00', { counts_as_reply: false });
    await inbound('group', 'u1', '2026-11-01 10:05:00', { group_id: 'g' });
    await inbound('context', 'u1', '2026-11-01 10:05:00', { context_id: 'wamid.other' });
    expect(await credits()).toEqual({});
  });

  it('finds the person through a link, and not the one who had the number before', async () => {
    const warehouse = models.get();
    await warehouse.alias('cAnna', 'cBert', 'p1');
    await warehouse.link('cAnna', 'p1', '2026-01-01 00:00:00', 'backend');
    await warehouse.link('cBert', 'p1', '2026-11-01 00:00:00', 'backend');
    await delivered('anna', 'cAnna', '2026-11-01 11:00:00');
    await delivered('bert', 'cBert', '2026-11-01 10:00:00');
    await inbound('i1', 'p1', '2026-11-01 12:00:00');
    expect(await credits()).toEqual({ i1: 'bert' });
  });
});

describe('an opt-out', () => {
  it('is credited once, to the last message delivered before it', async () => {
    await delivered('m1', 'c1', '2026-11-01 08:00:00');
    await delivered('m2', 'c1', '2026-11-01 10:00:00');
    await consent('stop word', 'c1', '2026-11-01 10:05:00', 'stop_word');
    expect(await credits()).toEqual({ 'stop word': 'm2' });
    expect(await funnel()).toMatchObject({ delivered: 2, unsubscribed: 1 });
  });

  it('told three times within a day is one, though a farewell was delivered in between', async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await consent('stop word', 'c1', '2026-11-01 10:05:00', 'stop_word');
    await delivered('farewell', 'c1', '2026-11-01 10:05:10');
    await consent('books', 'c1', '2026-11-01 10:06:00', 'backend');
    await consent('preference', 'c1', '2026-11-01 20:00:00', 'preference');
    expect(await credits()).toEqual({ 'stop word': 'm1' });
    expect(await funnel()).toMatchObject({ unsubscribed: 1 });
  });

  it('after a consent in between is a second one', async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await consent('out 1', 'c1', '2026-11-01 10:05:00', 'button');
    await consent('in', 'c1', '2026-11-01 10:10:00', 'preference', 'granted');
    await delivered('m2', 'c1', '2026-11-01 10:20:00');
    await consent('out 2', 'c1', '2026-11-01 10:30:00', 'preference');
    expect(await credits()).toEqual({ 'out 1': 'm1', 'out 2': 'm2' });
  });

  it('learned from a refused send corrects the record and is credited to nothing', async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await consent('131050', 'c1', '2026-11-01 11:00:00', 'platform_refusal');
    expect(await credits()).toEqual({});
    await consent('preference', 'c1', '2026-11-01 12:00:00', 'preference');
    expect(await credits()).toEqual({ preference: 'm1' });
  });

  it("that only the sender's own books tell of is credited to nothing: nobody knows what it answers", async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await consent('books', 'c1', '2026-11-01 10:05:00', 'backend');
    expect(await credits()).toEqual({});
  });

  it('more than 24 hours after the delivery is credited to nothing', async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await consent('late', 'c1', '2026-11-02 10:00:01', 'preference');
    expect(await credits()).toEqual({});
  });
});

describe('a conversion', () => {
  it('goes to the last touch within seven days; several make one converted message', async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await converted('o1', 'c1', '2026-11-08 10:00:00', { order_id: '1' });
    await converted('o2', 'c1', '2026-11-02 10:00:00', { order_id: '2' });
    await converted('goal', 'c1', '2026-11-02 10:00:00', { kind: 'goal', goal: 'signup' });
    await converted('late', 'c1', '2026-11-08 10:00:01', { order_id: '3' });
    await converted('refund', 'c1', '2026-11-03 10:00:00', { kind: 'refund', order_id: '1' });
    await converted('platform', 'c1', '2026-11-03 10:00:00', { kind: 'platform' });
    expect(await credits()).toEqual({ o1: 'm1', o2: 'm1', goal: 'm1' });
    expect(await funnel()).toMatchObject({ converted: 1, orders: 2 });
  });

  it('is in the funnel after the build that credits it', async () => {
    await delivered('m1', 'c1', '2026-11-01 10:00:00');
    await models.get().built(true);
    expect(await funnel()).toMatchObject({ delivered: 1, converted: 0 });
    await converted('o1', 'c1', '2026-11-02 10:00:00', { order_id: '1' });
    await models.get().insert('changed_contact', { alias_id: 'c1', changed_at: '2026-11-02 10:00:00' });
    await models.get().built();
    expect(await funnel()).toMatchObject({ delivered: 1, converted: 1 });
  });

  interface Golden {
    id: string;
    method: string;
    description: string;
    input: {
      window_hours: number;
      touches: { id: string; user: string; ts: number; campaign: string; status: string }[];
      conversions: { id: string; user: string; ts: number; revenue_minor: number }[];
    };
    expected: { assignments: { conversion: string; touch: string | null; campaign: string | null }[] };
  }
  const goldens = (JSON.parse(readFileSync('test/goldens/ab.json', 'utf8')) as { cases: Golden[] }).cases.filter(
    ({ method }) => method === 'attribution_last_touch',
  );
  const time = (seconds: number) => new Date(seconds * 1000).toISOString().replace('Z', '');

  it.each(goldens)('agrees with the golden $id: $description', async ({ input, expected }) => {
    const warehouse = models.get();
    for (const campaign_id of new Set(input.touches.map(({ campaign }) => campaign))) {
      await warehouse.insert('dim_campaign', {
        campaign_id,
        name: campaign_id,
        changed_at: '2026-01-01',
        command_id: '1',
        reply_window_h: 24,
        optout_window_h: 24,
        conversion_window_d: input.window_hours / 24,
        settings: '{}',
      });
    }
    for (const { id, user, ts, campaign, status } of input.touches) {
      const state = status === 'failed' ? { failed_at: time(ts) } : { delivered_at: time(ts) };
      await warehouse.message(id, { contact_alias: user, campaign_id: campaign, sent_at: time(ts), ...state });
    }
    for (const { id, user, ts, revenue_minor } of input.conversions) {
      await converted(id, user, time(ts), { amount_micros: revenue_minor * 10_000 });
    }
    const made = await credits();
    for (const { conversion, touch } of expected.assignments) expect(made[conversion] ?? null).toBe(touch);
    const revenue = await warehouse.rows(
      'SELECT campaign_id, sum(amount_micros)::BIGINT // 10000 AS minor, count(*) AS n FROM event_credit GROUP BY campaign_id',
    );
    expect(
      Object.fromEntries(
        revenue.map((row) => [row.campaign_id, { conversions: Number(row.n), revenue_minor: Number(row.minor) }]),
      ),
    ).toEqual((expected as unknown as { totals: unknown }).totals);
  });
});
