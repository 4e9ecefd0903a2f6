import { describe, expect, it } from 'vitest';
import { aliasId } from '../../../ingest/alias.ts';
import { decoded, messagesChange, second, status } from '../../webhook-record.ts';

const rowsOf = (...statuses: unknown[]) => decoded(messagesChange({ statuses })).status;
const rowOf = (more: object) => rowsOf({ ...status, ...more })[0];
const withContacts = (contacts: object[], ...statuses: object[]) => decoded(messagesChange({ contacts, statuses }));

describe('the time of a status', () => {
  it.each([['1750030073'], [1750030073], ['2025-06-15T23:27:53Z'], ['2025-06-15T23:27:53+0000'], ['2025-06-16T01:27:53+02:00']])(
    'is read from %j',
    (timestamp) => {
      expect(rowOf({ timestamp })?.occurred_at).toBe(second);
    },
  );

  it.each([['TIMESTAMP'], [''], [null], [0], ['99999999999'], [1.5], [{}]])('is not guessed from %j', (timestamp) => {
    const { status: rows, quarantine } = decoded(messagesChange({ statuses: [{ ...status, timestamp }] }));
    expect(rows).toEqual([]);
    expect(quarantine.map(({ reason, item }) => [reason, item])).toEqual([['time_invalid', 0]]);
  });
});

describe('the person of a status', () => {
  it('is found by a number, however it is written', () => {
    for (const recipient_id of ['4915112345678', '+4915112345678', '+49 151 1234-5678', 4915112345678]) {
      expect(rowOf({ recipient_id })).toMatchObject({ phone_alias: aliasId('phone', '4915112345678'), country: 'DE' });
    }
  });

  it.each([[''], [undefined], ['<PHONE>'], ['123'], [null]])('has no number when recipient_id is %j', (recipient_id) => {
    expect(rowOf({ recipient_id, recipient_user_id: 'BR.1x' })).toMatchObject({
      phone_alias: null,
      user_alias: aliasId('user', 'BR.1x'),
      country: 'BR',
    });
  });

  it.each([['US.13491208655302741918'], ['US.ENT.11815799212886844830'], ['user.9373']])(
    'may be a user id in the place of the number: %s',
    (recipient_id) => {
      expect(rowOf({ recipient_id })).toMatchObject({ phone_alias: null, user_alias: aliasId('user', recipient_id) });
    },
  );

  it.each([['recipient_parent_user_id'], ['parent_recipient_user_id'], ['parent_user_id']])(
    'is linked to the parent id spelled %s, which stands in for a missing user id',
    (key) => {
      const both = decoded(messagesChange({ statuses: [{ ...status, recipient_user_id: 'US.1', [key]: 'US.ENT.2' }] }));
      const ids = [aliasId('user', 'US.1'), aliasId('user', 'US.ENT.2')].sort();
      expect(both.contact_link).toContainEqual({
        alias_a: ids[0],
        alias_b: ids[1],
        occurred_at: second,
        source: 'webhook',
        link_month: '2025-06',
      });
      expect(rowOf({ recipient_id: '', [key]: 'US.ENT.2' })?.user_alias).toBe(aliasId('user', 'US.ENT.2'));
    },
  );

  it('takes what its contact adds, also among many contacts in another order', () => {
    const contacts = [
      { wa_id: '4915100000002', user_id: 'DE.2' },
      { wa_id: '4915100000001', user_id: 'DE.1' },
    ];
    const { status: rows } = withContacts(
      contacts,
      { ...status, id: 'a', recipient_id: '4915100000001' },
      { ...status, id: 'b', recipient_id: '', recipient_user_id: 'DE.2' },
      { ...status, id: 'c', recipient_id: '4915100000003' },
    );
    expect(rows.map((row) => [row.phone_alias, row.user_alias])).toEqual([
      [aliasId('phone', '4915100000001'), aliasId('user', 'DE.1')],
      [aliasId('phone', '4915100000002'), aliasId('user', 'DE.2')],
      [aliasId('phone', '4915100000003'), null],
    ]);
  });

  it('takes nothing from the only contact when that is somebody else', () => {
    const { status: rows } = withContacts([{ wa_id: '4915100000009', user_id: 'DE.9' }], status);
    expect(rows[0]?.user_alias).toBeNull();
    const other = withContacts([{ wa_id: '', user_id: 'DE.9' }], { ...status, recipient_id: '', recipient_user_id: 'DE.1' });
    expect(other.status[0]?.user_alias).toBe(aliasId('user', 'DE.1'));
  });
});

