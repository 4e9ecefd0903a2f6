import { describe, expect, it } from 'vitest';
import { aliasId } from '../../../ingest/alias.ts';
import { changeOf, decoded, message, messagesChange, second } from '../../webhook-record.ts';

const from = (more: object, contacts: object[] = []) =>
  decoded(messagesChange({ contacts, messages: [{ ...message, ...more }] }));
const rowOf = (more: object) => from(more).inbound[0];

const ordinary = ['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts', 'interactive'];

describe('what a message counts as', () => {
  it.each(ordinary)('%s: a reply', (type) => {
    expect(rowOf({ type, text: undefined })).toMatchObject({ message_type: type, counted_type: 'reply', counts_as_reply: true });
  });

  it.each([
    ['button', 'button', true],
    ['order', 'order', true],
    ['unsupported', 'unsupported', true],
    ['edit', 'edit', false],
    ['revoke', 'revoke', false],
    ['system', 'system', false],
    ['hologram', 'unknown', false],
  ])('%s: %s', (type, counted_type, counts_as_reply) => {
    expect(rowOf({ type, text: undefined })).toMatchObject({ message_type: type, counted_type, counts_as_reply });
  });

  it('without a type is unknown, and unknown with 131051 is what is now called unsupported', () => {
    expect(rowOf({ type: undefined })).toMatchObject({
      message_type: 'unknown',
      counted_type: 'unknown',
      counts_as_reply: false,
    });
    expect(rowOf({ type: 'unknown', errors: [{ code: 131051 }] })).toMatchObject({
      message_type: 'unknown',
      counted_type: 'unsupported',
      counts_as_reply: true,
      error_code: 131051,
    });
  });

  it.each([
    [{ message_id: 'wamid.o', emoji: '👍' }, 'reaction'],
    [{ message_id: 'wamid.o', emoji: '' }, 'reaction_removed'],
    [{ message_id: 'wamid.o' }, 'reaction_removed'],
  ])('reaction %j: %s, in the context of the message reacted to', (reaction, counted_type) => {
    expect(rowOf({ type: 'reaction', reaction })).toMatchObject({ counted_type, counts_as_reply: false, context_id: 'wamid.o' });
  });

  it.each([
    [{ type: 'nfm_reply', nfm_reply: { name: 'flow', response_json: '{broken' } }, 'nfm_reply', null],
    [{ type: 'nfm_reply', nfm_reply: { response_json: null } }, 'nfm_reply', null],
    [{ type: 'nfm_reply', nfm_reply: { response_json: '[1]' } }, 'nfm_reply', null],
    // Of a flow's answers only that to a survey is kept.
    [{ type: 'nfm_reply', nfm_reply: { response_json: '{"nps":"9","comment":"call me on 123"}' } }, 'nfm_reply', 'nps:9'],
    [{ type: 'nfm_reply', nfm_reply: { response_json: '{"csat":4}' } }, 'nfm_reply', 'csat:4'],
    [{ type: 'nfm_reply', nfm_reply: { response_json: '{"nps":"very good"}' } }, 'nfm_reply', null],
    [{ type: 'payment_method', payment_method: {} }, 'payment_method', null],
    [{ type: 'call_permission_reply' }, 'call_permission_reply', null],
    [{ type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } }, 'button_reply', 'yes'],
    [{ type: 'list_reply', list_reply: { id: 'a', title: 'A', description: 'x' } }, 'list_reply', 'a'],
    [{ type: 'button_reply', button_reply: 'broken' }, 'button_reply', null],
    [undefined, null, null],
  ])('interactive %j is a reply', (interactive, interactive_type, button_payload) => {
    expect(rowOf({ type: 'interactive', interactive })).toMatchObject({
      ...{ interactive_type, button_payload, counted_type: 'reply', counts_as_reply: true },
    });
  });
});

