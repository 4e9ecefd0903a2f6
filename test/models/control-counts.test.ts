import { describe, expect, it } from 'vitest';
import { curveAges } from '../../api/warehouse-thread/control-rows.ts';
import { ago, day, hour, minute, noon, permitted, sale, second, useControl } from './control-fixture.ts';
import type { Facts } from './fixture.ts';

const control = useControl();

const times = <T>(count: number, one: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => one(n));

const registered = (kind: string, id: string, parent_id: string | null, given: Facts = {}) =>
  control.models().insert('dim_registry', { kind, id, changed_at: ago(30 * day), command_id: `put ${id}`, parent_id, ...given });
const permit = (permit_id: string, before: number, granted: number, given: Facts = {}) =>
  control.models().insert('fact_permit', permitted(permit_id, before, granted, given));
const returned = (permit_id: string, before: number, count: number) =>
  control.models().insert('fact_permit_return', { command_id: `back ${permit_id}`, permit_id, count, returned_at: ago(before) });

describe('the numbers', () => {
  it('are those registered, sent from, heard from or with permits, each with its account and portfolio', async () => {
    await registered('phone_number', 'n1', 'w9');
    await registered('waba', 'w9', 'p9');
    await registered('waba', 'w1', 'p1');
    await control.models().message('m', sale(minute, { phone_number_id: 'n2' }));
    await control.models().insert('fact_inbound', {
      ...{ message_id: 'i', occurred_at: ago(2 * minute), phone_alias: 'p1', phone_number_id: 'n3', message_type: 'text' },
      ...{ counted_type: 'reply', counts_as_reply: true, content_hash: 'i' },
    });
    await permit('p', minute, 5, { phone_number_id: 'n4' });
    const { numbers } = await control.read();
    const silent = { last_feedback_at: null, seen: 0, permitted: 0 };
    const unknown = { waba_id: null, portfolio_id: null };
    expect(numbers).toEqual([
      { phone_number_id: 'n1', waba_id: 'w9', portfolio_id: 'p9', ...silent },
      { phone_number_id: 'n2', waba_id: 'w1', portfolio_id: 'p1', ...silent },
      { phone_number_id: 'n3', ...unknown, ...silent, last_feedback_at: noon - 2 * minute },
      { phone_number_id: 'n4', ...unknown, ...silent, permitted: 5 },
    ]);
  });

  it.each<[string, Facts, number | null]>([
    ['the acceptance of a message is no feedback', {}, null],
    ['sent', { sent_at: ago(4 * minute) }, 4],
    ['delivered', { sent_at: ago(4 * minute), delivered_at: ago(3 * minute) }, 3],
    ['read', { delivered_at: ago(3 * minute), read_at: ago(2 * minute) }, 2],
    ['failed', { failed_at: ago(minute), error_code: 131026, refused: false }, 1],
    ['refused in the reply', { failed_at: ago(minute), error_code: 131026, refused: true }, null],
    ['a click on a page of ours', { delivered_at: ago(minute), clicked_at: ago(minute) }, null],
  ])('newest feedback: %s', async (_, given, minutes) => {
    await control.models().message('m', sale(10 * minute, given));
    const [row] = (await control.read()).numbers;
    expect(row?.last_feedback_at).toBe(minutes === null ? null : noon - minutes * minute);
  });

  it('tell how many sends were seen and how many rights were given since the first permit', async () => {
    await permit('first', 5 * hour, 10);
    await permit('second', hour, 7);
    await permit('service', hour, 100, { category: 'service' });
    await permit('other', hour, 1000, { phone_number_id: 'n2' });
    await returned('first', 4 * hour, 3);
    await returned('second', 30 * minute, 2);
    await control.models().message('before', sale(6 * hour));
    await control.models().message('old', sale(4 * hour));
    await control.models().message('new', sale(minute));
    await control.models().message('unknown', sale(minute, { category: null, campaign_id: null, requested_at: null }));
    await control.models().message('answer', sale(minute, { category: 'service' }));
    const [row] = (await control.read()).numbers;
    expect([row?.seen, row?.permitted]).toEqual([3, 10 + 7 - 3 - 2]);
  });
});

