import type { Staged } from '../ingest/staged.ts';

/** Rows as decode hands them to apply: what a test says of them, and nothing else known. Times are microseconds since 1970. */

export function sendRow(
  known: Pick<Staged<'send'>, 'event_id' | 'step' | 'occurred_at' | 'send_id'> & Partial<Staged<'send'>>,
): Staged<'send'> {
  return {
    message_id: null,
    contact_alias: null,
    phone_alias: null,
    user_alias: null,
    country: null,
    campaign_id: null,
    variant_id: null,
    template_name: null,
    template_language: null,
    category: null,
    segment_id: null,
    permit_id: null,
    message_type: null,
    expires_at: null,
    phone_number_id: null,
    waba_id: null,
    error_code: null,
    error_title: null,
    ...known,
  };
}

export function statusRow(
  known: Pick<Staged<'status'>, 'message_id' | 'status' | 'occurred_at' | 'content_hash'> & Partial<Staged<'status'>>,
): Staged<'status'> {
  return {
    participant_alias: null,
    send_id: null,
    callback_data: null,
    phone_alias: null,
    user_alias: null,
    country: 'DE',
    phone_number_id: '1',
    waba_id: '2',
    error_code: null,
    error_title: null,
    pricing_model: null,
    pricing_type: null,
    pricing_category: null,
    billable: null,
    conversation_id: null,
    conversation_type: null,
    ...known,
  };
}

/** A text that counts as a reply. */
export function inboundRow(
  known: Pick<Staged<'inbound'>, 'message_id' | 'occurred_at' | 'content_hash'> & Partial<Staged<'inbound'>>,
): Staged<'inbound'> {
  return {
    phone_alias: null,
    user_alias: null,
    phone_number_id: '1',
    waba_id: '2',
    message_type: 'text',
    counted_type: 'reply',
    counts_as_reply: true,
    context_id: null,
    button_payload: null,
    interactive_type: null,
    group_id: null,
    referral_source: null,
    referral_id: null,
    ctwa_clid: null,
    forwarded: null,
    error_code: null,
    ...known,
  };
}

/** Somebody who does not want marketing any more. */
export function consentRow(
  known: Pick<Staged<'consent'>, 'event_id' | 'occurred_at'> & Partial<Staged<'consent'>>,
): Staged<'consent'> {
  return {
    contact_alias: null,
    phone_alias: null,
    user_alias: null,
    category: 'marketing',
    state: 'withdrawn',
    source: 'preference',
    detail: null,
    waba_id: null,
    phone_number_id: null,
    ...known,
  };
}

/** An order of 12.50 euros. */
export function conversionRow(
  known: Pick<Staged<'conversion'>, 'event_id' | 'occurred_at'> & Partial<Staged<'conversion'>>,
): Staged<'conversion'> {
  return {
    kind: 'order',
    contact_alias: null,
    phone_alias: null,
    user_alias: null,
    order_id: null,
    goal: null,
    amount_micros: 12_500_000n,
    currency: 'EUR',
    send_id: null,
    campaign_id: null,
    ...known,
  };
}

export function clickRow(known: Pick<Staged<'click'>, 'event_id' | 'occurred_at'> & Partial<Staged<'click'>>): Staged<'click'> {
  return {
    source: 'own',
    contact_alias: null,
    send_id: null,
    message_id: null,
    campaign_id: null,
    url: 'https://shop.example/spring',
    component: null,
    click_id: null,
    phone_number_id: null,
    waba_id: null,
    ...known,
  };
}

export function aliasRow(alias_id: string): Staged<'contact_alias'> {
  const kind = alias_id.startsWith('c') ? 'contact' : alias_id.startsWith('p') ? 'phone' : 'user';
  return { alias_id, kind, value: alias_id, country: null };
}