describe('a group status', () => {
  const group = { recipient_id: 'fowefinoewcnw', recipient_type: 'group' };

  it.each([['recipient_participant_id'], ['participant_recipient_id']])('is about the member named by %s', (key) => {
    const alias = aliasId('phone', '4915112345678');
    expect(rowOf({ ...group, [key]: '4915112345678' })).toMatchObject({ participant_alias: alias, phone_alias: alias });
  });

  it('is one row a member though all share one message id, priced inside the conversation', () => {
    const conversation = {
      id: 'c',
      pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'group_marketing' },
    };
    const members = ['4915100000001', '4915100000002'];
    const rows = rowsOf(
      ...members.map((recipient_participant_id) => ({ ...status, ...group, recipient_participant_id, conversation })),
    );
    expect(rows.map((row) => [row.message_id, row.participant_alias, row.pricing_category])).toEqual(
      members.map((member) => ['wamid.s', aliasId('phone', member), 'group_marketing']),
    );
    expect(rows[0]?.content_hash).not.toBe(rows[1]?.content_hash);
  });

  it('never takes the group for a person', () => {
    expect(rowOf({ ...group, recipient_id: '120363041234567890' })).toMatchObject({ participant_alias: null, phone_alias: null });
  });

  it('of one person names no member', () => {
    expect(rowOf({})?.participant_alias).toBeNull();
  });
});

describe('the callback data of a status', () => {
  it.each([
    ['plain text', 'plain text'],
    ['{"send_id":"s-1","campaign":"c"}', 's-1'],
    ['{"send_id":1234567890123456789}', '1234567890123456789'],
    ['{"campaign":"c"}', null],
    ['{not json', '{not json'],
    ['x'.repeat(512), 'x'.repeat(512)],
    ['x'.repeat(513), null],
    ['', null],
  ])('%s', (biz_opaque_callback_data, sendId) => {
    expect(rowOf({ biz_opaque_callback_data })).toMatchObject({
      send_id: sendId,
      callback_data: biz_opaque_callback_data === '' ? null : biz_opaque_callback_data,
    });
  });
});

describe('price and error of a status', () => {
  it.each([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
    ['<IS_BILLABLE?>', null],
    [undefined, null],
    [1, null],
  ])('billable %j is %j', (billable, expected) => {
    expect(rowOf({ pricing: { billable, pricing_model: 'PMP' } })?.billable).toBe(expected);
  });

  it.each([
    [[{ code: 131049, title: 'T' }], 131049, 'T'],
    [[{ code: '131049', message: 'M' }], 131049, 'M'],
    [[{ code: 1, details: 'D' }], 1, 'D'],
    [[{ code: 'ERROR_CODE', title: 'T' }], null, 'T'],
    [{ code: 5, title: 'alone' }, 5, 'alone'],
    [[{ code: 99999999999, title: 'T' }], null, 'T'],
    [[], null, null],
    ['broken', null, null],
  ])('errors %j', (errors, error_code, error_title) => {
    expect(rowOf({ status: 'delivered', errors })).toMatchObject({ error_code, error_title });
  });

  it('131050 is an opt-out too, once, and only when the message failed', () => {
    const errors = [{ code: 131050, title: 'User stopped marketing' }];
    const { consent } = decoded(messagesChange({ statuses: [{ ...status, status: 'failed', errors }] }));
    expect(consent).toEqual([
      {
        event_id: 'status:wamid.s',
        occurred_at: second,
        contact_alias: null,
        phone_alias: aliasId('phone', '4915112345678'),
        user_alias: null,
        category: 'marketing',
        state: 'withdrawn',
        source: 'platform_refusal',
        detail: '131050',
        waba_id: 'waba',
        phone_number_id: 'pn',
      },
    ]);
    expect(decoded(messagesChange({ statuses: [{ ...status, errors }] })).consent).toEqual([]);
  });
});

describe('statuses that nobody has told us of', () => {
  it.each([['deleted'], ['warning'], ['hologram_seen']])('%s is a row like any other', (name) => {
    expect(rowOf({ status: name })?.status).toBe(name);
  });

  it('without an id or a state are set aside, and their neighbours go through', () => {
    const {
      status: rows,
      quarantine,
      counts,
    } = decoded(messagesChange({ statuses: [{ ...status, id: null }, status, { ...status, status: {} }, 'text'] }));
    expect(rows.length).toBe(1);
    expect(quarantine.map(({ reason, item, detail }) => [reason, item, detail])).toEqual([
      ['id_missing', 0, 'entry[0].changes[0].value.statuses[0]: statuses[].id is null'],
      ['item_invalid', 2, 'entry[0].changes[0].value.statuses[2]: statuses[].status is object'],
      ['item_invalid', 3, 'entry[0].changes[0].value.statuses[3]: is string, not an object'],
    ]);
    expect(counts).toEqual({ updates: 4, events: 0, commands: 0, unmodelled: 0, quarantined: 3 });
  });
});

describe('the hash of a status', () => {
  it('is the same for copies whatever the order of keys and the white space', () => {
    const body = messagesChange({ statuses: [{ ...status, pricing: { billable: true, category: 'utility' } }] });
    const turned = messagesChange({
      statuses: [{ pricing: { category: 'utility', billable: true }, ...Object.fromEntries(Object.entries(status).reverse()) }],
    });
    expect(decoded(JSON.stringify(turned, null, 3)).status).toEqual(decoded(body).status);
  });

  it('differs as soon as anything in the status does, known to us or not', () => {
    const hashes = [{}, { timestamp: 1750030073 }, { new_key: 1 }, { new_key: '1' }, { new_key: [1, 2] }, { new_key: [12] }];
    expect(new Set(hashes.map((more) => rowOf(more)?.content_hash)).size).toBe(hashes.length);
  });
});
