import { isLosslessNumber, parse, stringify } from 'lossless-json';
import type { PermitRequest } from '../../controller/permit.ts';
import type { GraphError } from './graph-error.ts';

export type JsonObject = Record<string, unknown>;
export type Category = PermitRequest['category'];

/** One send as a sender put it, and what is to be known of it to ask for a right. */
export interface Send {
  /** The platform's body, with a send id in `biz_opaque_callback_data`. */
  body: string;
  sendId: string;
  phoneNumberId: string;
  /** Absent for groups: their members are not known here. */
  person: { contact_id: string | null; phone: string | null; user_id: string | null } | null;
  campaignId: string | null;
  variantId: string | null;
  segmentId: string | null;
  templateName: string | null;
  templateLanguage: string | null;
  category: Category;
  messageType: string;
  /** The sender's plain callback text where it is taken for the send id. */
  plainText: string | null;
}

export interface SendParts {
  phoneNumberId: string;
  /** `messages` or `marketing_messages`. */
  edge: string;
  text: string;
  /** Headers of the request, names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** A new time-ordered id. */
  newId: () => string;
  /** What the platform said of a template's category; null where it is not known. */
  categoryOf: (template: string) => Category | null;
  /** Whether this plain callback text was a send id before. */
  isTaken: (text: string) => boolean;
}

const categories: readonly Category[] = ['marketing', 'utility', 'authentication', 'service'];
const longestCallback = 512;

/**
 * Reads the body of a send. What is judged is what is forwarded: the body is written anew from what was read, numbers as they were.
 * Answers `pass` with a body for what is no send (read receipts, typing), or a refusal in the platform's form.
 */
export function readSend(parts: SendParts): { send: Send } | { pass: string } | { refusal: GraphError } {
  let body: unknown;
  try {
    // Of a key that stands twice the last counts, as with most readers; only that one goes on.
    body = parse(parts.text, null, { onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    return refused('the body is not JSON');
  }
  if (!isObject(body)) return refused('the body is not a JSON object');
  if (isReceipt(body)) return { pass: written(body) };
  const template = isObject(body['template']) ? body['template'] : null;
  const said = wordsOf(body['biz_opaque_callback_data']);
  const sendId = said.sendId ?? (said.plain !== null && !parts.isTaken(said.plain) ? said.plain : parts.newId());
  const callback = callbackData(said, sendId);
  if (callback.length > longestCallback) {
    return refused(`biz_opaque_callback_data: has more than ${longestCallback} characters with the send id in it`);
  }
  const isGroup = body['recipient_type'] === 'group';
  const phone = phoneOf(body['to']);
  const userId = text(body['recipient']);
  if (!isGroup && phone === null && (userId === null || body['to'] !== undefined)) {
    return refused('to: is not a phone number in international form, and recipient names nobody in its place');
  }
  const name = (header: string, word: string) => text(parts.headers[`x-sluice-${header}`]) ?? text(said.words[word]);
  const templateName = text(template?.['name']);
  return {
    send: {
      body: written({ ...body, biz_opaque_callback_data: callback }),
      sendId,
      phoneNumberId: parts.phoneNumberId,
      // Where both are given the platform goes by `to`.
      person: isGroup ? null : { contact_id: name('contact', 'contact_id'), phone, user_id: phone === null ? userId : null },
      campaignId: name('campaign', 'campaign_id'),
      variantId: name('variant', 'variant_id'),
      segmentId: name('segment', 'segment_id'),
      templateName,
      templateLanguage: text(isObject(template?.['language']) ? template['language']['code'] : template?.['language']),
      category: categoryOf(parts, templateName, name('category', 'category')),
      messageType: text(body['type']) ?? 'text',
      plainText: sendId === said.plain ? said.plain : null,
    },
  };
}

/** Nothing that a person gets: a message marked as read, and the typing sign that may go with it. */
function isReceipt(body: JsonObject): boolean {
  const keys = Object.keys(body);
  const known = ['messaging_product', 'status', 'message_id', 'typing_indicator'];
  return body['status'] === 'read' && text(body['message_id']) !== null && keys.every((key) => known.includes(key));
}

/** What the platform said of a template counts; else what the sender says; else what binds most: a template is marketing. */
function categoryOf({ edge, categoryOf: known }: SendParts, template: string | null, said: string | null): Category {
  if (template === null) return 'service';
  if (edge === 'marketing_messages') return 'marketing';
  return known(template) ?? categories.find((category) => category === said) ?? 'marketing';
}

/** `biz_opaque_callback_data`: a JSON object of ours or theirs, plain text, or nothing. */
function wordsOf(value: unknown): { words: JsonObject; sendId: string | null; plain: string | null } {
  const whole = isObject(value) ? value : text(value)?.startsWith('{') ? objectIn(String(value)) : null;
  if (whole !== null) return { words: whole, sendId: text(whole['send_id']), plain: null };
  return { words: {}, sendId: null, plain: text(value) };
}

/**
 * Statuses come back with this text alone: it must name the one message. Plain text that named another message before stays readable
 * under `data`.
 */
function callbackData({ words, plain }: ReturnType<typeof wordsOf>, sendId: string): string {
  if (plain !== null) return sendId === plain ? plain : written({ send_id: sendId, data: plain });
  return Object.keys(words).length === 0 ? sendId : written({ ...words, send_id: sendId });
}

function objectIn(source: string): JsonObject | null {
  try {
    const value = parse(source);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The number as facts have it; the platform takes spaces, dashes and brackets as well. */
function phoneOf(value: unknown): string | null {
  const digits = (text(value) ?? '').replace(/[\s().-]/g, '');
  return /^\+?[0-9]{5,20}$/.test(digits) ? digits : null;
}

function text(value: unknown): string | null {
  const one = isLosslessNumber(value) ? value.toString() : value;
  return typeof one === 'string' && one.trim() !== '' && one.length <= longestCallback ? one : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

const written = (value: JsonObject): string => stringify(value) ?? '{}';
const refused = (details: string) => ({ refusal: { status: 400, code: 100, details: `Sluice: ${details}`, retryMs: null } });
