import { describe, expect, it } from 'vitest';
import { aliasId } from '../../../ingest/alias.ts';
import { decoded } from '../../webhook-record.ts';

const at = '2025-06-15T23:27:53.250001Z';
const micros = 1_750_030_073_250_001n;
const contact_alias = aliasId('contact', 'c-1');
const phone_alias = aliasId('phone', '4915112345678');
const user_alias = aliasId('user', 'BR.1');
const of = (event: object) => decoded([{ id: 'e-1', at, ...event }], 'event');
const person = { contact_id: 'c-1', phone: '+4915112345678', user_id: 'BR.1' };

describe('a send', () => {
  const requested = { type: 'message.requested', send_id: 's-1', phone_number_id: 'pn', ...person };

  it('is a row with who, what and until when', () => {
    const { send } = of({
      ...requested,
      campaign_id: 'k',
      variant_id: 'a',
      template_name: 't',
      category: 'marketing',
      ttl_seconds: 3600,
    });
    expect(send).toEqual([
      {
        ...{ event_id: 'e-1', step: 'requested', occurred_at: micros, send_id: 's-1', message_id: null },
        ...{ contact_alias, phone_alias, user_alias, country: 'DE', campaign_id: 'k', variant_id: 'a' },
        ...{
          template_name: 't',
          template_language: null,
          category: 'marketing',
          segment_id: null,
          permit_id: null,
          message_type: null,
        },
        ...{ expires_at: micros + 3_600_000_000n, phone_number_id: 'pn', waba_id: null, error_code: null, error_title: null },
      },
    ]);
  });

  it('with a time to live beyond reason never expires', () => {
    expect(of({ ...requested, ttl_seconds: Number.MAX_SAFE_INTEGER }).send[0]?.expires_at).toBeNull();
  });

  it.each([
    ['message.accepted', { message_id: 'wamid.1' }, { step: 'accepted', message_id: 'wamid.1', error_code: null }],
    ['message.held', {}, { step: 'held', message_id: null }],
    ['message.paused', {}, { step: 'paused' }],
    ['message.rejected', { error_code: 131049, error_title: 'no' }, { step: 'rejected', error_code: 131049, error_title: 'no' }],
    ['message.rejected', { error_code: 99999999999 }, { step: 'rejected', error_code: null }],
  ])('is answered by %s %j', (type, more, row) => {
    expect(of({ type, send_id: 's-1', ...more }).send).toMatchObject([{ ...row, send_id: 's-1', occurred_at: micros }]);
  });

  it('says that the ways in which it names a person are one person', () => {
    const { contact_link, contact_alias: rows } = of(requested);
    expect(contact_link.map(({ alias_a, alias_b, source, occurred_at }) => [alias_a, alias_b, source, occurred_at])).toEqual(
      [phone_alias, user_alias].map((other) => [...[contact_alias, other].sort(), 'backend', micros]),
    );
    expect(rows.map(({ kind, value, country }) => [kind, value, country]).sort()).toEqual([
      ['contact', 'c-1', null],
      ['phone', '4915112345678', 'DE'],
      ['user', 'BR.1', 'BR'],
    ]);
  });
});

describe('the other events', () => {
  it('a contact has a profile', () => {
    const { contact_profile } = of({ type: 'contact.upserted', ...person, name: 'Ann', attributes: { b: 1, a: [2] } });
    expect(contact_profile).toEqual([
      {
        ...{ contact_alias, occurred_at: micros, event_id: 'e-1', display_name: 'Ann', language: null, time_zone: null },
        attributes: '{"a":[2],"b":1}',
      },
    ]);
  });

  it('a consent', () => {
    expect(of({ type: 'consent.changed', contact_id: 'c-1', state: 'granted', detail: 'form 7' }).consent).toEqual([
      {
        ...{ event_id: 'e-1', occurred_at: micros, contact_alias, phone_alias: null, user_alias: null, category: 'marketing' },
        ...{ state: 'granted', source: 'backend', detail: 'form 7', waba_id: null, phone_number_id: null },
      },
    ]);
  });

  it('a segment is entered and left', () => {
    const move = { contact_id: 'c-1', segment_id: 'vip' };
    expect(
      [of({ type: 'segment.entered', ...move }), of({ type: 'segment.left', ...move })].map((r) => r.segment_membership),
    ).toEqual(
      [true, false].map((entered) => [{ event_id: 'e-1', segment_id: 'vip', contact_alias, entered, occurred_at: micros }]),
    );
  });

  it('an assignment', () => {
    expect(of({ type: 'experiment.assigned', experiment_id: 'x', contact_id: 'c-1', arm_id: 'a' }).assignment).toEqual([
      { experiment_id: 'x', contact_alias, arm_id: 'a', is_holdout: false, assigned_at: micros, event_id: 'e-1' },
    ]);
  });

  it('a click on a link of ours', () => {
    expect(of({ type: 'link.clicked', send_id: 's-1', url: 'https://shop.example/a', click_id: 'k' }).click).toMatchObject([
      { event_id: 'e-1', source: 'own', send_id: 's-1', url: 'https://shop.example/a', click_id: 'k', contact_alias: null },
    ]);
  });

  it.each([
    [
      { type: 'order.completed', order_id: 'o', amount: '12.50', currency: 'EUR' },
      { kind: 'order', amount_micros: 12_500_000n },
    ],
    [
      { type: 'order.refunded', order_id: 'o', amount: '0.000001', currency: 'EUR' },
      { kind: 'refund', amount_micros: 1n },
    ],
    [
      { type: 'goal.reached', goal: 'trial' },
      { kind: 'goal', goal: 'trial', amount_micros: null, order_id: null },
    ],
    [
      { type: 'goal.reached', goal: 'trial', amount: '999999999999.999999', currency: 'IDR' },
      { amount_micros: 999_999_999_999_999_999n },
    ],
  ])('money is exact: %j', (event, row) => {
    expect(of({ ...event, contact_id: 'c-1' }).conversion).toMatchObject([{ ...row, contact_alias, event_id: 'e-1' }]);
  });
});