describe('an opt-out', () => {
  it.each([
    ...['STOP', 'stop', ' Stop. ', 'STOP!', 'Unsubscribe', 'opt-out', 'OPT_OUT', 'Stop promotions', 'STOP 🛑'],
    ...['Désabonner', 'ARRÊT', 'Abmelden', 'BAJA', 'dar de baja', 'SAIR', 'Não quero receber', 'afmelden', 'berhenti', 'बंद करें'],
    ...['توقف', 'إلغاء الاشتراك', 'Abonelikten çık', 'ABONELİKTEN ÇIK', 'disiscrivimi'],
  ])('is the text %j and nothing else', (body) => {
    const { inbound, consent } = from({ text: { body } });
    expect(inbound[0]).toMatchObject({ counted_type: 'opt_out', counts_as_reply: false });
    expect(consent[0]).toMatchObject({
      ...{ event_id: 'inbound:wamid.m', occurred_at: second, state: 'withdrawn', category: 'marketing', source: 'stop_word' },
      phone_alias: aliasId('phone', '4915112345678'),
    });
  });

  it.each([['Please stop by tomorrow'], ['non-stop'], ['stop it'], ['Cancel'], ['no'], ['']])('is not %j', (body) => {
    const { inbound, consent } = from({ text: { body } });
    expect(inbound[0]?.counted_type).toBe('reply');
    expect(consent).toEqual([]);
  });

  it.each([
    [{ type: 'button', button: { payload: 'PROMO_7', text: 'Stop promotions' } }],
    [{ type: 'button', button: { payload: 'unsubscribe', text: 'No thanks' } }],
    [{ type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'x', title: 'Unsubscribe' } } }],
    [{ type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'STOP', title: 'Leave' } } }],
  ])('is a tap %j, by its name or its text', (more) => {
    const { inbound, consent } = from(more);
    expect(inbound[0]?.counted_type).toBe('opt_out');
    expect(consent.map(({ source }) => source)).toEqual(['button']);
  });

  it('has a counterpart that is counted, and gives no consent by itself', () => {
    for (const body of ['START', 'Unstop', 'opt in', 'Subscribe']) {
      const { inbound, consent } = from({ text: { body } });
      expect(inbound[0]).toMatchObject({ counted_type: 'opt_in', counts_as_reply: false });
      expect(consent).toEqual([]);
    }
  });
});

describe('a wish to rejoin', () => {
  it('is a text or a template button, not an entry of a menu', () => {
    const menu = { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'start', title: 'Start' } } };
    expect(rowOf(menu)?.counted_type).toBe('reply');
    expect(rowOf({ type: 'button', button: { payload: 'x', text: 'Subscribe' } })?.counted_type).toBe('opt_in');
  });
});

describe('the message that one answers', () => {
  const context = { from: '16505550000', id: 'wamid.ours' };

  it('is the one named by its context', () => {
    expect(rowOf({ context })?.context_id).toBe('wamid.ours');
    expect(rowOf({ context: { id: 'wamid.ours' } })?.context_id).toBe('wamid.ours');
    expect(rowOf({ context: { forwarded: true } })).toMatchObject({ context_id: null, forwarded: true });
  });

  it('is none of ours when people quote themselves, by number or by user id', () => {
    expect(rowOf({ context: { from: '4915112345678', id: 'wamid.theirs' } })?.context_id).toBeNull();
    const byUserId = { from: undefined, from_user_id: 'DE.1', context: { from: 'DE.1', id: 'wamid.theirs' } };
    expect(rowOf(byUserId)?.context_id).toBeNull();
  });

  it('is none of ours when a group member answers another', () => {
    const group_id = 'group';
    expect(rowOf({ group_id, context: { from: '4915100000009', id: 'wamid.theirs' } })?.context_id).toBeNull();
    expect(rowOf({ group_id, context })).toMatchObject({ context_id: 'wamid.ours', group_id });
  });

  it('is not taken from an echo: the business answers the person there', () => {
    const echo = { ...message, from: '16505550000', to: '4915112345678', context: { id: 'wamid.theirs' } };
    expect(decoded(messagesChange({ message_echoes: [echo] })).inbound[0]).toMatchObject({
      ...{ counted_type: 'echo', counts_as_reply: false, context_id: null, phone_alias: aliasId('phone', '4915112345678') },
    });
  });

  it('is not the one that was edited or taken back', () => {
    const edit = { original_message_id: 'wamid.o', message: { context: { id: 'M0' }, type: 'text', text: { body: 'STOP' } } };
    expect(rowOf({ type: 'edit', edit, text: undefined })?.context_id).toBeNull();
  });
});

describe('an order', () => {
  const order = (...product_items: unknown[]) => from({ type: 'order', order: { product_items } }).conversion[0];
  const item = { quantity: 2, item_price: 30, currency: 'EUR' };

  it.each([
    ['0.1 × 3, where a float gives 0.30000000000000004', [{ quantity: 3, item_price: 0.1, currency: 'EUR' }], 300_000n],
    ['a quantity as text', [{ ...item, quantity: '2' }], 60_000_000n],
    ['a price as text', [{ ...item, item_price: '12.345678' }], 24_691_356n],
    ['several items', [item, { quantity: 1, item_price: 99.99, currency: 'EUR' }], 159_990_000n],
    ['a price beyond a double', [{ ...item, quantity: 1, item_price: '9007199254740.993' }], 9_007_199_254_740_993_000n],
    ['free of charge', [{ ...item, item_price: 0 }], 0n],
  ])('adds up exactly: %s', (_, items, amount_micros) => {
    expect(order(...items)).toMatchObject({ amount_micros, currency: 'EUR', order_id: 'wamid.m', kind: 'order' });
  });

  it.each([
    ['two currencies', [item, { ...item, currency: 'USD' }], null],
    ['no items', [], null],
    ['an item without a price', [item, { quantity: 1, currency: 'EUR' }], 'EUR'],
    ['a negative price', [{ ...item, item_price: -1 }], 'EUR'],
    ['more than a column holds', [{ ...item, item_price: '99999999999999999999' }], 'EUR'],
    ['less than a micro-unit', [{ ...item, quantity: 1, item_price: '0.0000001' }], 'EUR'],
    ['an item that is no object', [item, 7], null],
  ])('has no known value with %s', (_, items, currency) => {
    expect(order(...items)).toMatchObject({ amount_micros: null, currency });
  });
});

