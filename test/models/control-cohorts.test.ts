import { describe, expect, it } from 'vitest';
import { ago, day, hour, minute, noon, sale, second, useControl } from './control-fixture.ts';
import type { Facts } from './fixture.ts';

const control = useControl();

const none = { undeliverable: 0, platform_block: 0, other_failure: 0, opt_out: 0 };
const failed = (error_code: number, more: Facts = {}): Facts =>
  sale(10 * minute, { failed_at: ago(9 * minute), error_code, refused: false, ...more });

/** The sums over all cohorts. */
async function totals() {
  const { cohorts } = await control.read();
  const sum = (of: (row: (typeof cohorts)[number]) => number) => cohorts.reduce((total, row) => total + of(row), 0);
  return {
    sent: sum((row) => row.sent),
    delivered: sum((row) => row.delivered),
    events: {
      undeliverable: sum((row) => row.events.undeliverable),
      platform_block: sum((row) => row.events.platform_block),
      other_failure: sum((row) => row.events.other_failure),
      opt_out: sum((row) => row.events.opt_out),
    },
  };
}

describe('what a message counts as to the controller', () => {
  const out = { sent: 1, delivered: 0, events: none };
  const not = { sent: 0, delivered: 0, events: none };
  const held = { requested_at: ago(11 * minute), accepted_at: null, held_at: ago(10 * minute) };
  it.each<[string, Facts, { sent: number; delivered: number; events: typeof none }]>([
    ['accepted', sale(10 * minute), out],
    ['known by a status alone', sale(10 * minute, { requested_at: null, accepted_at: null, sent_at: ago(minute) }), out],
    ['delivered', sale(10 * minute, { delivered_at: ago(9 * minute) }), { ...out, delivered: 1 }],
    ['asked for and not answered yet', sale(10 * minute, { accepted_at: null }), not],
    ['asked for with a permit: as good as sent', sale(10 * minute, { accepted_at: null, permit_id: 'p' }), out],
    ['still held', sale(10 * minute, held), not],
    ['held, then sent', sale(10 * minute, { ...held, sent_at: ago(minute) }), out],
    [
      'refused in the reply',
      failed(131026, { accepted_at: null, refused: true }),
      { ...out, events: { ...none, undeliverable: 1 } },
    ],
    ['undeliverable', failed(131026), { ...out, events: { ...none, undeliverable: 1 } }],
    ['kept from the person by the platform', failed(131049), { ...out, events: { ...none, platform_block: 1 } }],
    ['in an experiment of the platform', failed(130472), { ...out, events: { ...none, platform_block: 1 } }],
    ['content that fails', failed(131053), { ...out, events: { ...none, other_failure: 1 } }],
    ['a wrong parameter', failed(131009), { ...out, events: { ...none, other_failure: 1 } }],
    ['a template that does not fit', failed(132000), { ...out, events: { ...none, other_failure: 1 } }],
    ['a number in maintenance', failed(131057), { ...out, events: { ...none, other_failure: 1 } }],
    ['an account without permission', failed(10), { ...out, events: { ...none, other_failure: 1 } }],
    ['a code that nobody listed', failed(999_999), { ...out, events: { ...none, other_failure: 1 } }],
    ['a fault of the platform that passes', failed(131016), out],
    ['a group that fails', failed(131041), out],
    ['refused because the platform stopped the template', failed(132015), out],
    ['refused because the number is limited', failed(131048), out],
    ['refused because the account is blocked', failed(368), out],
    ['refused because nobody paid', failed(131042), out],
    ['failed first and delivered after all', failed(131026, { delivered_at: ago(minute) }), { ...out, delivered: 1 }],
    ['older than 72 hours', sale(72 * hour + minute), not],
    ['of service, in no campaign', sale(minute, { campaign_id: null, category: 'service' }), not],
    ['of service, in a campaign', sale(minute, { category: 'service' }), out],
    [
      'told to be service by its price alone',
      sale(minute, { campaign_id: null, category: null, pricing_category: 'service' }),
      not,
    ],
  ])('%s', async (_, given, expected) => {
    await control.models().message('m', given);
    expect(await totals()).toEqual(expected);
  });

  it('an opt-out counts once, at the message that it is credited to', async () => {
    const person = { contact_alias: 'c1' };
    await control.models().message('first', sale(3 * hour, { ...person, delivered_at: ago(3 * hour - minute) }));
    await control.models().message('last', sale(hour, { ...person, delivered_at: ago(hour - minute), segment_id: 'new' }));
    for (const [id, before] of [
      ['word', 30 * minute],
      ['button', 29 * minute],
    ] as const) {
      await control.models().insert('fact_consent', {
        ...{ event_id: id, occurred_at: ago(before), contact_alias: 'c1', category: 'marketing', state: 'withdrawn' },
        source: 'stop_word',
      });
    }
    await control.models().insert('changed_contact', { alias_id: 'c1', changed_at: ago(4 * hour) });
    const { cohorts } = await control.read();
    expect(cohorts.map((row) => [row.segment_id, row.events.opt_out])).toEqual([
      ['vip', 0],
      ['new', 1],
    ]);
  });
});

