import { type Curve, meanShare } from './delay-curve.ts';
import type { CohortRow } from './snapshot.ts';

/** A silence is believed when the chance of it with working webhooks is below one in a thousand: e^−expected < 1/1000 (Poisson). */
const silenceNats = Math.log(1000);

const minute = 60_000;

/** How long the sends of a group spread: minutes for the newest two hours, quarter hours for older ones. */
export function groupSpan(sentAt: number, asOf: number): number {
  return asOf - sentAt > 120 * minute ? 15 * minute : minute;
}

/** Messages of a group that failed, whatever the class. */
export function failuresOf({ events }: CohortRow): number {
  return events.undeliverable + events.marketing_limit + events.platform_block + events.other_failure;
}

/** Mean of F over a group of messages at a watermark; nothing is due for what was sent after it. */
export function dueShare(c: Curve, sentAt: number, asOf: number, watermark: number): number {
  const last = Math.max(sentAt, Math.min(sentAt + groupSpan(sentAt, asOf), asOf));
  if (watermark <= sentAt) return 0;
  const part = last > watermark ? (watermark - sentAt) / (last - sentAt) : 1;
  return part * meanShare(c, Math.max(0, watermark - last), watermark - sentAt);
}

/**
 * Up to when the feedback of one number is known, ms. Webhooks do not say that they have stopped: it is seen by what should have come.
 * Once more than ln 1000 first statuses were due since the newest feedback (by the curve of any status), the watermark stands there,
 * or at the first send when nothing ever came; before that, quiet is just quiet, and it is `asOf`. Messages that are known to have
 * failed are not waited for: the platform may have refused them in its reply, and then no webhook comes.
 */
export function watermarkOf(
  rows: readonly CohortRow[],
  lastFeedbackAt: number | null,
  anyOf: (category: string | null) => Curve,
  asOf: number,
): number {
  const newest = Math.min(asOf, lastFeedbackAt ?? rows.reduce((first, row) => Math.min(first, row.sent_at), asOf));
  let due = 0;
  for (const row of rows) {
    const curve = anyOf(row.category);
    const awaited = Math.max(0, row.sent - failuresOf(row));
    due += awaited * (dueShare(curve, row.sent_at, asOf, asOf) - dueShare(curve, row.sent_at, asOf, newest));
    if (due > silenceNats) return newest;
  }
  return asOf;
}
