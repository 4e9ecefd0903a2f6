import type { CohortRow } from '../../controller/snapshot.ts';

const hourMs = 3_600_000;
/** Fewer messages than so say nothing about a rate. */
const least = 200;

/** Campaigns whose messages of an hour ago and older were delivered to less than this share (0 to 1), with what was counted. */
export function belowDelivery(cohorts: readonly CohortRow[], below: number, now: number) {
  const counts = new Map<string, { sent: number; delivered: number }>();
  for (const { campaign_id, sent_at, sent, delivered } of cohorts) {
    // A quarter of an hour is the length of a group of older messages.
    if (campaign_id === null || sent_at > now - 1.25 * hourMs) continue;
    const count = counts.get(campaign_id) ?? { sent: 0, delivered: 0 };
    counts.set(campaign_id, { sent: count.sent + sent, delivered: count.delivered + delivered });
  }
  return [...counts].flatMap(([campaign_id, { sent, delivered }]) =>
    sent >= least && delivered / sent < below ? [{ campaign_id, sent, delivered }] : [],
  );
}
