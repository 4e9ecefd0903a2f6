import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeopleReader } from '../../api/warehouse-thread/control-people.ts';
import { lookBackHours } from '../../controller/contact-rules.ts';
import type { PermitContact, PersonFacts } from '../../controller/permit.ts';
import { type Alias, contactAlias, phoneAlias, userAlias } from '../../ingest/alias.ts';
import { policyWith } from '../permit-books.ts';
import { ago, day, hour, minute, noon, sale, second, useControl } from './control-fixture.ts';
import type { Facts } from './fixture.ts';

const control = useControl();
let reader: PeopleReader;
beforeAll(async () => {
  reader = await PeopleReader.open(control.models().database);
});
afterAll(() => reader.close());

const phone = '4915112345678';
const user = 'DE.1234567890';
const named = (given: Partial<PermitContact>): PermitContact => ({ contact_id: null, phone: null, user_id: null, ...given });
const [byContact, byPhone, byUser] = [named({ contact_id: 'ann' }), named({ phone: `+${phone}` }), named({ user_id: user })];
const known = (alias: Alias | null): Alias => {
  if (alias === null) throw new Error('no alias');
  return alias;
};
const [ann, number, id] = [contactAlias('ann'), known(phoneAlias(phone)), known(userAlias(user))];

/** As far back as the longest gap that a policy can ask for. */
const farthest = 720;

async function about(contact: PermitContact, at = noon, hours = farthest): Promise<PersonFacts> {
  await control.models().built(false);
  const [facts] = await reader.read([contact], at, hours);
  if (facts === undefined) throw new Error('no answer');
  return facts;
}

/** Tells that Ann's contact id, number and user id are one person. */
async function tied(before = 10 * day): Promise<void> {
  await control.models().insert('contact_alias', ...[ann, number, id].map((alias) => ({ ...alias })));
  await control.models().link(ann.alias_id, number.alias_id, ago(before), 'backend');
  await control.models().link(number.alias_id, id.alias_id, ago(before));
  await control.models().insert('changed_contact', { alias_id: number.alias_id }, { alias_id: id.alias_id });
}
let count = 0;
const consent = (before: number, state: string, given: Facts) => {
  count += 1;
  return control.models().insert('fact_consent', {
    ...{ event_id: `consent ${count}`, occurred_at: ago(before), category: 'marketing', state, source: 'backend', ...given },
  });
};
const message = (before: number, given: Facts) => {
  count += 1;
  return control.models().message(`m${count}`, sale(before, given));
};
const wrote = (before: number, given: Facts) => {
  count += 1;
  return control.models().insert('fact_inbound', {
    ...{ message_id: `i${count}`, occurred_at: ago(before), message_type: 'text', counted_type: 'reply', counts_as_reply: true },
    ...{ content_hash: `i${count}`, ...given },
  });
};

describe('a person of whom nothing is known', () => {
  it.each([
    [byContact, ann.alias_id, null],
    [byPhone, number.alias_id, 'DE'],
    [byUser, id.alias_id, 'DE'],
    [named({ contact_id: 'ann', phone }), ann.alias_id, 'DE'],
  ])('%j', async (contact, person, country) => {
    expect(await about(contact)).toEqual({
      ...{ index: 0, person, country, time_zone: null, consent: null, suppressed: false },
      ...{ last_marketing_at: null, last_message_at: null, window_until: null },
    });
  });

  it('has no name when none can be read', async () => {
    expect((await about(named({ phone: 'call me' }))).person).toBe('');
  });

  it('the answer is in the order of the list', async () => {
    const list = [byPhone, byContact, named({ phone: '1' }), byPhone];
    const found = await reader.read(list, noon, farthest);
    expect(found.map(({ index, person }) => [index, person])).toEqual([
      [0, number.alias_id],
      [1, ann.alias_id],
      [2, ''],
      [3, number.alias_id],
    ]);
  });
});

