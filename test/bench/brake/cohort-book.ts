import type { HarmName } from '../../../controller/policy.ts';
import type { CohortRow } from '../../../controller/snapshot.ts';
import { day, hour, minute } from '../../../simulator/emission.ts';
import type { HeardMessage } from './heard.ts';

/** Messages older than this are in no cohort. */
const horizon = 3 * day;
const quarter = 15 * minute;

/** What one message counts for, and in which rows. */
interface Counts {
  rows: CohortRow[];
  signal: HarmName | null;
  held: boolean;
  delivered: boolean;
  optedOut: boolean;
}

/** Messages by stream, number and time of sending, kept up to date message by message. */
export class CohortBook {
  private readonly counted = new Map<HeardMessage, Counts>();
  private readonly minutes = new Map<string, CohortRow>();
  private readonly quarters = new Map<string, CohortRow>();

  /** Takes the message out of the rows where it was counted, and counts it where it belongs now. */
  count(message: HeardMessage): void {
    const before = this.counted.get(message);
    if (before !== undefined) for (const row of before.rows) add(row, before, -1);
    this.counted.delete(message);
    const held = message.isHeld();
    const out = held ? message.firstAt() : message.outAt();
    // Service messages without a campaign belong to no stream.
    if (out === Number.POSITIVE_INFINITY || (message.category === 'service' && message.campaign_id === null)) return;
    const counts: Counts = {
      rows: [rowOf(this.minutes, message, out, minute), rowOf(this.quarters, message, out, quarter)],
      signal: message.signal(),
      held,
      delivered: message.deliveredAt < Number.POSITIVE_INFINITY,
      optedOut: message.optedOut,
    };
    for (const row of counts.rows) add(row, counts, 1);
    this.counted.set(message, counts);
  }

  /** Minutes of the newest two hours, quarter hours before them. The rows go on counting: they are for use at once. */
  rows(asOf: number): CohortRow[] {
    const minuteFrom = Math.floor((asOf - 2 * hour) / quarter) * quarter;
    for (const [key, row] of this.minutes) if (row.sent_at < minuteFrom) this.minutes.delete(key);
    for (const [key, row] of this.quarters) if (row.sent_at < asOf - horizon) this.quarters.delete(key);
    const rows: CohortRow[] = [];
    for (const row of this.quarters.values()) if (row.sent + row.held > 0 && row.sent_at < minuteFrom) rows.push(row);
    for (const row of this.minutes.values()) if (row.sent + row.held > 0) rows.push(row);
    return rows;
  }
}

function add(row: CohortRow, { signal, held, delivered, optedOut }: Counts, by: number): void {
  if (held) row.held += by;
  else row.sent += by;
  if (delivered) row.delivered += by;
  if (signal !== null) row.events[signal] += by;
  if (optedOut) row.events.opt_out += by;
}

function rowOf(rows: Map<string, CohortRow>, message: HeardMessage, out: number, span: number): CohortRow {
  const { campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category } = message;
  const sent_at = Math.floor(out / span) * span;
  const key = `${campaign_id}\n${template_name}\n${segment_id}\n${variant_id}\n${market}\n${phone_number_id}\n${category}\n${sent_at}`;
  let row = rows.get(key);
  if (row === undefined) {
    const events = { undeliverable: 0, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 };
    // Reads, replies and clicks count only against a baseline, and no world lasts long enough to have one.
    const counts = { sent: 0, held: 0, delivered: 0, read: 0, replied: 0, clicked: 0, events };
    row = { campaign_id, template_name, segment_id, variant_id, market, phone_number_id, category, sent_at, ...counts };
    rows.set(key, row);
  }
  return row;
}
