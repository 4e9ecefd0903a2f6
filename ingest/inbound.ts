import type { Alias } from './alias.ts';
import type { Change } from './change.ts';
import { instantOf } from './instant.ts';
import { decodeOrder } from './order.ts';
import type { Problem } from './output.ts';
import { linkPerson, type Person, personOf } from './person.ts';
import { type JsonObject, kindOf, objectOf, text } from './read.ts';
import { errorOf } from './status.ts';
import { consentWord, isComplaint } from './stop-words.ts';
import { linkSystemChange } from './system-change.ts';

/** One of `messages[]`: what a person sent to the business. */
export function decodeInbound(change: Change, message: JsonObject, index: number): Problem | null {
  return decodeMessage(change, message, index, false);
}

/** One of `message_echoes[]`: what the owner typed in the phone app. It may count as contact, never as a reply. */
export function decodeEcho(change: Change, message: JsonObject, index: number): Problem | null {
  return decodeMessage(change, message, index, true);
}

function decodeMessage(change: Change, message: JsonObject, index: number, isEcho: boolean): Problem | null {
  const { out } = change;
  const messageId = text(message['id']);
  if (messageId === null) return { reason: 'id_missing', detail: `messages[].id is ${kindOf(message['id'])}` };
  const at = instantOf(message['timestamp']);
  if (at === null) return { reason: 'time_invalid', detail: `messages[].timestamp is no time: ${text(message['timestamp'])}` };
  change.seen(at);

  const person = change.contacts.complete(isEcho ? echoPerson(change, message) : senderOf(message), index);
  const phoneAlias = out.id(person.phone);
  const userAlias = out.id(person.user);
  linkPerson(out, person, at);

  const type = text(message['type']) ?? 'unknown';
  const interactive = objectOf(message['interactive']);
  const interactiveType = type === 'interactive' ? text(interactive['type']) : null;
  const tap = tapOf(type, message, interactive, interactiveType);
  const said = saidBy(type, message, tap);
  const countedType = isEcho ? 'echo' : (said?.kind ?? countedTypeOf(type, message));
  const context = objectOf(message['context']);
  const referral = objectOf(message['referral']);
  out.into.inbound.push({
    message_id: messageId,
    occurred_at: at,
    phone_alias: phoneAlias,
    user_alias: userAlias,
    phone_number_id: change.phoneNumberId,
    waba_id: change.wabaId,
    message_type: type,
    counted_type: countedType,
    counts_as_reply: replies.has(countedType),
    context_id: isEcho ? null : answered(change, message, type, context, person),
    button_payload: tap.payload,
    interactive_type: interactiveType,
    group_id: text(message['group_id']),
    referral_source: text(referral['source_type']),
    referral_id: text(referral['source_id']),
    ctwa_clid: text(referral['ctwa_clid']),
    forwarded: forwardedOf(context),
    error_code: errorOf(message['errors']).code,
    content_hash: change.contentHash(message),
  });

  if (isEcho) return null;
  if (countedType === 'opt_out') {
    out.into.consent.push({
      event_id: `inbound:${messageId}`,
      occurred_at: at,
      contact_alias: null,
      phone_alias: phoneAlias,
      user_alias: userAlias,
      category: 'marketing',
      state: 'withdrawn',
      source: type === 'text' ? 'stop_word' : 'button',
      detail: said?.word ?? null,
      waba_id: change.wabaId,
      phone_number_id: change.phoneNumberId,
    });
  }
  if (type === 'order') decodeOrder(out, messageId, at, phoneAlias, userAlias, objectOf(message['order']));
  if (type === 'system') linkSystemChange(out, message, person, at);
  return null;
}

const replies: ReadonlySet<string> = new Set(['reply', 'complaint', 'button', 'order', 'unsupported']);

const countedTypes = new Map([
  ...['text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'interactive'].map(
    (type) => [type, 'reply'] as const,
  ),
  ...['button', 'order', 'edit', 'revoke', 'system', 'unsupported'].map((type) => [type, type] as const),
]);