describe('a bad event', () => {
  it('is set aside alone, with the field at fault and its bytes', () => {
    const good = { id: 'g', at, type: 'segment.left', contact_id: 'c-1', segment_id: 'vip' };
    const bad = { id: 'b', at: 'yesterday', type: 'segment.left', contact_id: 'c-1', segment_id: 'vip' };
    const { segment_membership, quarantine, counts } = decoded([good, bad, 7], 'event');
    expect(segment_membership.map(({ event_id }) => event_id)).toEqual(['g']);
    expect(quarantine.map(({ item, reason, record_kind }) => [item, reason, record_kind])).toEqual([
      [1, 'event_invalid', 'event'],
      [2, 'event_invalid', 'event'],
    ]);
    expect(quarantine[0]?.detail).toMatch(/^at: /);
    expect(JSON.parse(Buffer.from(quarantine[0]?.body ?? []).toString())).toEqual(bad);
    expect(counts).toEqual({ updates: 0, events: 3, commands: 0, unmodelled: 0, quarantined: 2 });
    expect(decoded(quarantine[0]?.body, 'event').quarantine[0]?.reason).toBe('event_invalid');
  });

  it('may lie in a year that no message was sent in', () => {
    const event = { id: 'b', type: 'segment.left', contact_id: 'c-1', segment_id: 'vip', at: '0001-01-01T00:00:00Z' };
    expect(decoded([event], 'event').quarantine[0]?.detail).toContain('not a time between 2009 and 2100');
  });
});

describe('a command', () => {
  const base = { command_id: 'cmd-1', at, actor: 'admin' };

  it('registers a campaign with its arms and defaults', () => {
    const body = { name: 'Spring', margin: 0.4, arms: [{ id: 'a' }, { id: 'none', weight: 0.5, holdout: true }] };
    const command = { ...base, command: 'campaign.put', id: 'k', body };
    const { campaign, variant } = decoded(command, 'command');
    expect(campaign).toMatchObject([
      {
        ...{ campaign_id: 'k', changed_at: micros, command_id: 'cmd-1', name: 'Spring', category: 'marketing', margin: 0.4 },
        ...{ reply_window_h: 24, optout_window_h: 24, conversion_window_d: 7, objective: null },
      },
    ]);
    expect(JSON.parse(campaign[0]?.settings ?? '')).toEqual(command);
    expect(variant.map(({ variant_id, weight, is_holdout }) => [variant_id, weight, is_holdout])).toEqual([
      ['a', 1, false],
      ['none', 0.5, true],
    ]);
  });

  it.each([
    ['portfolio.put', { name: 'P' }, { kind: 'portfolio', name: 'P', parent_id: null, time_zone: null, currency: null }],
    ['waba.put', { portfolio_id: 'p' }, { kind: 'waba', parent_id: 'p', time_zone: 'UTC', currency: 'USD', name: null }],
    ['phone_number.put', { waba_id: 'w', display_phone: '+49' }, { kind: 'phone_number', parent_id: 'w', display_phone: '+49' }],
  ])('%s registers %j', (command, body, row) => {
    const { registry, counts } = decoded({ ...base, command, id: 'r', body }, 'command');
    expect(registry).toMatchObject([{ ...row, id: 'r', changed_at: micros, command_id: 'cmd-1' }]);
    expect(counts.commands).toBe(1);
  });

  it('that does not fit is set aside', () => {
    const { quarantine } = decoded({ ...base, command: 'campaign.put', id: 'k', body: {} }, 'command');
    expect(quarantine).toMatchObject([{ reason: 'command_invalid', item: 0, record_kind: 'command' }]);
    expect(quarantine[0]?.detail).toMatch(/^body\.name: /);
  });
});
