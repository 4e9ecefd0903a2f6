import { parseScope, type ScopeId } from '../../controller/scope.ts';
import type { CohortRow } from '../../controller/snapshot.ts';

/** Without a send for so long, a sender has stopped, ms. */
const quietMs = 3 * 60_000;
const minuteMs = 60_000;

/** How a sender followed a stop: by its sends in webhooks and events, to the minute. Times in ms since 1970. */
export interface Effect {
  /** Start of the last minute with a send after the stop; null for none. */
  last_send_at: number | null;
  /** How long it went on sending, whole minutes; null while it still does, or it is too early to say. */
  stopped_after_ms: number | null;
}

/** What came of a stop at `since`, seen at `now`. */
export function effectOf(scope: ScopeId, since: number, cohorts: readonly CohortRow[], now: number): Effect {
  const own = matching(scope);
  let last: number | null = null;
  for (const row of cohorts) {
    // The minute in which it was stopped counts only once it is over: sends before the stop stand in it too.
    if (row.sent === 0 || row.sent_at < since || !own(row)) continue;
    if (last === null || row.sent_at > last) last = row.sent_at;
  }
  const end = last === null ? since : last + minuteMs;
  return { last_send_at: last, stopped_after_ms: now - end < quietMs ? null : end - since };
}

/** Whether a group of messages belongs to a scope; groups do not know of accounts, so those match nothing. */
function matching(scope: ScopeId): (row: CohortRow) => boolean {
  const { kind, values = [] } = parseScope(scope) ?? {};
  const [first, second, third] = values;
  switch (kind) {
    case 'number':
      return (row) => row.phone_number_id === first;
    case 'template':
      return (row) => row.template_name === first;
    case 'campaign':
      return (row) => row.campaign_id === first;
    case 'variant':
      return (row) => row.campaign_id === first && row.variant_id === second;
    case 'segment':
      return (row) => row.segment_id === first;
    case 'market':
      return (row) => row.market === first;
    case 'stream':
      return (row) => row.campaign_id === first && row.template_name === second && row.segment_id === third;
    default:
      return () => false;
  }
}