function countedTypeOf(type: string, message: JsonObject): string {
  if (type === 'reaction') return text(objectOf(message['reaction'])['emoji']) === null ? 'reaction_removed' : 'reaction';
  // Old webhooks call a message of a type they cannot show "unknown", with the error that "unsupported" has now.
  if (type === 'unknown' && errorOf(message['errors']).code === 131051) return 'unsupported';
  if (type === 'text' && isComplaint(text(objectOf(message['text'])['body']))) return 'complaint';
  return countedTypes.get(type) ?? 'unknown';
}

function senderOf(message: JsonObject): Person {
  return personOf(message['from'], message['from_user_id'], message['from_parent_user_id']);
}

/** The other side of an echo: `to`, but for fixtures that have the two sides swapped. */
function echoPerson(change: Change, message: JsonObject): Person {
  const business = personOf(change.displayPhone, null, null).phone;
  const to = personOf(message['to'], message['to_user_id'], message['to_parent_user_id']);
  return business !== null && to.phone?.alias_id === business.alias_id ? senderOf(message) : to;
}

/** What was tapped: the business's own name for it, and the text the person saw. */
function tapOf(type: string, message: JsonObject, interactive: JsonObject, interactiveType: string | null) {
  if (type === 'button') {
    const button = objectOf(message['button']);
    return { payload: text(button['payload']), title: text(button['text']) };
  }
  if (interactiveType === 'nfm_reply') return { payload: surveyAnswer(objectOf(interactive['nfm_reply'])), title: null };
  if (interactiveType !== 'button_reply' && interactiveType !== 'list_reply') return { payload: null, title: null };
  const choice = objectOf(interactive[interactiveType]);
  return { payload: text(choice['id']), title: text(choice['title']) };
}

/** Of what a flow gives back only the answer to a survey is kept, named like a button: the rest may be anything about the person. */
function surveyAnswer(reply: JsonObject): string | null {
  let fields: JsonObject;
  try {
    fields = objectOf(JSON.parse(text(reply['response_json']) ?? '{}'));
  } catch {
    return null;
  }
  const found = (['nps', 'csat'] as const).find((name) => /^\d{1,2}$/.test(text(fields[name]) ?? ''));
  return found === undefined ? null : `${found}:${text(fields[found])}`;
}

/** A menu's own "start" opens a menu: only a template's button or a text of one's own is a wish to rejoin. */
function saidBy(type: string, message: JsonObject, tap: { payload: string | null; title: string | null }) {
  if (type === 'text') return consentWord(text(objectOf(message['text'])['body']));
  const said = consentWord(tap.payload) ?? consentWord(tap.title);
  return said?.kind === 'opt_in' && type !== 'button' ? null : said;
}

/**
 * The message of ours that this one answers or reacts to. People also quote themselves, and in groups each other: `context.from`
 * then names another than the business.
 */
function answered(change: Change, message: JsonObject, type: string, context: JsonObject, person: Person): string | null {
  if (type === 'reaction') return text(objectOf(message['reaction'])['message_id']);
  const id = text(context['id']);
  if (id === null) return null;
  const author = personOf(context['from'], context['from_user_id'] ?? context['user_id'], null);
  if (isNamed(author.phone, personOf(change.displayPhone, null, null).phone)) return id;
  if (isNamed(author.phone, person.phone) || isNamed(author.user, person.user)) return null;
  return text(message['group_id']) !== null && (author.phone ?? author.user) !== null ? null : id;
}

function isNamed(one: Alias | null, other: Alias | null): boolean {
  return one !== null && one.alias_id === other?.alias_id;
}

function forwardedOf(context: JsonObject): boolean | null {
  const { forwarded, frequently_forwarded: frequently } = context;
  if (forwarded === true || frequently === true) return true;
  return forwarded === false || frequently === false ? false : null;
}