describe('the groups of messages', () => {
  it('are minutes in the newest two hours, and quarters of an hour before', async () => {
    for (const [key, before] of [
      ['a', 10 * minute + 20 * second],
      ['b', 10 * minute + 50 * second],
      ['c', 9 * minute + 50 * second],
      ['d', 3 * hour + 10 * minute],
      ['e', 3 * hour + 2 * minute],
      ['f', 3 * hour + 16 * minute],
    ] as const) {
      await control.models().message(key, sale(before));
    }
    const { cohorts } = await control.read();
    expect(cohorts.map((row) => [new Date(row.sent_at).toISOString().slice(11, 16), row.sent])).toEqual([
      ['08:30', 1],
      ['08:45', 2],
      ['11:49', 2],
      ['11:50', 1],
    ]);
  });

  it('keep apart campaign, template, segment, number and category, unknown ones too', async () => {
    const one = sale(5 * minute);
    const others: Facts[] = [
      { campaign_id: 'spring' },
      { template_name: 'news' },
      { segment_id: null },
      { phone_number_id: 'n2' },
      { category: 'utility' },
      { category: null },
    ];
    for (const [at, other] of [{}, {}, ...others].entries()) await control.models().message(`m${at}`, { ...one, ...other });
    const { cohorts } = await control.read();
    expect(cohorts).toHaveLength(7);
    expect(cohorts.reduce((sum, row) => sum + row.sent, 0)).toBe(8);
    expect(cohorts).toContainEqual({
      ...{ campaign_id: 'autumn', template_name: 'sale', segment_id: 'vip', phone_number_id: 'n1', category: 'marketing' },
      ...{ sent_at: noon - 5 * minute, sent: 2, delivered: 0, events: none },
    });
  });

  it('go by the time of sending, not of the request', async () => {
    await control.models().message('queued', sale(minute, { requested_at: ago(10 * hour) }));
    const { cohorts } = await control.read();
    expect(cohorts.map((row) => row.sent_at)).toEqual([noon - minute]);
  });

  it('lose and double nothing where the part that is read now and then meets the newest one', async () => {
    for (let at = 0; at < 300; at += 1) await control.models().message(`m${at}`, sale(at * minute));
    expect((await totals()).sent).toBe(300);
    const later = await control.read(noon + 20 * minute);
    expect(later.cohorts.reduce((sum, row) => sum + row.sent, 0)).toBe(300);
    expect((await control.read(noon + 2 * day)).cohorts.reduce((sum, row) => sum + row.sent, 0)).toBe(300);
    expect((await control.read(noon + 4 * day)).cohorts).toEqual([]);
  });
});
