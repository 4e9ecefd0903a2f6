import { describe, expect, it } from 'vitest';
import { aliasId } from '../../../ingest/alias.ts';
import { decodeRecord } from '../../../ingest/decode.ts';
import type { RecordKind } from '../../../ingest/record.ts';
import { emptyDecoded } from '../../../ingest/staged.ts';
import { changeOf, decoded, message, messagesChange, recordOf, second, status } from '../../webhook-record.ts';

const reasons = (body: unknown, kind: RecordKind = 'webhook') =>
  decoded(body, kind).quarantine.map(({ reason, item }) => [reason, item]);

describe('a webhook body', () => {
  it('may mix accounts, fields and numbers, and one change may hold every list', () => {
    const whole = { statuses: [status], messages: [message], errors: [{ code: 130429, title: 'Rate limit hit' }] };
    const rows = decoded({
      object: 'whatsapp_business_account',
      entry: [
        { id: 'waba-1', changes: [{ field: 'messages', value: whole }] },
        {
          id: 'waba-2',
          time: 1750030073,
          changes: [
            { field: 'account_update', value: { event: 'ACCOUNT_DELETED' } },
            { field: 'security', value: { event: 'PIN_CHANGED' } },
          ],
        },
      ],
    });
    expect(rows.counts).toEqual({ updates: 5, events: 0, commands: 0, unmodelled: 0, quarantined: 0 });
    expect([rows.status[0]?.waba_id, rows.inbound[0]?.waba_id]).toEqual(['waba-1', 'waba-1']);
    expect(rows.platform_event.map(({ field, event, waba_id }) => [field, event, waba_id])).toEqual([
      ['messages', 'error', 'waba-1'],
      ['account_update', 'ACCOUNT_DELETED', 'waba-2'],
      ['security', 'PIN_CHANGED', 'waba-2'],
    ]);
  });

  it('is read by what it holds when the field is wrong, unknown or absent', () => {
    for (const field of ['account_update', 'standby', 'hologram', undefined]) {
      expect(decoded(changeOf({ statuses: [status] }, field as string)).status.length).toBe(1);
    }
    const quality = { new_quality_score: 'RED', message_template_id: 'ID' };
    const raw = JSON.stringify(changeOf(quality, 'x')).replace('"ID"', '1234567890123456789');
    expect(decoded(raw).platform_event[0]).toMatchObject({
      ...{ field: 'message_template_quality_update', template_id: '1234567890123456789', new_value: 'RED' },
    });
  });

  it('keeps ids exact that are numbers beyond 2^53', () => {
    const raw = JSON.stringify(messagesChange({ statuses: [{ ...status, id: 'ID' }] })).replace('"ID"', '12345678901234567');
    expect(decoded(raw).status[0]?.message_id).toBe('12345678901234567');
  });

  it.each([
    ['not JSON', '{', 'json_invalid'],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'utf8_invalid'],
    ['empty', '', 'json_invalid'],
    ['a list', '[]', 'envelope_invalid'],
    ['without entries', '{"object":"page"}', 'envelope_invalid'],
    [
      'deeper than the stack',
      `{"entry":[{"changes":[{"value":{"statuses":${'['.repeat(200_000)}${']'.repeat(200_000)}}}]}]}`,
      'item_invalid',
    ],
  ])('that is %s is set aside whole, with its bytes', (_, body, reason) => {
    const record = recordOf(body);
    const into = emptyDecoded();
    const counts = decodeRecord(record, into);
    expect(counts.quarantined).toBe(1);
    expect(into.quarantine[0]).toMatchObject({ reason, item: -1, log_partition: 'log', log_offset: 0n });
    expect(into.quarantine[0]?.body).toBe(record.body);
  });

  it('that nests an update deeper than the stack loses only that update', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    const raw = JSON.stringify(messagesChange({ statuses: [{ ...status, deep: 'DEEP' }, status] })).replace('"DEEP"', deep);
    const { status: rows, quarantine } = decoded(raw);
    expect(quarantine.map(({ reason }) => reason)).toEqual(['too_deep']);
    expect(rows.length).toBe(1);
  });

  it('sets aside the parts of its frame that are broken, and reads the others', () => {
    const good = { field: 'messages', value: { statuses: [status] } };
    const rows = decoded({ entry: [7, { id: 'a' }, { id: 'b', changes: [null, { field: 'messages', value: 'text' }, good] }] });
    expect(rows.quarantine.map(({ reason, item }) => [reason, item])).toEqual(
      [0, 1, 2, 3].map((item) => ['envelope_invalid', item]),
    );
    expect(rows.status.length).toBe(1);
  });
});

