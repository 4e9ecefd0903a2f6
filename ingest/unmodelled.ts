import type { Change } from './change.ts';
import { sha256 } from './hash.ts';
import { instantOf } from './instant.ts';
import { canonicalJson, fingerprint } from './json.ts';
import { isObject, type JsonObject, objectOf, text } from './read.ts';

/** One item of a list that Sluice does not model: kept as it came. */
export function unmodelledItem(change: Change, key: string, item: unknown): void {
  const { entry, wabaId, field } = change;
  const at = instantOf(objectOf(item)['timestamp']);
  change.seen(at);
  const prefix = key === field ? key : `${field}.${key}`;
  push(change, prefix, isObject(item) ? item : {}, at, canonicalJson(change.narrowed(key, item)), [
    wabaId,
    field,
    key,
    change.phoneNumberId,
    item,
    text(entry['time']),
  ]);
}

/** A whole change that Sluice does not model. */
export function unmodelledChange(change: Change): void {
  const { entry, wabaId, field, value } = change;
  push(change, field, value, instantOf(value['timestamp']), canonicalJson({ field, value }), [
    wabaId,
    field,
    value,
    text(entry['time']),
  ]);
}

function push(change: Change, prefix: string, shaped: JsonObject, at: bigint | null, payload: string, identity: unknown[]): void {
  const { out, field, wabaId, entryTime } = change;
  const name = [shaped['event'], shaped['type'], shaped['action_type'], shaped['value']].find(isName);
  out.counts.unmodelled++;
  out.into.unmodelled_update.push({
    update_hash: sha256(fingerprint(identity)),
    field,
    shape: name === undefined ? prefix : `${prefix}.${name}`,
    occurred_at: at ?? entryTime,
    waba_id: wabaId,
    payload,
  });
}

/** The platform's own words for what something is; never free text. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^\w{1,64}$/.test(value);
}
