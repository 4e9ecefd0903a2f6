import type { CampaignDetail } from '../warehouse.ts';
import { type Filters, wallClock } from './filters.ts';

const day = 86_400_000;

/**
 * The time axis that all charts of a campaign's page share: the range, from the day before the campaign's first message where that
 * is later. As the zone's clock written as UTC, ms since 1970.
 */
export function campaignSpan(
  { first_message_at: first }: Pick<CampaignDetail, 'first_message_at'>,
  { from, to, zone }: Pick<Filters, 'from' | 'to' | 'zone'>,
  now: Date,
): [number, number] {
  const clock = (instant: Date) => Date.parse(`${wallClock(instant, zone)}Z`);
  const end = clock(to ?? now);
  const began = first === null ? 0 : Math.floor((clock(new Date(first)) - day) / day) * day;
  const start = Math.max(clock(from), began);
  return [start < end ? start : clock(from), end];
}
