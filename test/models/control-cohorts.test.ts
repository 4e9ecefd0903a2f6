import { describe, expect, it, vi } from 'vitest';
import type { ControlSnapshot } from '../../controller/snapshot.ts';
import { Connection } from '../../sql/database.ts';
import { ago, day, hour, minute, noon, permitted, sale, second, useControl } from './control-fixture.ts';
import type { Facts } from './fixture.ts';

const control = useControl();

const none = { undeliverable: 0, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 };
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
      marketing_limit: sum((row) => row.events.marketing_limit),
      platform_block: sum((row) => row.events.platform_block),
      other_failure: sum((row) => row.events.other_failure),
      opt_out: sum((row) => row.events.opt_out),
      complaint: sum((row) => row.events.complaint),
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
    ['kept from a person who has had enough marketing', failed(131049), { ...out, events: { ...none, marketing_limit: 1 } }],
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

describe('what people did with it', () => {
  const counts = async () => {
    const [row] = (await control.read()).cohorts;
    return { held: row?.held, read: row?.read, replied: row?.replied, clicked: row?.clicked, complaint: row?.events.complaint };
  };
  const quiet = { held: 0, read: 0, replied: 0, clicked: 0, complaint: 0 };
  const reached = { delivered_at: ago(9 * minute), read_at: ago(8 * minute) };

  it('held messages stand apart from the sent ones, by the time of their request', async () => {
    await control.models().message('m', sale(10 * minute, { accepted_at: null, held_at: ago(10 * minute) }));
    const { cohorts } = await control.read();
    expect(cohorts).toMatchObject([{ sent: 0, held: 1, sent_at: noon - 11 * minute }]);
  });

  it('read, answered and clicked count once each', async () => {
    await control
      .models()
      .message('m', sale(10 * minute, { ...reached, replied_at: ago(7 * minute), clicked_at: ago(6 * minute) }));
    expect(await counts()).toEqual({ ...quiet, read: 1, replied: 1, clicked: 1 });
  });

  const complaint = (context_id: string | null): Facts => ({
    ...{ message_id: 'in', occurred_at: ago(5 * minute), phone_alias: 'p1', phone_number_id: 'n1', message_type: 'text' },
    ...{ counted_type: 'complaint', counts_as_reply: true, context_id, content_hash: 'h' },
  });

  it('a complaint counts for the message that it answers', async () => {
    await control.models().message('m', sale(10 * minute, { ...reached, message_id: 'wamid.1', replied_at: ago(5 * minute) }));
    await control.models().insert('fact_inbound', complaint('wamid.1'));
    expect(await counts()).toEqual({ ...quiet, read: 1, replied: 1, complaint: 1 });
  });

  it('without naming one, for the message that it is credited to', async () => {
    await control.models().message('m', sale(10 * minute, { ...reached, phone_alias: 'p1' }));
    await control.models().insert('fact_inbound', complaint(null));
    await control.models().insert('changed_contact', { alias_id: 'p1', changed_at: ago(hour) });
    expect(await counts()).toEqual({ ...quiet, read: 1, replied: 1, complaint: 1 });
  });
});

