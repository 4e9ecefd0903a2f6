import { describe, expect, it } from 'vitest';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['funnel_15m', 'failure_15m', 'message_expiry', 'waba_portfolio', 'feedback_share'] });

const at = (clock: string) => `2026-11-02 ${clock}`;
const asked = { requested_at: at('10:00:00') };
const accepted = { ...asked, accepted_at: at('10:00:01') };
const refused = (error_code: number) => ({ ...asked, failed_at: at('10:00:01'), refused: true, error_code });
const failed = (error_code: number) => ({ ...accepted, failed_at: at('10:00:09'), refused: false, error_code });
const one = (...names: string[]) => Object.fromEntries(['messages', ...names].map((name) => [name, 1]));
const attempted = ['attempted', 'attempted_no_blocks'];

/** Counts above 0 of each campaign. */
async function countsByCampaign(): Promise<Map<unknown, Record<string, number>>> {
  const rows = await models.get().rows('SELECT * FROM funnel_15m');
  return new Map(
    rows.map((row) => {
      const counts = Object.entries(row).filter(
        ([name, value]) => typeof value === 'bigint' && value > 0n && !/_(s|timed)$/.test(name),
      );
      return [row.campaign_id, Object.fromEntries(counts.map(([name, value]) => [name, Number(value)]))];
    }),
  );
}

describe('what a message counts as', () => {
  const cases: [string, Facts, Record<string, number>][] = [
    ['asked for, no answer yet', asked, one('requested')],
    ['accepted', accepted, one('requested', 'accepted', ...attempted)],
    ['known by a status alone', { sent_at: at('10:00:02') }, one('accepted', 'sent', ...attempted)],
    [
      'delivered without a sent',
      { ...accepted, delivered_at: at('10:00:05') },
      one('requested', 'accepted', 'sent', 'delivered', ...attempted),
    ],
    [
      'read',
      { ...accepted, delivered_at: at('10:00:05'), read_at: at('10:00:05') },
      one('requested', 'accepted', 'sent', 'delivered', 'read', ...attempted),
    ],
    [
      'played proves read',
      { ...accepted, delivered_at: at('10:00:05'), played_at: at('10:00:05') },
      one('requested', 'accepted', 'sent', 'delivered', 'read', 'played', ...attempted),
    ],
    ['still held', { ...asked, held_at: at('10:00:01') }, one('requested', 'held', 'still_held')],
    ['still paused', { ...asked, paused_at: at('10:00:01') }, one('requested', 'held', 'still_held')],
    ['accepted first, then held', { ...accepted, held_at: at('10:00:02') }, one('requested', 'held', 'still_held')],
    [
      'held, then accepted',
      { ...asked, held_at: at('10:00:01'), accepted_at: at('10:20:00') },
      one('requested', 'held', 'accepted', ...attempted),
    ],
    [
      'held, then sent',
      { ...asked, held_at: at('10:00:01'), sent_at: at('10:20:00') },
      one('requested', 'held', 'accepted', 'sent', ...attempted),
    ],
    [
      'held, then dropped',
      {
        ...asked,
        held_at: at('10:00:01'),
        failed_at: at('10:40:00'),
        refused: false,
        error_code: 132015,
        dropped_at: at('10:40:00'),
      },
      one('requested', 'held', 'accepted', 'failed', 'attempted_failed', 'dropped', ...attempted),
    ],
    ['failed later', failed(131026), one('requested', 'accepted', 'failed', 'attempted_failed', ...attempted)],
    ['failed later for the sender', failed(131042), one('requested', 'accepted', 'failed', 'attempted_failed', ...attempted)],
    [
      'blocked by the platform',
      failed(131049),
      one('requested', 'accepted', 'failed', 'attempted_failed', 'attempted', 'platform_blocked'),
    ],
    ['refused: undeliverable', refused(131026), one('requested', 'failed', 'refused', 'attempted_failed', ...attempted)],
    [
      'refused: experiment',
      refused(130472),
      one('requested', 'failed', 'refused', 'attempted_failed', 'attempted', 'platform_blocked'),
    ],
    [
      'refused: stopped',
      refused(131050),
      one('requested', 'failed', 'refused', 'attempted_failed', 'attempted', 'platform_blocked'),
    ],
    ['refused: bad parameter', refused(131009), one('requested', 'failed', 'refused')],
    ['refused: throughput', refused(130429), one('requested', 'failed', 'refused')],
    ['refused: a code nobody listed', refused(999999), one('requested', 'failed', 'refused')],
    [
      'delivered after all',
      { ...failed(131026), delivered_at: at('10:05:00') },
      one('requested', 'accepted', 'sent', 'delivered', ...attempted),
    ],
    [
      'a click tied to it',
      { ...accepted, delivered_at: at('10:05:00'), clicked_at: at('10:05:00') },
      one('requested', 'accepted', 'sent', 'delivered', 'clicked', ...attempted),
    ],
  ];
  let counted: Promise<Map<unknown, Record<string, number>>> | undefined;
  const count = async () => {
    for (const [name, given] of cases) await models.get().message(name, { ...given, campaign_id: name });
    await models.get().built(true);
    return countsByCampaign();
  };

  it.each(cases)('%s', async (name, _, expected) => {
    counted ??= count();
    expect((await counted).get(name)).toEqual(expected);
  });
});

