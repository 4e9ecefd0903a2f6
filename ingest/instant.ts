/** The years in which a WhatsApp event can lie. A time outside is a fault of the sender, and would spoil every range. */
const earliest = Date.UTC(2009, 0, 1);
const latest = Date.UTC(2100, 0, 1);

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthFirst = /^([A-Za-z]{3})[a-z]*\.? (\d{1,2}), ?(\d{4})$/;
const dayFirst = /^(\d{1,2}) ([A-Za-z]{3})[a-z]*\.? (\d{4})$/;
const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * An instant as the platform writes it: epoch seconds as number or text, "April 17, 2025", or ISO 8601. No zone means UTC.
 * Microseconds since 1970, or null when it is none of these.
 */
export function instantOf(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? fromMillis(value * 1000) : null;
  if (typeof value !== 'string') return null;
  if (value !== lastText) {
    lastInstant = fromText(value);
    lastText = value;
  }
  return lastInstant;
}
/** Updates of one POST mostly share their second. */
let lastText = '';
let lastInstant: bigint | null = null;

function fromText(value: string): bigint | null {
  if (/^\d{9,10}$/.test(value)) return fromMillis(Number(value) * 1000);
  if (iso.test(value)) return isoInstant(value.length === 10 || /(Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`);
  const [, month, day, year] = monthFirst.exec(value) ?? swapped(dayFirst.exec(value)) ?? [];
  const index = months.indexOf((month ?? '').toLowerCase());
  if (index < 0) return null;
  const date = new Date(Date.UTC(Number(year), index, Number(day)));
  return date.getUTCDate() === Number(day) ? fromMillis(date.getTime()) : null;
}

/** An ISO 8601 time that was checked, exact to the microsecond; null outside the years of WhatsApp. */
export function isoInstant(value: string): bigint | null {
  const fraction = /[.,](\d+)/.exec(value)?.[1] ?? '';
  const seconds = fromMillis(Date.parse(value.replace(/[.,]\d+/, '').replace(' ', 'T')));
  return seconds === null ? null : seconds + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
}

/** The UTC month as 'YYYY-MM'. */
export function monthOf(instant: bigint): string {
  const day = Math.floor(Number(instant) / 86_400_000_000);
  if (day !== lastDay) {
    lastDay = day;
    lastMonth = new Date(day * 86_400_000).toISOString().slice(0, 7);
  }
  return lastMonth;
}
let lastDay = Number.NaN;
let lastMonth = '';

function fromMillis(millis: number): bigint | null {
  return millis >= earliest && millis < latest ? BigInt(millis) * 1000n : null;
}

function swapped(match: RegExpExecArray | null): string[] | null {
  return match === null ? null : ['', match[2] ?? '', match[1] ?? '', match[3] ?? ''];
}