describe('what is usual', () => {
  it('is read for each stream and hour of the day, from messages older than three days', async () => {
    // 40 of 80 read 20 minutes after they went out, five days ago at noon; 10 of 20 an hour later are too few to say anything.
    const messages = Array.from({ length: 100 }, (_, at) => {
      const before = 5 * day - (at < 80 ? 0 : hour);
      const states = { delivered_at: ago(before - minute), read_at: at % 2 === 0 ? ago(before - 20 * minute) : null };
      return [`m${at}`, sale(before, states)] as const;
    });
    await control.models().messages(...messages);
    const { baselines, established } = await control.readOn();
    const read = baselines?.of.filter(({ signal }) => signal === 'read') ?? [];
    expect(read).toMatchObject([{ campaign_id: 'autumn', template_name: 'sale', segment_id: 'vip', hour: 12, messages: 80 }]);
    const at = (ms: number) => read[0]?.shares[read[0].ages.indexOf(ms)];
    expect([at(15 * minute), at(30 * minute), at(72 * hour)]).toEqual([0, 0.5, 0.5]);
    expect(established).toEqual([]);
  });

  it('history begins with 500 deliveries', async () => {
    await control.models().message('m', sale(5 * day, { delivered_at: ago(5 * day - minute) }));
    const copies = (count: number) =>
      control.models().rows(
        `INSERT INTO fact_message SELECT m.* REPLACE ('copy' || i AS message_key)
         FROM (FROM fact_message LIMIT 1) AS m, range(${count}) AS r(i)`,
      );
    await copies(499);
    expect((await control.readOn()).established).toEqual(['number:n1', 'template:sale']);
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

  it('keep apart campaign, template, segment, variant, market, number and category, unknown ones too', async () => {
    const one = sale(5 * minute);
    const others: Facts[] = [
      { campaign_id: 'spring' },
      { template_name: 'news' },
      { segment_id: null },
      { variant_id: 'b' },
      { country: 'FR' },
      { phone_number_id: 'n2' },
      { category: 'utility' },
      { category: null },
    ];
    for (const [at, other] of [{}, {}, ...others].entries()) await control.models().message(`m${at}`, { ...one, ...other });
    const { cohorts } = await control.read();
    expect(cohorts).toHaveLength(9);
    expect(cohorts.reduce((sum, row) => sum + row.sent, 0)).toBe(10);
    expect(cohorts).toContainEqual({
      ...{ campaign_id: 'autumn', template_name: 'sale', segment_id: 'vip', phone_number_id: 'n1', category: 'marketing' },
      ...{ variant_id: null, market: null, sent_at: noon - 5 * minute, sent: 2, held: 0 },
      ...{ delivered: 0, read: 0, replied: 0, clicked: 0, events: none },
    });
  });

  it('go by the time of sending, not of the request', async () => {
    await control.models().message('queued', sale(minute, { requested_at: ago(10 * hour) }));
    const { cohorts } = await control.read();
    expect(cohorts.map((row) => row.sent_at)).toEqual([noon - minute]);
  });

  it('lose and double nothing where the part that is read now and then meets the newest one', async () => {
    await control.models().messages(...Array.from({ length: 300 }, (_, at) => [`m${at}`, sale(at * minute)] as const));
    expect((await totals()).sent).toBe(300);
    const later = await control.readOn(noon + 20 * minute);
    expect(later.cohorts.reduce((sum, row) => sum + row.sent, 0)).toBe(300);
    expect((await control.readOn(noon + 2 * day)).cohorts.reduce((sum, row) => sum + row.sent, 0)).toBe(300);
    expect((await control.readOn(noon + 4 * day)).cohorts).toEqual([]);
  });
});

describe('where so much is sent that a snapshot of two hours would be late', () => {
  /** What a decision goes by, whatever the part that it was counted in: cohorts by the quarter hour. */
  const counts = ({ cohorts, ledgers, numbers }: ControlSnapshot) => {
    const quarters = new Map<number, { sent: number; undeliverable: number }>();
    for (const { sent_at, sent, events } of cohorts) {
      const quarter = Math.floor(sent_at / (15 * minute));
      const sum = quarters.get(quarter) ?? { sent: 0, undeliverable: 0 };
      quarters.set(quarter, { sent: sum.sent + sent, undeliverable: sum.undeliverable + events.undeliverable });
    }
    return { quarters, ledgers, numbers };
  };
  const minutely = (at: number, contact: number) =>
    sale(at * minute, {
      contact_alias: `c${contact}`,
      ...(at % 10 === 0 ? { failed_at: ago(at * minute - second), error_code: 131026, refused: false } : {}),
    });
  const sentSince = (from: number, { cohorts }: ControlSnapshot) =>
    cohorts.reduce((sum, row) => sum + (row.sent_at >= from ? row.sent : 0), 0);

  it('loses and doubles nothing while the part that each snapshot counts anew shrinks', async () => {
    // A message a minute for five hours; every person is written to twice, an hour apart.
    await control
      .models()
      .messages(...Array.from({ length: 300 }, (_, at) => [`m${at}`, minutely(at, at - (at % 120 < 60 ? 0 : 60))] as const));
    const looks = Array.from({ length: 6 }, (_, look) => noon + look * 10 * minute);
    const crowd = await control.crowded(3);
    const counted = [];
    for (const at of looks) counted.push(counts(await crowd.read(at)));
    await crowd.close();
    for (const [look, at] of looks.entries())
      expect(counted[look], `after ${look * 10} minutes`).toEqual(counts(await control.read(at)));
  });

  it('holds what is used of a permit back until the message is counted: it is out, or on its way', async () => {
    const old = { permit_id: 'p1', campaign_id: 'c1' };
    await control.models().insert('fact_permit', permitted('p1', 59 * minute, 100, { expires_at: ago(-minute) }));
    const minutes = Array.from({ length: 58 }, (_, at) => [`m${at}`, sale(at * minute, old)] as const);
    await control.models().messages(...minutes);
    const crowd = await control.crowded(3);
    for (let look = 0; look < 5; look += 1) await crowd.read(noon);
    // The facts learn of a message half an hour late: it is in neither count of this look, and in both of the next.
    await control.models().messages(['late', sale(30 * minute, old)], ['new', sale(second, old)]);
    for (const used of [59, 60]) {
      const snapshot = await crowd.read(noon);
      expect([sentSince(noon - hour, snapshot), snapshot.used]).toEqual([used, [{ permit_id: 'p1', used }]]);
    }
    await crowd.close();
  });

  it('sees the newest messages at once, and news of older ones with the next count of those', async () => {
    await control.models().messages(...Array.from({ length: 300 }, (_, at) => [`m${at}`, sale(at * minute)] as const));
    const crowd = await control.crowded(3);
    for (let look = 0; look < 5; look += 1) await crowd.read(noon);
    await control.models().messages(['new', sale(second)], ['late', sale(100 * minute)]);
    expect(sentSince(noon - minute, await crowd.read(noon))).toBe(3);
    expect(sentSince(noon - 3 * hour, await crowd.read(noon))).toBe(183);
    await crowd.close();
  });
});

describe('while evidence is waited for', () => {
  const of = (campaign_id: string, person: string): Facts =>
    sale(minute, { campaign_id, permit_id: 'p1', contact_alias: person });
  const seen = (snapshot: ControlSnapshot | null) => {
    const { cohorts = [], ledgers = [], used = [], brief = false } = snapshot ?? {};
    const sent = (campaign: string) =>
      cohorts.filter((row) => row.campaign_id === campaign).reduce((sum, row) => sum + row.sent, 0);
    const people = ledgers.reduce((sum, row) => sum + row.people, 0);
    return { bad: sent('bad'), good: sent('good'), people, used: used.reduce((sum, row) => sum + row.used, 0), brief };
  };

  it('only the campaigns with harm are counted anew; what they used of permits since counts as people, too', async () => {
    await control.models().insert('fact_permit', permitted('p1', minute, 10, { expires_at: ago(-hour) }));
    await control.models().messages(['a', of('bad', 'cA')], ['b', of('good', 'cB')]);
    const full = await control.read();
    expect(seen(full)).toEqual({ bad: 1, good: 1, people: 2, used: 2, brief: false });
    await control.models().messages(['c', of('bad', 'cC')], ['d', of('good', 'cD')], ['e', of('good', 'cB')]);
    const brief = await control.readBriefly(['bad'], 0, noon + second);
    // A message of the good one that is not counted yet is not used of its permit either: it would be neither out nor on its way.
    expect(seen(brief)).toEqual({ bad: 2, good: 1, people: 3, used: 3, brief: true });
    expect(brief).toMatchObject({ as_of: noon + second, complete_to: full.complete_to });
    // What was counted before says when.
    expect(brief?.cohorts.map(({ campaign_id, counted_at }) => [campaign_id, counted_at])).toEqual([
      ['good', noon],
      ['bad', undefined],
    ]);
    const next = await control.readBriefly(['good'], 4999, noon + 2 * second);
    // One of the three that were used since the whole look is a person twice, and taken for a new one all the same.
    expect(seen(next)).toEqual({ bad: 2, good: 3, people: 5, used: 5, brief: true });
    expect(next?.cohorts.map(({ counted_at }) => counted_at)).toEqual([noon + second, undefined]);
    expect(await control.readBriefly(['bad'], 1)).toBeNull();
    expect(seen(await control.readOn(noon + 3 * second))).toEqual({ bad: 2, good: 3, people: 4, used: 5, brief: false });
  });

  it('one that fails half-way leaves the next look whole', async () => {
    await control.models().messages(['a', of('bad', 'cA')], ['b', of('good', 'cB')]);
    await control.readOn();
    const { exec } = Connection.prototype;
    const failing = vi.spyOn(Connection.prototype, 'exec').mockImplementation(function (this: Connection, sql: string) {
      return sql.includes('message_group') ? Promise.reject(new Error('no memory')) : exec.call(this, sql);
    });
    await expect(control.readBriefly(['bad'])).rejects.toThrow('no memory');
    failing.mockRestore();
    expect(seen(await control.readOn())).toMatchObject({ bad: 1, good: 1 });
  });

  it('messages without a campaign are counted anew by an empty name', async () => {
    await control.models().message('a', sale(minute, { campaign_id: null }));
    await control.read();
    await control.models().message('b', sale(minute, { campaign_id: null }));
    const sent = async (campaigns: string[]) =>
      (await control.readBriefly(campaigns))?.cohorts.reduce((sum, row) => sum + row.sent, 0);
    expect(await sent(['bad'])).toBe(1);
    expect(await sent([''])).toBe(2);
  });
});
