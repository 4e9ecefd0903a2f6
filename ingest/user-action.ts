import type { Change } from './change.ts';
import { sha256 } from './hash.ts';
import { instantOf } from './instant.ts';
import { fingerprint } from './json.ts';
import type { Problem } from './output.ts';
import { type JsonObject, objectOf, text } from './read.ts';
import { unmodelledItem } from './unmodelled.ts';

/**
 * One of `user_actions[]`: a click on a link that the platform saw. It names no person and no message, only its click id.
 * Other actions, such as the view of a landing page after the click, are not clicks.
 */
export function decodeUserAction(change: Change, action: JsonObject): Problem | null {
  if (text(action['action_type']) !== 'marketing_messages_link_click') {
    unmodelledItem(change, 'user_actions', action);
    return null;
  }
  const at = instantOf(action['timestamp']);
  if (at === null) return { reason: 'time_invalid', detail: `user_actions[].timestamp is no time: ${text(action['timestamp'])}` };
  change.seen(at);
  const click = objectOf(action['marketing_messages_link_click_data']);
  change.out.into.click.push({
    event_id: `action:${sha256(fingerprint([change.wabaId, change.phoneNumberId, action]))}`,
    occurred_at: at,
    source: 'platform',
    contact_alias: null,
    send_id: null,
    message_id: null,
    campaign_id: null,
    url: null,
    component: text(click['click_component']),
    click_id: text(click['click_id']),
    phone_number_id: change.phoneNumberId,
    waba_id: change.wabaId,
  });
  return null;
}