describe('what is set aside', () => {
  it('decodes again, as it stands, to the same finding', () => {
    const bad = messagesChange({
      contacts: [{ wa_id: '4915112345678', user_id: 'DE.1' }],
      statuses: [status, { ...status, id: 'wamid.bad', timestamp: 'TIMESTAMP' }],
    });
    const [first] = decoded(bad).quarantine;
    const again = decoded(first?.body).quarantine[0];
    expect(again?.reason).toBe('time_invalid');
    const mended = Buffer.from(first?.body ?? [])
      .toString()
      .replace('"TIMESTAMP"', '"1750030073"');
    expect(decoded(mended).status).toMatchObject([
      { message_id: 'wamid.bad', phone_number_id: 'pn', user_alias: aliasId('user', 'DE.1') },
    ]);
  });

  it('does not grow with the square of a hostile body', () => {
    const contacts = Array.from({ length: 1000 }, (_, i) => ({
      wa_id: String(4915100000000 + i),
      profile: { name: 'n'.repeat(100) },
    }));
    const body = JSON.stringify(messagesChange({ contacts, statuses: Array.from({ length: 1000 }, () => ({})) }));
    const { quarantine } = decoded(body);
    expect(quarantine.length).toBe(1000);
    expect(quarantine.reduce((sum, { body: { length } }) => sum + length, 0)).toBeLessThan(body.length * 3);
  });

  it('of an unknown kind of record is the whole record', () => {
    expect(reasons('{}', 'letter' as RecordKind)).toEqual([['record_kind_unknown', -1]]);
  });
});

describe('what Sluice does not model', () => {
  it.each([
    ['calls', { calls: [{ event: 'connect', id: 'wacid' }] }, 'calls.connect'],
    ['flows', { event: 'FLOW_STATUS_CHANGE', message: 'free text' }, 'flows.FLOW_STATUS_CHANGE'],
    ['group_participants_update', { groups: [{ type: 'group_join' }] }, 'group_participants_update.groups.group_join'],
    ['history', { messages: [{ ...message, type: 'image' }] }, 'history.messages.image'],
    ['smb_app_state_sync', { state_sync: [{ type: 'contact' }] }, 'smb_app_state_sync.state_sync.contact'],
    ['messages', { hologram_pokes: [{ type: 'poke' }] }, 'messages.hologram_pokes.poke'],
    ['business_username_update', { username: 'a name with spaces' }, 'business_username_update'],
    ['messages', {}, 'messages'],
    ['messages', { contacts: [{ wa_id: '4915112345678' }] }, 'messages'],
  ])('is kept with its field and its shape: %s %j', (field, value, shape) => {
    const { unmodelled_update, counts, inbound } = decoded(changeOf(value, field, { time: 1750030073 }));
    expect(unmodelled_update).toMatchObject([{ field, shape, waba_id: 'waba', occurred_at: second }]);
    expect(counts).toMatchObject({ updates: 1, unmodelled: 1, quarantined: 0 });
    expect(inbound).toEqual([]);
    expect(JSON.parse(unmodelled_update[0]?.payload ?? '')).toEqual({ field, value });
  });

  it('is kept beside what it does', () => {
    const { status: rows, unmodelled_update } = decoded(
      messagesChange({ statuses: [status], pokes: [{ id: 1 }, { id: 2 }], poke: { id: 3 } }),
    );
    expect(rows.length).toBe(1);
    expect(unmodelled_update.map(({ shape }) => shape)).toEqual(['messages.pokes', 'messages.pokes', 'messages.poke']);
    expect(new Set(unmodelled_update.map(({ update_hash }) => update_hash)).size).toBe(3);
  });
});