describe('a person with several names', () => {
  it.each([byContact, byPhone, byUser])('is one, asked by any of them: %j', async (contact) => {
    await tied();
    await consent(day, 'granted', { phone_alias: number.alias_id });
    await message(2 * hour, { user_alias: id.alias_id });
    await wrote(hour, { phone_alias: number.alias_id });
    await control.models().insert('contact_profile', {
      ...{ contact_alias: ann.alias_id, occurred_at: ago(day), event_id: 'e', time_zone: 'Europe/Berlin' },
    });
    expect(await about(contact)).toEqual({
      ...{ index: 0, person: ann.alias_id, country: 'DE', time_zone: 'Europe/Berlin', consent: 'granted', suppressed: false },
      ...{ last_marketing_at: noon - 2 * hour, last_message_at: noon - 2 * hour, window_until: noon + 23 * hour },
    });
  });

  it('that changed hands: what the one before said and did is not theirs', async () => {
    await control.models().insert('contact_alias', { ...number }, { ...ann }, { ...contactAlias('bob') });
    await control.models().link(contactAlias('bob').alias_id, number.alias_id, ago(20 * day), 'backend');
    await control.models().link(ann.alias_id, number.alias_id, ago(5 * day), 'backend');
    await control.models().insert('changed_contact', { alias_id: number.alias_id });
    await consent(10 * day, 'withdrawn', { phone_alias: number.alias_id });
    await message(6 * day, { phone_alias: number.alias_id });
    expect(await about(byPhone)).toMatchObject({ person: ann.alias_id, consent: null, last_message_at: null });
    await consent(day, 'granted', { phone_alias: number.alias_id });
    expect(await about(byContact)).toMatchObject({ consent: 'granted' });
    expect(await about(named({ contact_id: 'bob' }))).toMatchObject({ consent: 'withdrawn', last_message_at: noon - 6 * day });
  });

  it('a number given beside a contact id speaks for the contact though nothing else ties them', async () => {
    await consent(day, 'withdrawn', { phone_alias: number.alias_id });
    expect(await about(named({ contact_id: 'ann', phone }))).toMatchObject({ person: ann.alias_id, consent: 'withdrawn' });
  });
});

describe('consent', () => {
  it('is what was said last, whatever came first', async () => {
    await consent(hour, 'withdrawn', { contact_alias: ann.alias_id });
    await consent(day, 'granted', { contact_alias: ann.alias_id });
    expect((await about(byContact)).consent).toBe('withdrawn');
    await consent(minute, 'granted', { contact_alias: ann.alias_id });
    expect((await about(byContact)).consent).toBe('granted');
  });

  it('of two at the same instant the withdrawal counts', async () => {
    await consent(hour, 'withdrawn', { contact_alias: ann.alias_id });
    await consent(hour, 'granted', { contact_alias: ann.alias_id });
    expect((await about(byContact)).consent).toBe('withdrawn');
  });

  it('to something else is none', async () => {
    await consent(hour, 'granted', { contact_alias: ann.alias_id, category: 'utility' });
    expect((await about(byContact)).consent).toBeNull();
  });
});

