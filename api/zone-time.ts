/**
 * The instant at which a day begins in a zone. Where the clock skips midnight, the first instant of the day; where midnight
 * comes twice, the first.
 */
export function startOfDay(date: string, zone: string): Date | null {
  const asUtc = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 10) !== date) return null;
  const hour = 3_600_000;
  // Offsets before and after any change of that day; the right instant is the earliest at which the zone's calendar says the date.
  const candidates = [...new Set([-30, 0, 30].map((hours) => asUtc - offsetMs(asUtc + hours * hour, zone)))].sort(
    (a, b) => a - b,
  );
  const found = candidates.find((instant) => localDate(instant, zone) === date);
  return found === undefined ? null : new Date(found);
}

/** How far a zone is ahead of UTC at an instant, ms. */
function offsetMs(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - instant;
}

function localDate(instant: number, zone: string): string {
  return new Date(instant + offsetMs(instant, zone)).toISOString().slice(0, 10);
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
