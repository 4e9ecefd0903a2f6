import type { Change } from './change.ts';
import { sha256 } from './hash.ts';
import { instantOf } from './instant.ts';
import type { Problem } from './output.ts';
import { linkPerson, personOf } from './person.ts';
import { type JsonObject, kindOf, text } from './read.ts';
import { unmodelledItem } from './unmodelled.ts';

/** One of `user_preferences[]`: the platform's own opt-out and opt-in. A copy has the same user, category, value and time. */
export function decodePreference(change: Change, preference: JsonObject, index: number): Problem | null {
  const { out } = change;
  const at = instantOf(preference['timestamp']);
  if (at === null) {
    return { reason: 'time_invalid', detail: `user_preferences[].timestamp is no time: ${text(preference['timestamp'])}` };
  }
  const value = text(preference['value']);
  if (value === null) return { reason: 'item_invalid', detail: `user_preferences[].value is ${kindOf(preference['value'])}` };
  const state = states.get(value.toLowerCase());
  if (state === undefined) {
    unmodelledItem(change, 'user_preferences', preference);
    return null;
  }
  change.seen(at);
  const own = personOf(preference['wa_id'], preference['user_id'], preference['parent_user_id']);
  const person = change.contacts.complete(own, index);
  const category = text(preference['category']) ?? 'marketing_messages';
  const user = [own.phone?.alias_id, own.user?.alias_id];
  out.into.consent.push({
    event_id: `preference:${sha256(JSON.stringify([user, category, value, String(at)]))}`,
    occurred_at: at,
    contact_alias: null,
    phone_alias: out.id(person.phone),
    user_alias: out.id(person.user),
    category: category === 'marketing_messages' ? 'marketing' : category,
    state,
    source: 'preference',
    detail: text(preference['detail']),
    waba_id: change.wabaId,
    phone_number_id: change.phoneNumberId,
  });
  linkPerson(out, person, at);
  return null;
}

const states = new Map([
  ['stop', 'withdrawn'],
  ['resume', 'granted'],
  ['signup', 'granted'],
]);
