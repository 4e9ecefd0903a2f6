import type { Change } from './change.ts';
import { instantOf } from './instant.ts';
import { parseExactJson } from './json.ts';
import type { Problem } from './output.ts';
import { linkPerson, type Person, personOf } from './person.ts';
import { flag, int32, isObject, type JsonObject, kindOf, objectOf, text } from './read.ts';

/** One of `statuses[]`: any status, known or not, is a row. */
export function decodeStatus(change: Change, status: JsonObject, index: number): Problem | null {
  const { out, contacts } = change;
  const messageId = text(status['id']);
  if (messageId === null) return { reason: 'id_missing', detail: `statuses[].id is ${kindOf(status['id'])}` };
  const name = text(status['status']);
  if (name === null) return { reason: 'item_invalid', detail: `statuses[].status is ${kindOf(status['status'])}` };
  const at = instantOf(status['timestamp']);
  if (at === null) return { reason: 'time_invalid', detail: `statuses[].timestamp is no time: ${text(status['timestamp'])}` };
  change.seen(at);

  const participant = participantOf(status);
  const person = contacts.complete(participant ?? recipientOf(status), index);
  const phoneAlias = out.id(person.phone);
  const userAlias = out.id(person.user);
  linkPerson(out, person, at);
  const participantAlias = participant === null ? null : (phoneAliasOf(participant, person) ?? userAlias);

  const callback = callbackOf(status['biz_opaque_callback_data']);
  const conversation = objectOf(status['conversation']);
  const pricing = objectOf(isObject(status['pricing']) ? status['pricing'] : conversation['pricing']);
  const error = errorOf(status['errors']);
  out.into.status.push({
    message_id: messageId,
    participant_alias: participantAlias,
    status: name,
    occurred_at: at,
    send_id: callback.sendId,
    callback_data: callback.data,
    phone_alias: phoneAlias,
    user_alias: userAlias,
    country: person.phone?.country ?? person.user?.country ?? null,
    phone_number_id: change.phoneNumberId,
    waba_id: change.wabaId,
    error_code: error.code,
    error_title: error.title,
    pricing_model: text(pricing['pricing_model']),
    pricing_type: text(pricing['type']),
    pricing_category: text(pricing['category']),
    billable: flag(pricing['billable']),
    conversation_id: text(conversation['id']),
    conversation_type: text(objectOf(conversation['origin'])['type']),
    content_hash: change.contentHash(status),
  });

  if (name === 'failed' && error.codes.includes(optedOut)) {
    out.into.consent.push({
      event_id: `status:${messageId}${participantAlias === null ? '' : `/${participantAlias}`}`,
      occurred_at: at,
      contact_alias: null,
      phone_alias: phoneAlias,
      user_alias: userAlias,
      category: 'marketing',
      state: 'withdrawn',
      source: 'platform_refusal',
      detail: String(optedOut),
      waba_id: change.wabaId,
      phone_number_id: change.phoneNumberId,
    });
  }
  return null;
}

/** "User has stopped marketing messages": an opt-out, even when no preference was seen. */
const optedOut = 131050;

function recipientOf(status: JsonObject): Person {
  return personOf(
    status['recipient_id'],
    status['recipient_user_id'],
    status['recipient_parent_user_id'] ?? status['parent_recipient_user_id'] ?? status['parent_user_id'],
  );
}

/** The group's member whom a status is about; null when it is not about a group. `recipient_id` is then the group's. */
function participantOf(status: JsonObject): Person | null {
  const phone = status['recipient_participant_id'] ?? status['participant_recipient_id'];
  const user = status['recipient_participant_user_id'] ?? status['participant_recipient_user_id'];
  if (phone === undefined && user === undefined && status['recipient_type'] !== 'group') return null;
  return personOf(
    phone,
    user ?? status['recipient_user_id'],
    status['recipient_participant_parent_user_id'] ??
      status['participant_recipient_parent_user_id'] ??
      status['recipient_parent_user_id'] ??
      status['parent_recipient_user_id'],
  );
}

function phoneAliasOf(participant: Person, person: Person): string | null {
  return participant.phone?.alias_id ?? (participant.user === null ? (person.phone?.alias_id ?? null) : null);
}

/**
 * `biz_opaque_callback_data`: plain text is the send id; of a JSON object only its `send_id` is. The platform echoes at most 512
 * characters, so longer text is no send id of ours.
 */
function callbackOf(value: unknown): { data: string | null; sendId: string | null } {
  if (isObject(value)) return { data: JSON.stringify(value), sendId: text(value['send_id']) };
  const data = text(value);
  if (data === null) return { data: null, sendId: null };
  if (data.startsWith('{')) {
    const object = jsonObject(data);
    if (object !== null) return { data, sendId: text(object['send_id']) };
  }
  return { data, sendId: data.length <= 512 ? data : null };
}

/** The first of `errors`, which is a list, or one object in old fixtures. */
export function errorOf(value: unknown): { code: number | null; title: string | null; codes: (number | null)[] } {
  if (value === undefined) return noError;
  const list = (Array.isArray(value) ? value : [value]).filter(isObject);
  const [first] = list;
  if (first === undefined) return noError;
  const details = text(objectOf(first['error_data'])['details']) ?? text(first['details']);
  return {
    code: int32(first['code']),
    title: text(first['title']) ?? text(first['message']) ?? details,
    codes: list.map((error) => int32(error['code'])),
  };
}
const noError = { code: null, title: null, codes: [] };

function jsonObject(source: string): JsonObject | null {
  try {
    const value = parseExactJson(source);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
