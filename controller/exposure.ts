import type { HarmName } from './policy.ts';
import type { CohortRow } from './snapshot.ts';
import { failuresOf } from './watermark.ts';

/** Whether a group tells more feedback than it has messages: its counts contradict themselves. */
export function exceeds(row: CohortRow): boolean {
  const { sent, delivered, read, events } = row;
  return Math.max(failuresOf(row), delivered, read, events.opt_out, events.complaint) > sent;
}

/**
 * A group's trials of each harm so far: its messages by the share of their feedback that is due, never less than those with either end,
 * delivered or failed. Only what did not fail can bring an opt-out or a complaint.
 */
export function exposuresOf(row: CohortRow, shares: Record<HarmName, number>): Record<HarmName, number> {
  const failed = failuresOf(row);
  const settled = Math.min(row.sent, row.delivered + failed);
  const failure = (name: HarmName) => Math.max(row.sent * shares[name], settled);
  const answer = (name: HarmName) => Math.max(0, row.sent - failed) * shares[name];
  return {
    undeliverable: failure('undeliverable'),
    marketing_limit: failure('marketing_limit'),
    platform_block: failure('platform_block'),
    other_failure: failure('other_failure'),
    opt_out: answer('opt_out'),
    complaint: answer('complaint'),
  };
}