describe('the ledger', () => {
  const inbound = (id: string, before: number, user_alias: string, given: Facts = {}) =>
    control.models().insert('fact_inbound', {
      ...{
        message_id: id,
        occurred_at: ago(before),
        user_alias,
        phone_number_id: 'n1',
        message_type: 'text',
        counted_type: 'reply',
      },
      ...{ counts_as_reply: true, content_hash: id, ...given },
    });
  const people = async () => (await control.read()).ledgers.map(({ portfolio_id, people }) => [portfolio_id, people]);

  it('counts people, not messages, over 24 hours and both parts of the horizon', async () => {
    await registered('waba', 'w1', 'p1');
    for (const [key, before, contact_alias] of [
      ['yesterday', 25 * hour, 'c0'],
      ['morning', 10 * hour, 'c1'],
      ['again', 9 * hour, 'c1'],
      ['and again', minute, 'c1'],
      ['other', 2 * minute, 'c2'],
      ['long ago', 23 * hour, 'c3'],
    ] as const) {
      await control.models().message(key, sale(before, { contact_alias }));
    }
    expect(await people()).toEqual([['p1', 3]]);
  });

  it('counts a person once whatever they are called', async () => {
    await control.models().alias('c1', 'p1', 'u1');
    await control.models().link('c1', 'p1', ago(2 * day), 'backend');
    await control.models().link('p1', 'u1', ago(2 * day));
    await control.models().message('a', sale(5 * hour, { contact_alias: 'c1' }));
    await control.models().message('b', sale(4 * hour, { phone_alias: 'p1' }));
    await control.models().message('c', sale(minute, { user_alias: 'u1' }));
    await control.models().insert('changed_contact', { alias_id: 'p1' }, { alias_id: 'u1' });
    expect(await people()).toEqual([[null, 1]]);
  });

  it.each<[string, Facts, number]>([
    ['a service message', { category: 'service' }, 0],
    ['a failed one', { failed_at: ago(minute), error_code: 131026, refused: false }, 0],
    ['one that failed and came through after all', { failed_at: ago(minute), error_code: 131026, delivered_at: ago(second) }, 1],
    ['a held one', { accepted_at: null, held_at: ago(minute) }, 0],
    ['one of unknown kind', { category: null, campaign_id: null }, 1],
  ])('%s', async (_, given, count) => {
    await control.models().message('m', sale(5 * minute, { user_alias: 'u1', ...given }));
    expect((await people()).reduce((sum, [, n]) => sum + Number(n), 0)).toBe(count);
  });

  it.each<[string, number, Facts, number]>([
    ['23 hours before', 23 * hour + 5 * minute, {}, 0],
    ['25 hours before', 25 * hour + 5 * minute, {}, 1],
    ['only afterwards', 4 * minute, {}, 1],
    ['in a group', hour, { group_id: 'g' }, 1],
    ['typed by the owner in the app', hour, { counted_type: 'echo' }, 1],
  ])('a message within a service window is free: the person wrote %s', async (_, before, given, count) => {
    await control.models().message('m', sale(5 * minute, { user_alias: 'u1' }));
    await inbound('i', before, 'u1', given);
    expect((await people()).reduce((sum, [, n]) => sum + Number(n), 0)).toBe(count);
  });

  it('keeps portfolios apart; a number registered elsewhere counts there', async () => {
    await registered('waba', 'w1', 'p1');
    await registered('waba', 'w2', 'p2');
    await registered('phone_number', 'n2', 'w2');
    await control.models().message('a', sale(minute, { contact_alias: 'c1' }));
    await control.models().message('b', sale(minute, { contact_alias: 'c1', phone_number_id: 'n2' }));
    await control.models().message('c', sale(minute, { contact_alias: 'c2', waba_id: 'w3' }));
    expect(await people()).toEqual([
      ['p1', 1],
      ['p2', 1],
      [null, 1],
    ]);
  });

  it.each<[string, number | null]>([
    ['TIER_250', 250],
    ['TIER_1K', 1000],
    ['TIER_2K', 2000],
    ['TIER_10K', 10_000],
    ['TIER_100K', 100_000],
    ['TIER_UNLIMITED', null],
    ['-1', null],
    ['2000', 2000],
    ['TIER_NOT_SET', 500],
    ['whatever', 500],
  ])('has the limit that the platform stated last, else the registered one: %s', async (new_value, limit) => {
    await registered('portfolio', 'p1', null, { messaging_limit: 500 });
    await registered('waba', 'w1', 'p1');
    const event = { field: 'business_capability_update', waba_id: 'w1', payload: '{}' };
    await control.models().insert('fact_platform_event', { ...event, event_hash: 'a', occurred_at: ago(hour), new_value });
    expect((await control.read()).ledgers).toEqual([{ portfolio_id: 'p1', people: 0, limit }]);
    const newer = {
      ...event,
      field: 'phone_number_quality_update',
      event_hash: 'b',
      occurred_at: ago(minute),
      new_value: 'TIER_10K',
    };
    await control.models().insert('fact_platform_event', newer);
    expect((await control.read()).ledgers).toEqual([{ portfolio_id: 'p1', people: 0, limit: 10_000 }]);
  });
});

describe('permits used', () => {
  it('count the messages that name a lease which ended less than ten minutes ago', async () => {
    await permit('running', minute, 5, { expires_at: ago(-minute) });
    await permit('over', 20 * minute, 5, { expires_at: ago(9 * minute) });
    await permit('long over', 20 * minute, 5, { expires_at: ago(11 * minute) });
    await permit('unused', minute, 5, { expires_at: ago(-minute) });
    for (const [at, permit_id] of ['running', 'running', 'over', 'long over', 'never given', null].entries()) {
      await control
        .models()
        .message(`m${at}`, sale(30 * second, { permit_id, accepted_at: null, requested_at: ago(30 * second) }));
    }
    expect((await control.read()).used).toEqual([
      { permit_id: 'over', used: 1 },
      { permit_id: 'running', used: 2 },
    ]);
  });
});