describe('replies by context', () => {
  const reply = (campaign_id: string, replied_at: string) => ({
    ...accepted,
    campaign_id,
    delivered_at: at('12:00:00'),
    replied_at,
  });
  const campaign = { name: 'A', optout_window_h: 24, conversion_window_d: 7, settings: '{}' };

  it('count up to the end of the window: 24 hours, or what the newest registration of the campaign says', async () => {
    const warehouse = models.get();
    await warehouse.message('m1', reply('in time', '2026-11-03 12:00:00'));
    await warehouse.message('m2', reply('too late', '2026-11-03 12:00:01'));
    await warehouse.message('m3', reply('longer', '2026-11-03 12:00:01'));
    await warehouse.insert(
      'dim_campaign',
      { ...campaign, campaign_id: 'longer', changed_at: '2026-11-01', command_id: '2', reply_window_h: 48 },
      { ...campaign, campaign_id: 'longer', changed_at: '2026-10-01', command_id: '1', reply_window_h: 1 },
    );
    await warehouse.built(true);
    const replied = await warehouse.rows('SELECT campaign_id, replied FROM funnel_15m ORDER BY campaign_id');
    expect(replied).toEqual([
      { campaign_id: 'in time', replied: 1n },
      { campaign_id: 'longer', replied: 1n },
      { campaign_id: 'too late', replied: 0n },
    ]);
  });
});

describe('markets', () => {
  it('follow the country, and the day for those that got a market of their own in October 2026', async () => {
    const warehouse = models.get();
    const cases: [string | null, string, string | null][] = [
      ['IN', '2026-09-30 23:59:59', 'India'],
      ['NP', '2026-09-30 23:59:59', 'Rest of Asia Pacific'],
      ['NP', '2026-10-01 00:00:00', 'Nepal'],
      ['UA', '2026-11-01 00:00:00', 'Ukraine'],
      ['CA', '2026-11-01 00:00:00', 'North America'],
      ['PR', '2026-11-01 00:00:00', 'Rest of Latin America'],
      ['AQ', '2026-11-01 00:00:00', 'Other'],
      [null, '2026-11-01 00:00:00', null],
    ];
    for (const [at, [country, sent_at]] of cases.entries())
      await warehouse.message(`m${at}`, { country, sent_at, variant_id: String(at) });
    await warehouse.built(true);
    const rows = await warehouse.rows('SELECT market FROM funnel_15m ORDER BY variant_id');
    expect(rows.map(({ market }) => market)).toEqual(cases.map(([, , market]) => market));
  });

  it('are the 47 of the rate card, with the one for all others', async () => {
    await models.get().built();
    const [row] = await models
      .get()
      .rows(`SELECT count(DISTINCT market) AS n FROM country_market WHERE valid_to = TIMESTAMP 'infinity' AND market <> 'Other'`);
    expect(row?.n).toBe(46n);
  });
});

it('keeps one row for each set of names, unknown ones included', async () => {
  const warehouse = models.get();
  const names = { campaign_id: 'spring', variant_id: 'a', phone_number_id: '1', segment_id: 'vip', category: 'marketing' };
  await warehouse.message('m1', { ...names, sent_at: at('10:00:00') });
  await warehouse.message('m2', { ...names, sent_at: at('10:14:59') });
  await warehouse.message('m3', { ...names, sent_at: at('10:15:00') });
  await warehouse.message('m4', { ...names, variant_id: null, sent_at: at('10:00:00') });
  await warehouse.message('m5', { sent_at: at('10:00:00') });
  await warehouse.built(true);
  const rows = await warehouse.rows(
    'SELECT bucket_at, campaign_id, variant_id, sent FROM funnel_15m ORDER BY bucket_at, campaign_id, variant_id',
  );
  expect(rows).toEqual([
    { bucket_at: new Date('2026-11-02T10:00:00Z'), campaign_id: 'spring', variant_id: 'a', sent: 2n },
    { bucket_at: new Date('2026-11-02T10:00:00Z'), campaign_id: 'spring', variant_id: null, sent: 1n },
    { bucket_at: new Date('2026-11-02T10:00:00Z'), campaign_id: null, variant_id: null, sent: 1n },
    { bucket_at: new Date('2026-11-02T10:15:00Z'), campaign_id: 'spring', variant_id: 'a', sent: 1n },
  ]);
});

it('counts failures by code and class', async () => {
  const warehouse = models.get();
  await warehouse.message('m1', { ...failed(131026), campaign_id: 'spring', phone_number_id: '1' });
  await warehouse.message('m2', { ...failed(131026), campaign_id: 'spring', phone_number_id: '1' });
  await warehouse.message('m3', { ...refused(131049), campaign_id: 'spring', phone_number_id: '1' });
  await warehouse.message('m4', { ...failed(424242), campaign_id: 'spring', phone_number_id: '1' });
  await warehouse.message('m5', { ...failed(131026), delivered_at: at('11:00:00') });
  await warehouse.built(true);
  const rows = await warehouse.rows('SELECT error_code, error_class, failed, refused FROM failure_15m ORDER BY error_code');
  expect(rows).toEqual([
    { error_code: 131026, error_class: 'recipient', failed: 2n, refused: 0n },
    { error_code: 131049, error_class: 'platform_block', failed: 1n, refused: 1n },
    { error_code: 424242, error_class: 'unknown', failed: 1n, refused: 0n },
  ]);
});
