import { decodeAutomaticEvent } from './automatic-event.ts';
import { Change, fieldOf } from './change.ts';
import { decodeEcho, decodeInbound } from './inbound.ts';
import type { Output, Problem } from './output.ts';
import { decodePlatformEvent, decodeValueError, platformField } from './platform-event.ts';
import { decodePreference } from './preference.ts';
import { isObject, type JsonObject, kindOf } from './read.ts';
import { decodeStatus } from './status.ts';
import type { StatusEnvelope } from './status-envelope.ts';
import { unmodelledChange, unmodelledItem } from './unmodelled.ts';
import { decodeUserAction } from './user-action.ts';

type ItemDecoder = (change: Change, item: JsonObject, index: number) => Problem | null;

/** The lists of a value that become facts. Errors come last: they take the time of their neighbours. */
const lists: readonly (readonly [string, ItemDecoder])[] = [
  ['statuses', decodeStatus],
  ['messages', decodeInbound],
  ['message_echoes', decodeEcho],
  ['user_preferences', decodePreference],
  ['user_actions', decodeUserAction],
  ['automatic_events', decodeAutomaticEvent],
];
const modelled = new Set([...lists.map(([key]) => key), 'errors']);
/** Keys that describe the other keys. */
const descriptive = new Set(['messaging_product', 'metadata', 'contacts', 'field', 'object']);
/** Copies of older data, sent when a phone app joins the platform: nothing in them happened now. */
const onboarding = new Set(['history', 'smb_app_state_sync']);

/** Reads a webhook body: entries × changes × lists. What a change holds counts, not only what its field says. */
export function decodeWebhook(out: Output, body: unknown): void {
  const entries = isObject(body) ? body['entry'] : undefined;
  if (!Array.isArray(entries)) {
    out.quarantine({ reason: 'envelope_invalid', detail: `entry is ${kindOf(entries)}, not a list` });
    return;
  }
  for (const [i, entry] of entries.entries()) {
    const changes = isObject(entry) ? entry['changes'] : undefined;
    if (!isObject(entry) || !Array.isArray(changes)) {
      aside(out, { reason: 'envelope_invalid', detail: `entry[${i}].changes is ${kindOf(changes)}, not a list` }, entry);
      continue;
    }
    for (const [j, change] of changes.entries()) {
      if (isObject(change)) decodeChange(out, entry, change, `entry[${i}].changes[${j}]`);
      else {
        const detail = `entry[${i}].changes[${j}] is ${kindOf(change)}, not an object`;
        aside(out, { reason: 'envelope_invalid', detail }, { ...entry, changes: [change] });
      }
    }
  }
}

function aside(out: Output, problem: Problem, entry: unknown): void {
  out.item = out.counts.updates++;
  out.quarantine(problem, { object: 'whatsapp_business_account', entry: [entry] });
}

function decodeChange(out: Output, entry: JsonObject, source: JsonObject, where: string): void {
  const value = source['value'];
  if (!isObject(value)) {
    const problem: Problem = { reason: 'envelope_invalid', detail: `${where}.value is ${kindOf(value)}, not an object` };
    aside(out, problem, { ...entry, changes: [source] });
    return;
  }
  const change = new Change(out, entry, fieldOf(entry, source, value), value, where);
  const { field } = change;
  const before = out.counts.updates;
  const hasList = lists.some(([key]) => key in value);
  const platform = hasList ? null : platformField(field, value);
  if (platform !== null) {
    attempt(change, null, 0, value, () => {
      decodePlatformEvent(change, platform);
      return null;
    });
  } else {
    for (const [key, decode] of lists) if (key in value) decodeList(change, key, decode);
    for (const key of Object.keys(value)) {
      if (!modelled.has(key) && !descriptive.has(key)) decodeUnknownKey(change, key, hasList);
    }
  }
  if ('errors' in value) decodeList(change, 'errors', decodeValueError);
  if (out.counts.updates === before) {
    attempt(change, null, 0, value, () => {
      unmodelledChange(change);
      return null;
    });
  }
  const at = change.firstTime ?? change.entryTime;
  if (at !== null) change.contacts.linkRest(out, at);
}

/** Reads the statuses of a webhook that holds nothing else, when what stands around them is known. */
export function decodeStatuses(out: Output, { entry, field, value, around }: StatusEnvelope, statuses: readonly unknown[]): void {
  decodeItems(new Change(out, entry, field, value, 'entry[0].changes[0]', around), 'statuses', statuses, decodeStatus);
}

function decodeList(change: Change, key: string, decode: ItemDecoder): void {
  const list = change.value[key];
  decodeItems(change, key, Array.isArray(list) ? list : [list], decode);
}

function decodeItems(change: Change, key: string, items: readonly unknown[], decode: ItemDecoder): void {
  for (const [index, item] of items.entries()) {
    attempt(change, key, index, item, () => {
      if (onboarding.has(change.field)) unmodelledItem(change, key, item);
      else if (isObject(item)) return decode(change, item, index);
      else return { reason: 'item_invalid', detail: `is ${kindOf(item)}, not an object` };
      return null;
    });
  }
}

/** Lists nobody has told us of, and objects beside lists that we know. A value without any list is one update as a whole. */
function decodeUnknownKey(change: Change, key: string, hasList: boolean): void {
  const part = change.value[key];
  const items = Array.isArray(part) && part.some(isObject) ? part : hasList && isObject(part) ? [part] : [];
  for (const [index, item] of items.entries()) {
    attempt(change, key, index, item, () => {
      unmodelledItem(change, key, item);
      return null;
    });
  }
}

/** Reads one update (an item of the list `key`, or the whole value); what is wrong with it sets aside this one alone. */
function attempt(change: Change, key: string | null, index: number, item: unknown, read: () => Problem | null): void {
  const { out } = change;
  out.item = out.counts.updates++;
  const problem = attempted(read);
  if (problem === null) return;
  const detail = `${change.where}.value${key === null ? '' : `.${key}[${index}]`}: ${problem.detail}`;
  out.quarantine({ reason: problem.reason, detail }, key === null ? whole(change) : change.envelope(key, item));
}

/** Runs a reader so that it cannot throw: text nested beyond the stack is the only exception that is known. */
export function attempted(read: () => Problem | null): Problem | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return { reason: 'too_deep', detail: 'is nested too deep' };
    return { reason: 'decode_failed', detail: error instanceof Error ? error.message : 'failed without a message' };
  }
}

function whole(change: Change): JsonObject {
  const { entry, field, value } = change;
  return { object: 'whatsapp_business_account', entry: [{ ...entry, changes: [{ field, value }] }] };
}