describe('the last messages', () => {
  it('marketing and any', async () => {
    await message(3 * hour, { contact_alias: ann.alias_id });
    await message(hour, { contact_alias: ann.alias_id, category: 'utility' });
    expect(await about(byContact)).toMatchObject({ last_marketing_at: noon - 3 * hour, last_message_at: noon - hour });
  });

  it.each<[string, Facts, boolean]>([
    ['one that failed was not written', { failed_at: ago(30 * minute), error_code: 131026, refused: false }, false],
    [
      'one that the platform kept from the person counts',
      { failed_at: ago(30 * minute), error_code: 131049, refused: false },
      true,
    ],
    [
      'one that came through after all counts',
      { failed_at: ago(30 * minute), error_code: 131026, delivered_at: ago(minute) },
      true,
    ],
    ['marketing by its price alone', { category: null, pricing_category: 'marketing_lite' }, true],
  ])('%s', async (_, given, counts) => {
    await message(hour, { contact_alias: ann.alias_id, ...given });
    expect((await about(byContact)).last_marketing_at).toBe(counts ? noon - hour : null);
  });

  it('are looked for as far back as who asks wants to know', async () => {
    await message(31 * day, { contact_alias: ann.alias_id });
    expect((await about(byContact)).last_message_at).toBeNull();
    await message(29 * day, { contact_alias: ann.alias_id });
    expect((await about(byContact)).last_message_at).toBe(noon - 29 * day);
    expect((await about(byContact, noon, 24)).last_message_at).toBeNull();
    await message(23 * hour, { contact_alias: ann.alias_id });
    expect((await about(byContact, noon, 24)).last_message_at).toBe(noon - 23 * hour);
  });

  it('are found where they were held for a day before they went out: the gap counts from then', async () => {
    await message(40 * hour, {
      contact_alias: ann.alias_id,
      held_at: ago(40 * hour),
      accepted_at: ago(20 * hour),
      sent_at: ago(20 * hour),
    });
    const hours = lookBackHours({ category: 'marketing' }, policyWith());
    expect((await about(byContact, noon, hours)).last_marketing_at).toBe(noon - 20 * hour);
  });

  it('are looked for by each question in its own time, when several are asked at once', async () => {
    await message(3 * day, { contact_alias: ann.alias_id });
    const asked = [24, 96, 48].map((hours) => reader.read([byContact], noon, hours));
    const found = (await Promise.all(asked)).map(([facts]) => facts?.last_message_at);
    expect(found).toEqual([null, noon - 3 * day, null]);
  });
});

describe('somebody who cannot be reached', () => {
  // The model of who was not reached is built by the clock, which stands here.
  beforeEach(async () => void (await control.models().built(true)));

  const unreached = (before: number) =>
    message(before + second, { contact_alias: ann.alias_id, failed_at: ago(before), error_code: 131026, refused: false });

  it('is suppressed after the second time in 30 days', async () => {
    await unreached(20 * day);
    await unreached(31 * day);
    expect((await about(byContact)).suppressed).toBe(false);
    await unreached(10 * day);
    expect((await about(byContact)).suppressed).toBe(true);
  });

  it('is asked of the last build of the models, and of what happened in the hours since', async () => {
    await unreached(20 * day);
    await control.models().built(true);
    const suppressed = async () => (await reader.read([byContact], noon, 24))[0]?.suppressed;
    expect(await suppressed()).toBe(false);
    await unreached(hour);
    expect(await suppressed()).toBe(true);
    await control.models().built(true);
    expect(await suppressed()).toBe(true);
    await message(minute, { contact_alias: ann.alias_id, delivered_at: ago(second) });
    expect(await suppressed()).toBe(false);
  });

  it('is not suppressed by one failure that the models and the facts both tell of', async () => {
    await unreached(hour);
    await control.models().built(true);
    expect((await reader.read([byContact], noon, 24))[0]?.suppressed).toBe(false);
  });

  it('is not suppressed by what failed more than 30 days ago, however far back messages are looked for', async () => {
    await unreached(30 * day + hour);
    await unreached(hour);
    const suppressed = async (hours: number) => (await about(byContact, noon, hours)).suppressed;
    expect([await suppressed(48), await suppressed(744)]).toEqual([false, false]);
  });

  it('is suppressed by two messages that failed in the same second', async () => {
    await unreached(hour);
    await unreached(hour);
    expect((await about(byContact, noon, 48)).suppressed).toBe(true);
  });

  it('by several names is one', async () => {
    await tied();
    await unreached(20 * day);
    await message(10 * day, {
      phone_alias: number.alias_id,
      failed_at: ago(10 * day - second),
      error_code: 131026,
      refused: false,
    });
    await control.models().built(true);
    for (const contact of [byContact, byPhone, byUser])
      expect((await reader.read([contact], noon, 24))[0]).toMatchObject({ person: ann.alias_id, suppressed: true });
  });

  it('begins anew after a delivery', async () => {
    await unreached(20 * day);
    await unreached(15 * day);
    await message(12 * day, { contact_alias: ann.alias_id, delivered_at: ago(12 * day - minute) });
    expect((await about(byContact)).suppressed).toBe(false);
    await unreached(10 * day);
    expect((await about(byContact)).suppressed).toBe(false);
    await unreached(9 * day);
    expect((await about(byContact)).suppressed).toBe(true);
  });
});

