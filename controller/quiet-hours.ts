import { countryZone } from './country-zone.ts';

interface Clock {
  format: Intl.DateTimeFormat | null;
  /** The newest minute that was asked, since 1970, and what the clock there shows: minutes since midnight. */
  asked: number;
  shows: number;
}

const clocks = new Map<string, Clock>();
/** More names than there are zones: somebody writes nonsense. */
const mostClocks = 2000;

/** Minutes since midnight that a clock in an IANA zone shows at an instant (ms since 1970); null for a name that is no zone. */
export function localMinutes(zone: string, at: number): number | null {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    if (clocks.size >= mostClocks) clocks.clear();
    clock = { format: formatOf(zone), asked: Number.NaN, shows: 0 };
    clocks.set(zone, clock);
  }
  if (clock.format === null) return null;
  const minute = Math.floor(at / 60_000);
  if (clock.asked !== minute) {
    clock.asked = minute;
    clock.shows = minutesOf(clock.format.format(minute * 60_000));
  }
  return clock.shows;
}

/** Whether it is a quiet hour somewhere; `from` belongs to it, `to` does not, and it may cross midnight. Equal times: never quiet. */
export function isQuiet(hours: { from: string; to: string }, minutes: number): boolean {
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  return from <= to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
}

/** The zone a person lives in as far as is known: their own, else their country's; null when that says nothing. */
export function zoneOf(person: { time_zone: string | null; country: string | null }, at: number): string | null {
  if (person.time_zone !== null && localMinutes(person.time_zone, at) !== null) return person.time_zone;
  return person.country === null ? null : countryZone(person.country);
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  } catch {
    return null;
  }
}

/** `21:05` as minutes since midnight. */
function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}