describe('policies of campaigns', () => {
  const put = (campaign_id: string, before: number, command_id: string, policy: unknown) =>
    control.models().insert('dim_campaign', {
      ...{ campaign_id, changed_at: ago(before), command_id, name: campaign_id, reply_window_h: 24, optout_window_h: 24 },
      ...{ conversion_window_d: 7, settings: JSON.stringify({ body: { name: campaign_id, policy } }) },
    });

  it('are the newest of each, where it has one', async () => {
    await put('a', hour, '1', { mode: 'shadow' });
    await put('a', minute, '2', { mode: 'enforce', window: { start: 10 } });
    await put('b', hour, '3', { mode: 'shadow' });
    await put('b', minute, '4', {});
    await put('c', minute, '5', undefined);
    expect((await control.read()).policies).toEqual([{ campaign_id: 'a', policy: { mode: 'enforce', window: { start: 10 } } }]);
  });

  it('are known to a look that counts only some campaigns anew: one may be new, and harm its first news', async () => {
    const policy = { window: { start: 10 } };
    expect((await control.read()).policies).toEqual([]);
    await put('a', minute, '1', policy);
    expect((await control.readBriefly(['a']))?.policies).toEqual([{ campaign_id: 'a', policy }]);
  });
});

describe('the delay curves', () => {
  it('are the shares by age of what comes within 72 hours, by category and over all', async () => {
    // 300 marketing failures after 4 s and 100 after 20 minutes; 150 utility failures after 2 hours: too few for a curve of their own.
    const failures = [
      { count: 300, age: 4 * second, category: 'marketing' },
      { count: 100, age: 20 * minute, category: 'marketing' },
      { count: 150, age: 2 * hour, category: 'utility' },
    ];
    for (const [at, { count, age, category }] of failures.entries()) {
      const failed = times(count, (n) => {
        const before = 5 * day + n * minute;
        const given = { category, failed_at: ago(before - age), error_code: 131026, refused: false };
        return [`m${at}-${n}`, sale(before, given)] as const;
      });
      await control.models().messages(...failed);
    }
    // Too young, too old, and a word of the platform: none of them counts.
    const failed = (before: number, error_code: number) =>
      sale(before, { failed_at: ago(before - 40 * second), error_code, refused: false });
    await control.models().messages(...times(250, (n) => [`young ${n}`, failed(2 * day, 131026)] as const));
    await control.models().messages(...times(250, (n) => [`old ${n}`, failed(31 * day, 131026)] as const));
    const { curves } = await control.readOn();
    expect(curves.map(({ signal, category, events }) => [signal, category, events])).toEqual([
      ['any', 'marketing', 400],
      ['any', null, 550],
      ['undeliverable', 'marketing', 400],
      ['undeliverable', null, 550],
    ]);
    const share = (category: string | null, age: number) => {
      const curve = curves.find((one) => one.signal === 'undeliverable' && one.category === category);
      return curve?.shares[curveAges.indexOf(age)];
    };
    expect([second, 5 * second, 15 * minute, 30 * minute, 72 * hour].map((age) => share('marketing', age))).toEqual([
      0,
      300 / 400,
      300 / 400,
      1,
      1,
    ]);
    expect([5 * second, 30 * minute, hour, 2 * hour].map((age) => share(null, age))).toEqual([
      300 / 550,
      400 / 550,
      400 / 550,
      1,
    ]);
  });

  it('know an opt-out by its age, and that a message has several statuses', async () => {
    const people = times(200, (n) => ({ n, contact_alias: `c${n}`, before: 5 * day + n * minute }));
    const messages = people.map(({ n, contact_alias, before }) => {
      const states = { sent_at: ago(before - second), delivered_at: ago(before - 10 * second), read_at: ago(before - hour) };
      return [`m${n}`, sale(before, { contact_alias, ...states })] as const;
    });
    const consents = people.map(({ n, contact_alias, before }) => ({
      ...{ event_id: `stop ${n}`, occurred_at: ago(before - 90 * minute), contact_alias, category: 'marketing' },
      ...{ state: 'withdrawn', source: 'stop_word' },
    }));
    await control.models().messages(...messages);
    await control.models().insert('fact_consent', ...consents);
    const changes = people.map(({ contact_alias, before }) => ({ alias_id: contact_alias, changed_at: ago(before) }));
    await control.models().insert('changed_contact', ...changes);
    const { curves } = await control.readOn();
    const curve = (signal: string) => curves.find((one) => one.signal === signal && one.category === null);
    expect(curve('any')?.events).toBe(600);
    expect([second, 15 * second, hour].map((age) => curve('any')?.shares[curveAges.indexOf(age)])).toEqual([1 / 3, 2 / 3, 1]);
    expect([hour, 2 * hour].map((age) => curve('opt_out')?.shares[curveAges.indexOf(age)])).toEqual([0, 1]);
  });
});
