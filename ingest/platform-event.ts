import type { Change } from './change.ts';
import { instantOf } from './instant.ts';
import { canonicalJson } from './json.ts';
import type { Problem } from './output.ts';
import { isObject, type JsonObject, objectOf, text } from './read.ts';
import type { Staged } from './staged.ts';
import { errorOf } from './status.ts';

type PlatformEvent = Staged<'platform_event'>;
/** What a field says beyond the template and number that it is about. */
type Reading = Partial<Pick<PlatformEvent, 'event' | 'reason' | 'old_value' | 'new_value' | 'phone_number_id'>>;

/** Changes of templates, numbers, limits and accounts that the controller acts upon. */
const fields: Record<string, (value: JsonObject) => Reading> = {
  message_template_status_update: (value) => ({ event: text(value['event']), reason: templateReason(value) }),
  message_template_quality_update: (value) => ({
    old_value: text(value['previous_quality_score']),
    new_value: text(value['new_quality_score']),
  }),
  message_template_components_update: () => ({}),
  template_category_update: categoryChange,
  template_correct_category_detection: (value) => ({
    old_value: text(value['category']) ?? text(value['new_category']),
    new_value: text(value['correct_category']),
  }),
  phone_number_quality_update: (value) => ({
    event: text(value['event']),
    old_value: text(value['old_limit']),
    new_value: text(value['current_limit']) ?? text(value['max_daily_conversations_per_business']),
  }),
  phone_number_name_update: (value) => ({
    event: text(value['decision']),
    reason: text(value['rejection_reason']),
    new_value: text(value['requested_verified_name']),
  }),
  /** Of Sluice's own poller (api/poll): what no webhook of the platform tells. */
  phone_number_health: (value) => ({
    event: text(objectOf(value['health_status'])['can_send_message']),
    reason: text(value['status']),
    old_value: text(value['previous_quality_rating']),
    new_value: text(value['quality_rating']),
  }),
  business_capability_update: (value) => ({
    new_value: text(value['max_daily_conversations_per_business']) ?? text(value['max_daily_conversation_per_phone']),
  }),
  account_alerts: alert,
  account_update: accountChange,
  account_review_update: (value) => ({ event: text(value['decision']) }),
  security: (value) => ({ event: text(value['event']) }),
};

/**
 * The field that a change is about, by its content where that speaks: the platform's own samples carry wrong fields, or none.
 * Null when it is no platform event.
 */
export function platformField(field: string, value: JsonObject): string | null {
  const has = (...keys: string[]) => keys.some((key) => key in value);
  if (has('new_quality_score')) return 'message_template_quality_update';
  if (field in fields) return field;
  const event = text(value['event']) ?? '';
  if (has('alert_info', 'alert_type')) return 'account_alerts';
  if (has('message_template_id')) {
    if (has('correct_category', 'previous_category')) return 'template_category_update';
    if (has('message_template_element')) return 'message_template_components_update';
    if (event !== '') return 'message_template_status_update';
  }
  if (
    has('waba_info', 'ban_info', 'violation_info', 'restriction_info', 'volume_tier_info', 'partner_client_certification_info')
  ) {
    return 'account_update';
  }
  if (/^(ACCOUNT|PARTNER|DISABLED)_/.test(event)) return 'account_update';
  if (has('max_daily_conversations_per_business', 'max_daily_conversation_per_phone') && event === '') {
    return 'business_capability_update';
  }
  if (has('display_phone_number')) {
    if (event.startsWith('PIN_')) return 'security';
    if (has('current_limit', 'old_limit')) return 'phone_number_quality_update';
    if (has('decision')) return 'phone_number_name_update';
  }
  return has('decision') ? 'account_review_update' : null;
}

/** A whole change that is one platform event. */
export function decodePlatformEvent(change: Change, field: string): void {
  const { value } = change;
  const reading = fields[field]?.(value) ?? {};
  const dated = objectOf(value['ban_info'])['waba_ban_date'] ?? objectOf(value['volume_tier_info'])['tier_update_time'];
  change.out.into.platform_event.push({
    event_hash: change.updateHash(),
    field,
    event: reading.event ?? null,
    occurred_at: change.entryTime ?? instantOf(dated),
    waba_id: text(objectOf(value['waba_info'])['waba_id']) ?? change.wabaId,
    phone_number_id: reading.phone_number_id ?? change.phoneNumberId,
    display_phone: change.displayPhone,
    template_id: text(value['message_template_id']),
    template_name: text(value['message_template_name']),
    template_language: text(value['message_template_language']),
    reason: reading.reason ?? null,
    old_value: reading.old_value ?? null,
    new_value: reading.new_value ?? null,
    error_code: null,
    payload: canonicalJson({ field: change.field, value }),
  });
}

/** One of `value.errors[]`: a fault of the account or app, not of one message. It has no time of its own. */
export function decodeValueError(change: Change, error: JsonObject, index: number): Problem | null {
  const { code, title } = errorOf(error);
  change.out.into.platform_event.push({
    event_hash: change.updateHash(`errors/${index}`),
    field: change.field,
    event: 'error',
    occurred_at: change.entryTime ?? change.firstTime,
    waba_id: change.wabaId,
    phone_number_id: change.phoneNumberId,
    display_phone: change.displayPhone,
    template_id: null,
    template_name: null,
    template_language: null,
    reason: title,
    old_value: null,
    new_value: null,
    error_code: code,
    payload: canonicalJson(change.narrowed('errors', error)),
  });
  return null;
}

function templateReason(value: JsonObject): string | null {
  const reason = text(value['reason']);
  return reason === null || reason === 'NONE' ? (text(objectOf(value['other_info'])['title']) ?? reason) : reason;
}

/** About a day ahead `new_category` is the one still in force, and `correct_category` the one to come. */
function categoryChange(value: JsonObject): Reading {
  const coming = text(value['correct_category']);
  return coming === null
    ? { event: 'COMPLETED', old_value: text(value['previous_category']), new_value: text(value['new_category']) }
    : { event: 'IMPENDING', old_value: text(value['new_category']), new_value: coming };
}

function alert(value: JsonObject): Reading {
  const info = isObject(value['alert_info']) ? value['alert_info'] : value;
  return {
    event: text(info['alert_type']),
    reason: text(info['alert_severity']),
    new_value: text(info['alert_status']),
    ...(value['entity_type'] === 'PHONE_NUMBER' ? { phone_number_id: text(value['entity_id']) } : {}),
  };
}

function accountChange(value: JsonObject): Reading {
  const certification = objectOf(value['partner_client_certification_info']);
  const waba = objectOf(value['waba_info']);
  return {
    event: text(value['event']),
    reason:
      text(objectOf(value['violation_info'])['violation_type']) ??
      joined(value['restriction_info'], 'restriction_type') ??
      joined(certification['rejection_reasons']) ??
      text(objectOf(value['disconnection_info'])['reason']),
    new_value:
      text(objectOf(value['ban_info'])['waba_ban_state']) ??
      text(objectOf(value['volume_tier_info'])['tier']) ??
      text(certification['status']) ??
      text(value['country']) ??
      text(waba['ad_account_linked']) ??
      text(waba['ad_account_id']),
  };
}

/** The texts of a list, or of one key of its objects, with commas between. */
function joined(list: unknown, key?: string): string | null {
  if (!Array.isArray(list)) return null;
  const texts = list.map((item) => text(key === undefined ? item : objectOf(item)[key])).filter((item) => item !== null);
  return texts.length === 0 ? null : texts.join(',');
}
