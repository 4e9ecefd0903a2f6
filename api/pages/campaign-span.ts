import type { CampaignDetail } from '../warehouse.ts';
import { type Filters, wallClock } from './filters.ts';

const day = 86_400_000;

/**
 * The time axis that all charts of a campaign's page share: the range, as far as the campaign lies in it, from the day of its first
 * message to the end of the day after its last. As the zone's clock written as UTC, ms since 1970.
 */
export function campaignSpan(
  { first_message_at: first, last_message_at: last }: Pick<CampaignDetail, 'first_message_at' | 'last_message_at'>,
  { from, to, zone }: Pick<Filters, 'from' | 'to' | 'zone'>,
  now: Date,
): [number, number] {
  const clock = (instant: Date) => Date.parse(`${wallClock(instant, zone)}Z`);
  const dayOf = (iso: string) => Math.floor(clock(new Date(iso)) / day) * day;
  const start = Math.max(clock(from), first === null ? 0 : dayOf(first));
  const end = Math.min(clock(to ?? now), last === null ? Number.POSITIVE_INFINITY : dayOf(last) + 2 * day);
  return start < end ? [start, end] : [clock(from), clock(to ?? now)];
}
