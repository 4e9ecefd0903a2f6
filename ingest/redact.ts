import { isObject } from './read.ts';
import { consentWord } from './stop-words.ts';

/**
 * Takes away what people wrote and are called, and leaves what decode reads: ids, times, types, amounts, taps, errors, and the words by
 * which people leave or rejoin. What decode makes of it stays the same, but for what is kept raw (`unmodelled_update`, quarantine).
 */
export function redact(value: unknown, key = ''): unknown {
  const special = specials[key];
  if (special !== undefined) return special(value);
  if (typeof value === 'string') return plain.has(key) ? value : removed;
  if (Array.isArray(value)) return emptied.has(key) ? [] : value.map((item) => redact(item, key));
  if (!isObject(value)) return value;
  if (emptied.has(key)) return {};
  const entries = Object.entries(value).filter(([name]) => !dropped.has(name));
  return Object.fromEntries(entries.map(([name, item]) => [name, redact(item, name)]));
}

/** What stands where a text was. */
export const removed = '…';

/** Texts that are ids, times, words of the platform's or of the business's own. */
const plain = new Set(
  `object id field event type status timestamp time at value category reason messaging_product
  display_phone_number phone_number_id waba_id group_id recipient_type recipient_id from to wa_id user_id parent_user_id
  from_user_id from_parent_user_id to_user_id to_parent_user_id recipient_user_id recipient_parent_user_id parent_recipient_user_id
  recipient_participant_id participant_recipient_id recipient_participant_user_id participant_recipient_user_id
  recipient_participant_parent_user_id participant_recipient_parent_user_id customer new_wa_id previous_user_id previous_parent_user_id
  contact_id phone send_id message_id campaign_id variant_id segment_id permit_id experiment_id arm_id order_id click_id
  template_name template_language message_type error_title state goal amount currency language time_zone original_message_id
  payload title emoji pricing_model biz_opaque_callback_data source_type source_id action_type click_component
  catalog_id product_retailer_id quantity item_price details message href command command_id actor`.split(/\s+/),
);

/** Whatever is in them is about the person. */
const emptied = new Set(['profile', 'attributes', 'image', 'video', 'audio', 'voice', 'sticker', 'document', 'location']);
/** Keys that go: absent, they read as unknown. */
const dropped = new Set(['name', 'attributes', 'detail', 'description', 'ctwa_clid', 'headline', 'media_url', 'welcome_message']);

const specials: Readonly<Record<string, (value: unknown) => unknown>> = {
  body: (value) => (typeof value !== 'string' ? redact(value) : consentWord(value) === null ? removed : value),
  url: (value) => (typeof value === 'string' ? value.replace(/[?#].*$/s, '') : redact(value)),
  text: (value) => (typeof value === 'string' ? value : redact(value)),
  contacts: (value) => (Array.isArray(value) ? value.map(contact) : redact(value)),
  response_json: survey,
};

/** The people of an update keep their ids; cards that a message carries are somebody's altogether. */
function contact(value: unknown): unknown {
  return isObject(value) && ('wa_id' in value || 'user_id' in value || 'parent_user_id' in value) ? redact(value) : {};
}

/** Of what a flow gives back the answers to a survey stay, as in decode. */
function survey(value: unknown): unknown {
  if (typeof value !== 'string') return removed;
  try {
    const { nps, csat } = JSON.parse(value) as Record<string, unknown>;
    return JSON.stringify({ nps, csat });
  } catch {
    return removed;
  }
}
