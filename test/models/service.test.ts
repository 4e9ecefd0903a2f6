import { describe, expect, it } from 'vitest';
import { unanswered } from '../../api/warehouse-thread/service-queries.ts';
import { type Facts, useModels } from './fixture.ts';

const models = useModels({ marts: ['service_15m', 'customer', 'waba_portfolio'] });

const day = (clock: string) => `2026-11-02 ${clock}`;
const wrote = (message_id: string, occurred_at: string, more: Facts = {}) =>
  models.get().insert('fact_inbound', {
    ...{ message_id, occurred_at, user_alias: 'u1', phone_number_id: 'n1', message_type: 'text', counted_type: 'reply' },
    ...{ counts_as_reply: true, content_hash: message_id, ...more },
  });
const answered = (key: string, at: string, more: Facts = {}) =>
  models.get().message(key, { user_alias: 'u1', phone_number_id: 'n1', sent_at: at, delivered_at: at, ...more });
/** What apply notes about a person. */
const changed = (alias_id: string, changed_at: string) => models.get().insert('changed_contact', { alias_id, changed_at });

/** Per message: whether it begins a turn, and when it was answered. */
async function turns(): Promise<Record<string, string>> {
  const rows = await models
    .get()
    .rows("SELECT message_id, begins_turn, strftime(answered_at, '%d %H:%M:%S') AS at FROM inbound_answer ORDER BY message_id");
  return Object.fromEntries(
    rows.map((row) => [String(row.message_id), `${row.begins_turn ? 'begins' : 'waits too'}, ${row.at ?? 'no answer'}`]),
  );
}

describe('a turn', () => {
  it('begins with the first message after an answer and takes in what follows before the next', async () => {
    await wrote('i1', day('10:00:00'));
    await wrote('i2', day('10:01:00'));
    await answered('m1', day('10:04:00'));
    await wrote('i3', day('10:05:00'));
    await answered('m2', day('13:00:00'));
    await wrote('i4', day('13:10:00'));
    await models.get().built(true);
    expect(await turns()).toEqual({
      i1: 'begins, 02 10:04:00',
      i2: 'waits too, 02 10:04:00',
      i3: 'begins, 02 13:00:00',
      i4: 'begins, no answer',
    });
    const metrics = ['turns', 'turns_unanswered', 'answer_rate_5m', 'answer_rate_2h', 'service_window_use', 'time_to_answer'];
    const { rows } = await models.get().ask({ metrics });
    // i1 after 4 min, i3 after 2 h 55 min: (240 + 10500) / 2 = 5370 s.
    expect(metrics.map((name) => rows[0]?.metrics[name]?.value)).toEqual([3, 1, 1 / 3, 1 / 3, 2 / 3, 5370]);
  });

  it('is not answered by campaigns, failed messages, another number or another person, but by the phone app', async () => {
    await wrote('i1', day('10:00:00'));
    await answered('campaign', day('10:01:00'), { campaign_id: 'spring', category: 'marketing' });
    await models.get().message('failed', { user_alias: 'u1', phone_number_id: 'n1', sent_at: day('10:02:00') });
    await answered('other number', day('10:03:00'), { phone_number_id: 'n2' });
    await answered('other person', day('10:04:00'), { user_alias: 'u2' });
    await wrote('echo', day('10:05:00'), { counted_type: 'echo', counts_as_reply: false });
    await models.get().built(true);
    expect(await turns()).toEqual({ i1: 'begins, 02 10:05:00' });
  });

  it('is answered by a campaign of the category service', async () => {
    await wrote('i1', day('10:00:00'));
    await answered('bot', day('10:00:00'), { campaign_id: 'bot', category: 'service' });
    await models.get().built(true);
    expect(await turns()).toEqual({ i1: 'begins, 02 10:00:00' });
  });

  it('ends after 72 hours without an answer', async () => {
    await wrote('i1', '2026-11-02 10:00:00');
    await wrote('i2', '2026-11-05 10:00:01');
    await answered('m1', '2026-11-05 10:00:01');
    await models.get().built(true);
    expect(await turns()).toEqual({ i1: 'begins, no answer', i2: 'begins, 05 10:00:01' });
  });

  it('follows the person through all names', async () => {
    await models.get().alias('c1', 'u1', 'p1');
    await models.get().link('u1', 'c1', '2026-11-01 00:00:00');
    await models.get().link('p1', 'c1', '2026-11-01 00:00:00');
    await models.get().insert('changed_contact', { alias_id: 'u1' }, { alias_id: 'p1' });
    await wrote('i1', day('10:00:00'));
    await models
      .get()
      .message('m1', { contact_alias: 'c1', phone_number_id: 'n1', sent_at: day('10:02:00'), delivered_at: day('10:02:00') });
    await models
      .get()
      .message('m2', { phone_alias: 'p1', phone_number_id: 'n1', sent_at: day('10:01:00'), delivered_at: day('10:01:00') });
    await models.get().built(true);
    expect(await turns()).toEqual({ i1: 'begins, 02 10:01:00' });
  });
});