describe('the service window', () => {
  it.each<[string, number, Facts, number | null]>([
    ['is open for 24 hours', 23 * hour, {}, noon + hour],
    ['closes', 24 * hour, {}, null],
    ['is not opened in a group', hour, { group_id: 'g' }, null],
    ['is not opened by the owner', hour, { counted_type: 'echo' }, null],
    ['is not opened by tomorrow', -hour, {}, null],
  ])('%s', async (_, before, given, until) => {
    await wrote(before, { user_alias: id.alias_id, ...given });
    expect((await about(byUser)).window_until).toBe(until);
  });
});

describe('a look-up by the plan of an earlier one', () => {
  it('knows what became known since, with the first facts as well', async () => {
    expect(await about(byPhone)).toMatchObject({ consent: null, last_message_at: null, window_until: null });
    await consent(hour, 'granted', { phone_alias: number.alias_id });
    await message(hour, { phone_alias: number.alias_id });
    await wrote(hour, { phone_alias: number.alias_id });
    const [facts] = await reader.read([byPhone], noon, farthest);
    expect(facts).toMatchObject({ consent: 'granted', last_message_at: noon - hour, window_until: noon + 23 * hour });
    await consent(minute, 'withdrawn', { phone_alias: number.alias_id });
    expect((await reader.read([byPhone], noon, farthest))[0]?.consent).toBe('withdrawn');
    await tied();
    expect(await about(byContact)).toMatchObject({ person: ann.alias_id, consent: 'withdrawn', last_message_at: noon - hour });
  });

  it.each([minute - 1, minute, 40 * day])('%d ms later goes by its own time', async (later) => {
    await message(29 * day, { phone_alias: number.alias_id });
    await wrote(23 * hour, { phone_alias: number.alias_id });
    expect(await about(byPhone)).toMatchObject({ last_message_at: noon - 29 * day, window_until: noon + hour });
    const [facts] = await reader.read([byPhone], noon + later, farthest);
    const gone = later > day;
    expect(facts).toMatchObject({ last_message_at: gone ? null : noon - 29 * day, window_until: gone ? null : noon + hour });
    expect(await about(byPhone)).toMatchObject({ last_message_at: noon - 29 * day, window_until: noon + hour });
  });
});

describe('people asked for at once', () => {
  it('are answered as each alone, each as of their own time', async () => {
    await tied();
    await message(2 * hour, { user_alias: id.alias_id });
    await consent(hour, 'granted', { contact_alias: contactAlias('bob').alias_id });
    await consent(0, 'withdrawn', { contact_alias: contactAlias('bob').alias_id });
    await control.models().built(false);
    const bob = named({ contact_id: 'bob' });
    const questions: [PermitContact[], number][] = [
      [[byContact, bob], noon],
      [[bob], noon - second],
      [[], noon],
      [[byPhone, byUser, named({ phone: '1' })], noon],
      [[bob], noon - 2 * hour],
    ];
    const alone: PersonFacts[][] = [];
    for (const [contacts, at] of questions) alone.push(await reader.read(contacts, at, farthest));
    expect(await Promise.all(questions.map(([contacts, at]) => reader.read(contacts, at, farthest)))).toEqual(alone);
    expect([alone[0]?.[1], alone[1]?.[0], alone[4]?.[0]].map((facts) => facts?.consent)).toEqual(['withdrawn', 'granted', null]);
    expect(alone[3]?.map(({ index, last_message_at }) => [index, last_message_at])).toEqual([
      [0, noon - 2 * hour],
      [1, noon - 2 * hour],
      [2, null],
    ]);
  });

  it('all hear of an error, and whoever asks after it is answered', async () => {
    await control.models().connection.exec('ALTER TABLE fact_consent RENAME TO away');
    const asked = [byContact, byPhone].map((contact) => reader.read([contact], noon, farthest));
    const ends = await Promise.allSettled(asked);
    await control.models().connection.exec('ALTER TABLE away RENAME TO fact_consent');
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await about(byContact)).toMatchObject({ person: ann.alias_id });
  });
});
