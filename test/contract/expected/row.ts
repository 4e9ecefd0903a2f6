import { aliasId } from '../../../ingest/alias.ts';

/** A row as it is expected: columns that are not named are null. Times are ISO text. Hashes and columns inside are not compared. */
export type ExpectedRow = Readonly<Record<string, unknown>>;
export type ExpectedFacts = Readonly<Record<string, Readonly<Partial<Record<FactTable, readonly ExpectedRow[]>>>>>;

/** The columns that are compared, by table. */
export const factColumns = {
  fact_message: [
    ...['message_key', 'origin_known', 'message_at', 'message_id', 'participant_alias'],
    ...['contact_alias', 'phone_alias', 'user_alias', 'country'],
    ...[
      'campaign_id',
      'variant_id',
      'template_name',
      'template_language',
      'category',
      'segment_id',
      'message_type',
      'expires_at',
    ],
    ...[
      'phone_number_id',
      'waba_id',
      'requested_at',
      'accepted_at',
      'held_at',
      'paused_at',
      'sent_at',
      'delivered_at',
      'read_at',
    ],
    ...['played_at', 'replied_at', 'clicked_at', 'failed_at', 'refused', 'error_code', 'error_title', 'dropped_at'],
    ...['priced_at', 'pricing_model', 'pricing_type', 'pricing_category', 'billable'],
  ],
  fact_status: [
    ...['message_id', 'participant_alias', 'status', 'occurred_at', 'send_id', 'callback_data', 'phone_alias', 'user_alias'],
    ...[
      'phone_number_id',
      'waba_id',
      'error_code',
      'error_title',
      'pricing_model',
      'pricing_type',
      'pricing_category',
      'billable',
    ],
    ...['conversation_id', 'conversation_type'],
  ],
  fact_inbound: [
    ...['message_id', 'occurred_at', 'phone_alias', 'user_alias', 'phone_number_id', 'waba_id', 'message_type', 'counted_type'],
    ...['counts_as_reply', 'context_id', 'button_payload', 'interactive_type', 'group_id', 'referral_source', 'referral_id'],
    ...['ctwa_clid', 'forwarded', 'error_code'],
  ],
  fact_click: [
    ...['event_id', 'occurred_at', 'source', 'contact_alias', 'send_id', 'message_id', 'campaign_id', 'url', 'component'],
    ...['click_id', 'phone_number_id', 'waba_id'],
  ],
  fact_conversion: [
    ...['event_id', 'kind', 'occurred_at', 'contact_alias', 'phone_alias', 'user_alias', 'order_id', 'goal', 'amount_micros'],
    ...['currency', 'send_id', 'campaign_id'],
  ],
  fact_consent: [
    ...['event_id', 'occurred_at', 'contact_alias', 'phone_alias', 'user_alias', 'category', 'state', 'source', 'detail'],
    ...['waba_id', 'phone_number_id'],
  ],
  fact_platform_event: [
    ...['field', 'event', 'occurred_at', 'waba_id', 'phone_number_id', 'display_phone', 'template_id', 'template_name'],
    ...['template_language', 'reason', 'old_value', 'new_value', 'error_code'],
  ],
  unmodelled_update: ['field', 'shape', 'occurred_at', 'waba_id'],
  contact_alias: ['alias_id', 'kind', 'value', 'country'],
  contact_link: ['alias_a', 'alias_b', 'occurred_at', 'source', 'link_month'],
  quarantine: ['item', 'record_kind', 'reason'],
} as const;
export type FactTable = keyof typeof factColumns;

/** The surrogates that facts use for a person. */
export const phone = (digits: string) => aliasId('phone', digits);
export const user = (id: string) => aliasId('user', id);

/** Rows of contact_alias. */
export const phoneRow = (value: string, country: string | null) => ({ alias_id: phone(value), kind: 'phone', value, country });
export const userRow = (value: string, country: string | null) => ({ alias_id: user(value), kind: 'user', value, country });

/** A row of contact_link: the smaller alias first. */
export function link(one: string, other: string, at: string, source = 'webhook'): ExpectedRow {
  const [alias_a, alias_b] = [one, other].sort();
  return { alias_a, alias_b, occurred_at: at, source, link_month: at.slice(0, 7) };
}

/** The person of most samples of the platform's own pages, and the business they write to. */
export const sheena = { phone_alias: phone('16505551234') };
export const sheenaRows = { contact_alias: [phoneRow('16505551234', 'US')] };
export const shop = { phone_number_id: '106540352242922', waba_id: '102290129340398' };

/** The person of the `.sdk` samples: a number in Israel, a user id and its parent from the US. */
const id = 'US.13491208655302741918';
const parent = 'US.ENT.11815799212886844830';
export const testName = { phone_alias: phone('972987654321'), user_alias: user(id) };
export const testNameRows = (at: string) => ({
  contact_alias: [phoneRow('972987654321', 'IL'), userRow(id, 'US'), userRow(parent, 'US')],
  contact_link: [link(phone('972987654321'), user(id), at), link(user(id), user(parent), at)],
});
/** The numbers and accounts of the `.sdk` samples. */
export const sdk = { phone_number_id: '1122334455667', waba_id: '1234567890987654321' };
export const sdkTaps = { phone_number_id: '1122334455667', waba_id: '5467539754836534' };
/** The account of samples whose numbers are placeholders: no phone can be read from them. */
export const placeholder = { phone_number_id: 'PHONE_NUMBER_ID', waba_id: 'WHATSAPP_BUSINESS_ACCOUNT_ID' };

/** The fact_message row of a message that is known only because an inbound message named it. */
export function named(messageId: string, at: string, states: { replied_at?: string; clicked_at?: string } = {}): ExpectedRow {
  return { message_key: messageId, origin_known: false, message_at: at, message_id: messageId, delivered_at: at, ...states };
}