describe('an incremental build', () => {
  it('gives what a full one gives, when an answer, an earlier answer and an earlier message come late', async () => {
    await wrote('i1', day('10:00:00'));
    await wrote('i2', day('11:00:00'));
    await wrote('x1', day('10:00:00'), { user_alias: 'u9' });
    await models.get().built(true);
    const steps: (() => Promise<void>)[] = [
      () => answered('m1', day('12:00:00')).then(() => changed('u1', day('12:00:00'))),
      () => answered('m2', day('10:30:00')).then(() => changed('u1', day('10:30:00'))),
      () => wrote('i0', '2026-11-01 23:00:00').then(() => changed('u1', '2026-11-01 23:00:00')),
      () => answered('m3', '2026-11-01 23:30:00').then(() => changed('u1', '2026-11-01 23:30:00')),
    ];
    for (const step of steps) {
      await step();
      await models.get().built();
      const incremental = await turns();
      await models.get().built(true);
      expect(incremental).toEqual(await turns());
    }
    expect(await turns()).toEqual({
      i0: 'begins, 01 23:30:00',
      i1: 'begins, 02 10:30:00',
      i2: 'begins, 02 12:00:00',
      x1: 'begins, no answer',
    });
  });
});

describe('surveys', () => {
  it('give the net promoter score and the share of the satisfied', async () => {
    const tap = (id: string, button_payload: string) =>
      wrote(id, day('10:00:00'), { button_payload, message_type: 'interactive' });
    for (const [at, payload] of ['nps:10', 'nps:9', 'nps:9', 'nps:8', 'nps:6', 'nps:0'].entries()) await tap(`n${at}`, payload);
    for (const [at, payload] of ['csat:5', 'csat:4', 'csat:3', 'csat:9', 'csat:0', 'menu:1', 'nps:11'].entries())
      await tap(`c${at}`, payload);
    await models.get().built(true);
    const { rows } = await models.get().ask({ metrics: ['nps', 'satisfaction_rate'] });
    // 3 promoters, 2 detractors of 6; 2 of 3 satisfied.
    expect(rows[0]?.metrics['nps']).toMatchObject({ numerator: 1, denominator: 6, value: 1 / 6, low: null });
    expect(rows[0]?.metrics['satisfaction_rate']).toMatchObject({ numerator: 2, denominator: 3 });
  });
});

describe('the list of who waits', () => {
  const at = Date.parse('2026-11-02T12:00:00Z');
  const list = (minutes = 120, limit = 10) => unanswered(models.get().connection, { at, minutes, limit });
  const ordered = (contact_alias: string, amount_micros: number) =>
    models.get().insert('fact_conversion', {
      ...{ event_id: contact_alias, order_id: contact_alias, kind: 'order', contact_alias, occurred_at: '2026-10-01' },
      ...{ amount_micros, currency: 'EUR' },
    });

  it('has those who wait for two hours, who spent most first, then the longest waiting', async () => {
    await models.get().insert('contact_alias', { alias_id: 'c1', kind: 'contact', value: 'customer-1' });
    await models.get().insert('contact_alias', { alias_id: 'p1', kind: 'phone', value: '4915100000123' });
    await models.get().link('p1', 'c1', '2026-01-01 00:00:00');
    await models.get().insert('changed_contact', { alias_id: 'p1' });
    await ordered('c1', 20_000_000);
    await ordered('u2', 90_000_000);
    await wrote('i1', day('09:00:00'), { user_alias: null, phone_alias: 'p1' });
    await wrote('i2', day('09:30:00'), { user_alias: null, phone_alias: 'p1' });
    await wrote('i3', day('10:00:00'), { user_alias: 'u2' });
    await wrote('i4', day('10:00:01'), { user_alias: 'u3' }); // not yet two hours
    await wrote('i5', day('08:00:00'), { user_alias: 'u4' });
    await wrote('i6', day('07:00:00'), { user_alias: 'u5' });
    await wrote('i7', day('07:00:00'), { user_alias: 'u6' });
    await answered('m1', day('11:59:00'), { user_alias: 'u6' });
    await wrote('i8', '2026-10-30 11:00:00', { user_alias: 'u7' }); // longer ago than 72 hours
    await models.get().built(true);
    const { waiting: found } = await list();
    expect(found.map(({ since, orders }) => [since.slice(11, 16), orders])).toEqual([
      ['10:00', 1], // u2 spent 90
      ['09:00', 1], // c1 spent 20
      ['07:00', 0],
      ['08:00', 0],
    ]);
    expect(found[1]).toEqual({
      ...{ contact_id: 'customer-1', phone_ending: '0123', phone_number_id: 'n1', waba_id: null },
      ...{ since: '2026-11-02T09:00:00.000Z', last_message_at: '2026-11-02T09:30:00.000Z', minutes: 180, messages: 2 },
      ...{ value_band: 'low', currency: 'EUR', spent_micros: '20000000', orders: 1 },
    });
    expect((await list(180)).waiting).toHaveLength(3);
    expect((await list(0, 2)).waiting).toHaveLength(3); // one more than asked for: there are more
  });
});
