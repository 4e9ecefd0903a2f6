import type { Change } from './change.ts';
import { sha256 } from './hash.ts';
import { instantOf } from './instant.ts';
import { micros } from './money.ts';
import type { Problem } from './output.ts';
import { type JsonObject, kindOf, objectOf, text } from './read.ts';

/** One of `automatic_events[]`: a lead or purchase that the platform detected. Its `value` is the amount × 1000. */
export function decodeAutomaticEvent(change: Change, event: JsonObject): Problem | null {
  const id = text(event['id']);
  if (id === null) return { reason: 'id_missing', detail: `automatic_events[].id is ${kindOf(event['id'])}` };
  const at = instantOf(event['timestamp']);
  if (at === null)
    return { reason: 'time_invalid', detail: `automatic_events[].timestamp is no time: ${text(event['timestamp'])}` };
  change.seen(at);
  const name = text(event['event_name']);
  const data = objectOf(event['custom_data']);
  change.out.into.conversion.push({
    event_id: `automatic:${sha256(JSON.stringify([id, name]))}`,
    kind: 'platform',
    occurred_at: at,
    contact_alias: null,
    phone_alias: null,
    user_alias: null,
    order_id: null,
    goal: name,
    amount_micros: micros(data['value'], '0.001'),
    currency: text(data['currency']),
    send_id: null,
    campaign_id: null,
  });
  return null;
}