describe('a platform event', () => {
  const eventOf = (field: string, value: object) => decoded(changeOf(value, field, { time: 1750030073 })).platform_event[0];

  it.each([
    [{ event: 'PAUSED', reason: null, other_info: { title: 'FIRST_PAUSE' } }, 'PAUSED', 'FIRST_PAUSE'],
    [{ event: 'APPROVED', reason: 'NONE' }, 'APPROVED', 'NONE'],
    [{ event: 'DISABLED', reason: 'ABUSIVE_CONTENT', other_info: { title: 'DISABLED' } }, 'DISABLED', 'ABUSIVE_CONTENT'],
    [{ event: 'FLAGGED', disable_info: { disable_date: 'April 17, 2025' } }, 'FLAGGED', null],
  ])('of a template %j', (value, event, reason) => {
    expect(eventOf('message_template_status_update', value)).toMatchObject({ event, reason, occurred_at: second });
  });

  it.each([
    [
      'phone_number_quality_update',
      { event: 'DOWNGRADE', old_limit: 'TIER_1K', current_limit: 'TIER_250' },
      'TIER_1K',
      'TIER_250',
    ],
    ['phone_number_quality_update', { event: 'ONBOARDING', max_daily_conversations_per_business: 'TIER_2K' }, null, 'TIER_2K'],
    ['business_capability_update', { max_daily_conversation_per_phone: -1 }, null, '-1'],
    ['template_category_update', { new_category: 'UTILITY', correct_category: 'MARKETING' }, 'UTILITY', 'MARKETING'],
    ['template_correct_category_detection', { category: 'UTILITY', correct_category: 'MARKETING' }, 'UTILITY', 'MARKETING'],
    ['account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }, null, 'DISABLE'],
  ])('of %s says what changed: %j', (field, value, old_value, new_value) => {
    expect(eventOf(field, value)).toMatchObject({ old_value, new_value });
  });

  it('of a phone number is about that number', () => {
    const alert = { entity_type: 'PHONE_NUMBER', entity_id: 106540352242922, alert_info: { alert_type: 'OBA_APPROVED' } };
    expect(eventOf('account_alerts', alert)).toMatchObject({ phone_number_id: '106540352242922', event: 'OBA_APPROVED' });
  });

  it('without an entry time takes the date in its text', () => {
    const value = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE', waba_ban_date: 'April 17, 2025' } };
    expect(decoded(changeOf(value, 'account_update')).platform_event[0]?.occurred_at).toBe(BigInt(Date.UTC(2025, 3, 17)) * 1000n);
  });

  it('has one hash a copy, and another when entry, field, value or time differ', () => {
    const hash = (value: object, entry: object, field = 'security') =>
      decoded(changeOf(value, field, entry)).platform_event[0]?.event_hash;
    const value = { event: 'PIN_CHANGED', display_phone_number: '1' };
    const copy = { display_phone_number: '1', event: 'PIN_CHANGED' };
    expect(hash(copy, { time: 1750030073 })).toBe(hash(value, { time: 1750030073 }));
    const others = [
      hash(value, { time: 1750030074 }),
      hash(value, { id: 'other', time: 1750030073 }),
      hash({ ...value, event: 'PIN_RESET_REQUEST' }, { time: 1750030073 }),
    ];
    expect(new Set([...others, hash(value, { time: 1750030073 })]).size).toBe(4);
  });
});

describe('aliases', () => {
  it('get one row a batch, and again in a batch that was emptied', () => {
    const into = emptyDecoded();
    const record = recordOf(messagesChange({ statuses: [status, status], messages: [message] }));
    decodeRecord(record, into);
    decodeRecord(record, into);
    expect(into.contact_alias).toEqual([
      { alias_id: aliasId('phone', '4915112345678'), kind: 'phone', value: '4915112345678', country: 'DE' },
    ]);
    into.contact_alias.length = 0;
    decodeRecord(record, into);
    expect(into.contact_alias.length).toBe(1);
  });
});
