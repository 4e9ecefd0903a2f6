import { leaseMs } from './lease.ts';
import type { Denial, PermitRequest, PersonFacts } from './permit.ts';
import type { Policy } from './policy.ts';
import { isQuiet, localMinutes, zoneOf } from './quiet-hours.ts';

/** What was granted for a person and need not be in the facts yet; times in ms since 1970. */
export interface PersonOverlay {
  lastMarketing(person: string): number | null;
  lastMessage(person: string): number | null;
}

/** So far back a message to a person matters to `countsAnew`, and more so to the pair rate, hours. */
const countedHours = 24;
/** A message may go out so long after it was asked for: the sender queues it, the platform holds it (platform-facts, pacing: an hour as a rule). */
const heldHours = 24;
/** One message to a person in so many ms (platform-facts §8, pair rate). */
const pairMs = 6000;
const hourMs = 3_600_000;

/**
 * Why a person may not be written to, null when they may. Consent, the gap between marketing messages, quiet hours and the ban on US
 * numbers bind marketing only; a service message needs an open service window; suppression and the pair rate bind everything.
 */
export function judge(
  person: PersonFacts,
  request: Pick<PermitRequest, 'category' | 'lease_seconds'>,
  policy: Policy,
  overlay: PersonOverlay,
  now: number,
): Denial | null {
  if (person.suppressed) return 'suppressed';
  if (request.category === 'marketing') {
    if (person.consent === 'withdrawn') return 'opted_out';
    if (person.consent !== 'granted') return 'no_consent';
    if (person.country === 'US') return 'us_marketing';
    const marketing = later(person.last_marketing_at, overlay.lastMarketing(person.person));
    if (marketing !== null && now - marketing < policy.marketing_gap_hours * hourMs) return 'frequency_cap';
    // The message may go out at any moment of the lease.
    if (isQuietFor(person, policy, now) || isQuietFor(person, policy, now + leaseMs(request, policy) - 1)) return 'quiet_hours';
  }
  if (request.category === 'service' && !(person.window_until !== null && person.window_until > now)) return 'outside_window';
  const last = later(person.last_message_at, overlay.lastMessage(person.person));
  return last !== null && now - last < pairMs ? 'pair_rate' : null;
}

/** How far back messages to the people of a request must be looked for by the earliest that is known of them, hours. */
export function lookBackHours({ category }: Pick<PermitRequest, 'category'>, policy: Policy): number {
  return heldHours + (category === 'marketing' ? Math.max(countedHours, policy.marketing_gap_hours) : countedHours);
}

/**
 * Whether a message to this person may add one to the portfolio's ledger of people: not while their service window is open to the end
 * of the lease, and not when a message of the last 24 h has counted them.
 */
export function countsAnew(person: PersonFacts, now: number, expiresAt: number): boolean {
  if (person.window_until !== null && person.window_until >= expiresAt) return false;
  return person.last_message_at === null || now - person.last_message_at >= countedHours * hourMs;
}

function isQuietFor(person: PersonFacts, policy: Policy, at: number): boolean {
  if (policy.quiet_hours === null) return false;
  const zone = zoneOf(person, at);
  const minutes = zone === null ? null : localMinutes(zone, at);
  return minutes !== null && isQuiet(policy.quiet_hours, minutes);
}

function later(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