describe('a notice of the platform', () => {
  const ids = (a: string, b: string) => [a, b].sort();

  it('links the old number with the new one', () => {
    const { contact_link, inbound } = from({ type: 'system', system: { type: 'user_changed_number', wa_id: '4915199999999' } });
    const [alias_a, alias_b] = ids(aliasId('phone', '4915112345678'), aliasId('phone', '4915199999999'));
    expect(contact_link).toEqual([{ alias_a, alias_b, occurred_at: second, source: 'number_change', link_month: '2025-06' }]);
    expect(inbound[0]?.counted_type).toBe('system');
  });

  it('links the old user id with the new one, and their parents', () => {
    const system = {
      type: 'user_changed_user_id',
      user_id: 'DE.new',
      previous_user_id: 'DE.old',
      previous_parent_user_id: 'DE.ENT.old',
    };
    const { contact_link } = from({ type: 'system', system: { ...system, parent_user_id: 'DE.ENT.new' } });
    const changes = contact_link
      .filter(({ source }) => source === 'user_change')
      .map(({ alias_a, alias_b }) => [alias_a, alias_b]);
    expect(changes).toEqual([
      ids(aliasId('user', 'DE.old'), aliasId('user', 'DE.new')),
      ids(aliasId('user', 'DE.ENT.old'), aliasId('user', 'DE.ENT.new')),
    ]);
  });

  it('takes the sender for the old id where it names none', () => {
    const { contact_link } = from({
      from_user_id: 'DE.old',
      type: 'system',
      system: { type: 'user_changed_user_id', user_id: 'DE.new' },
    });
    const [alias_a, alias_b] = ids(aliasId('user', 'DE.old'), aliasId('user', 'DE.new'));
    expect(contact_link).toContainEqual({ alias_a, alias_b, occurred_at: second, source: 'user_change', link_month: '2025-06' });
  });
});

describe('preferences, clicks and detected conversions', () => {
  const preference = { wa_id: '4915112345678', category: 'marketing_messages', value: 'stop', timestamp: 1750030073 };
  const consentOf = (more: object) => decoded(changeOf({ user_preferences: [{ ...preference, ...more }] }, 'user_preferences'));

  it.each([
    ['stop', 'withdrawn'],
    ['resume', 'granted'],
    ['signup', 'granted'],
  ])('%s: %s', (value, state) => {
    expect(consentOf({ value }).consent[0]).toMatchObject({ state, source: 'preference', category: 'marketing' });
  });

  it('a copy has the same id, and another person, value or time another', () => {
    const ids = [{}, {}, { value: 'resume' }, { timestamp: 1750030074 }, { wa_id: '4915112345679' }, { user_id: 'DE.1' }].map(
      (more) => consentOf(more).consent[0]?.event_id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(5);
  });

  it('a preference value that is new is kept raw', () => {
    const { consent, unmodelled_update } = consentOf({ value: 'snooze' });
    expect(consent).toEqual([]);
    expect(unmodelled_update[0]).toMatchObject({
      field: 'user_preferences',
      shape: 'user_preferences.snooze',
      occurred_at: second,
    });
  });

  const click = {
    action_type: 'marketing_messages_link_click',
    timestamp: '1750030073',
    marketing_messages_link_click_data: { click_component: 'cta', click_id: 'click-1', tracking_token: 't' },
  };

  it('a click names no person and no message; a view of the landing page is no second click', () => {
    const { click: clicks, unmodelled_update } = decoded(
      messagesChange({ user_actions: [click, { action_type: 'landing_page_view', timestamp: '1750030073' }] }),
    );
    expect(clicks).toMatchObject([
      { source: 'platform', component: 'cta', click_id: 'click-1', contact_alias: null, send_id: null, message_id: null },
    ]);
    expect(unmodelled_update.map(({ shape }) => shape)).toEqual(['messages.user_actions.landing_page_view']);
  });

  it('a detected purchase is its value ÷ 1000', () => {
    const event = (value: unknown) => ({
      id: 'e',
      event_name: 'Purchase',
      timestamp: 1750030073,
      custom_data: { currency: 'INR', value },
    });
    const amounts = [25000, '12345', 0.5, 'n/a', undefined].map(
      (value) => decoded(changeOf({ automatic_events: [event(value)] }, 'automatic_events')).conversion[0]?.amount_micros,
    );
    expect(amounts).toEqual([25_000_000n, 12_345_000n, 500n, null, null]);
  });
});
