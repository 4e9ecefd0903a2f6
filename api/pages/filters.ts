import type { MessageKey } from '../../dashboards/locales/en.ts';
import type { Grain } from '../../models/metric-query.ts';
import { isTimeZone, startOfDay } from '../zone-time.ts';

export const ranges = ['24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number] | 'custom';
const defaultRange = '30d';

export type Comparison = 'previous' | { campaign: string };

/** What a page is asked to show, read from its address. */
export interface Filters {
  range: Range;
  from: Date;
  /** Absent: up to now and beyond, so that a clock that runs ahead hides nothing. */
  to?: Date;
  /** The days of a custom range as they stand in the form, both inclusive. */
  days: { from: string; to: string };
  zone: string;
  grain: Grain;
  /** Into what messages are put where their ages are compared. */
  cohort: Grain;
  /** `<panel>.<metric>` that a table is sorted by. */
  sort: string | null;
  /** Per dimension the values that the reader keeps. */
  where: Record<string, string[]>;
  /** Beside the previous period of the same length, or beside another campaign. */
  compare: Comparison | null;
  /** What of the address could not be used, told to the reader. */
  problems: { key: MessageKey; value: string }[];
}

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Reads `range`, `from`, `to` (days, inclusive), `zone`, `compare`, `sort` and the dimensions of an address. Never throws: what cannot be used falls
 * back to the default and is told in `problems`. The ends lie on whole hours or days of the zone, so that polls repeat.
 */
export function readFilters(query: Record<string, unknown>, now: Date, dimensions: readonly string[] = []): Filters {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name].trim() : '');
  const problems: Filters['problems'] = [];
  const refuse = (key: MessageKey, value: string) => problems.push({ key, value: value.slice(0, 60) });

  let zone = text('zone') || 'UTC';
  if (!isTimeZone(zone)) {
    refuse('filter.invalid.zone', zone);
    zone = 'UTC';
  }
  const asked = text('range') || (text('from') ? 'custom' : defaultRange);
  const sort = /^[\w-]+\.[\w-]+$/.test(text('sort')) ? text('sort') : null;
  const today = localDay(now, zone);
  const where = readWhere(query, dimensions);
  const common = { zone, sort, where, compare: readComparison(text('compare')), problems };
  const custom = asked === 'custom' ? readDays(text('from'), text('to') || today, zone, refuse) : null;
  if (custom !== null) return { range: 'custom', ...custom, ...grainsFor(custom.from, custom.to), ...common };

  const named = ranges.find((name) => name === asked);
  if (named === undefined && asked !== 'custom') refuse('filter.invalid.range', asked);
  const range = named ?? defaultRange;
  const from = startOfRange(range, now, zone);
  return { range, from, days: { from: localDay(from, zone), to: today }, ...grainsFor(from, now), ...common };
}

const rival = 'campaign:';
function readComparison(text: string): Filters['compare'] {
  if (text.startsWith(rival) && text.length > rival.length && text.length <= 600) return { campaign: text.slice(rival.length) };
  return text === 'previous' ? 'previous' : null;
}

/** A comparison as it stands in the address; empty for none. */
export function comparisonText(compare: Filters['compare']): string {
  return compare === null || compare === 'previous' ? (compare ?? '') : `${rival}${compare.campaign}`;
}

const mostValues = 20;
/** A dimension may be named more than once; an empty value keeps all. */
function readWhere(query: Record<string, unknown>, dimensions: readonly string[]): Record<string, string[]> {
  const entries = dimensions.flatMap((name): [string, string[]][] => {
    const values = [query[name] ?? []].flat().filter((value) => typeof value === 'string' && value !== '' && value.length <= 512);
    return values.length === 0 ? [] : [[name, [...new Set(values as string[])].slice(0, mostValues)]];
  });
  return Object.fromEntries(entries);
}

/** The period before the one shown, of the same length; an open one ends at the last whole quarter hour. */
export function previousPeriod({ from, to }: Pick<Filters, 'from' | 'to'>, now: Date): { from: Date; to: Date } {
  const quarter = 900_000;
  const end = to ?? new Date(Math.ceil(now.getTime() / quarter) * quarter);
  return { from: new Date(2 * from.getTime() - end.getTime()), to: from };
}

/** The address parameters that give these filters again, with some of them changed. */
export function filterParams(
  filters: Filters,
  change: Partial<Record<'range' | 'sort' | 'lang' | 'compare' | 'scheme', string>> = {},
): string {
  const range = change.range ?? filters.range;
  const sort = change.sort ?? filters.sort;
  const params = new URLSearchParams({ range });
  if (range === 'custom') {
    params.set('from', filters.days.from);
    params.set('to', filters.days.to);
  }
  if (filters.zone !== 'UTC') params.set('zone', filters.zone);
  if (sort !== null) params.set('sort', sort);
  const compare = change.compare ?? comparisonText(filters.compare);
  if (compare !== '') params.set('compare', compare);
  for (const [name, values] of Object.entries(filters.where)) for (const value of values) params.append(name, value);
  if (change.lang !== undefined) params.set('lang', change.lang);
  if (change.scheme !== undefined) params.set('scheme', change.scheme);
  return `?${params}`;
}

function readDays(from: string, to: string, zone: string, refuse: (key: MessageKey, value: string) => void) {
  const start = startOfDay(from, zone);
  const last = startOfDay(to, zone);
  if (start === null || last === null) {
    refuse('filter.invalid.date', start === null ? from : to);
    return null;
  }
  if (last < start) {
    refuse('filter.invalid.order', to);
    return null;
  }
  const after = new Date(Date.parse(to) + day).toISOString().slice(0, 10);
  return { from: start, to: startOfDay(after, zone) ?? new Date(last.getTime() + day), days: { from, to } };
}

function startOfRange(range: (typeof ranges)[number], now: Date, zone: string): Date {
  if (range === '24h') return new Date(Math.floor(now.getTime() / hour) * hour - day);
  const days = range === '7d' ? 6 : 29;
  const first = localDay(new Date(now.getTime() - days * day), zone);
  return startOfDay(first, zone) ?? new Date(now.getTime() - days * day);
}

/** How a span of time is cut: its grain, and the cohorts of which a few are compared. */
export function grainsFor(from: Date, to: Date): Pick<Filters, 'grain' | 'cohort'> {
  const days = (to.getTime() - from.getTime()) / day;
  return { grain: grainFor(from, to), cohort: days <= 7 ? 'day' : days <= 50 ? 'week' : 'month' };
}

/** The grain in which a range is drawn: about 20 to 100 points. */
export function grainFor(from: Date, to: Date): Grain {
  const days = (to.getTime() - from.getTime()) / day;
  if (days <= 3) return 'hour';
  if (days <= 100) return 'day';
  return days <= 700 ? 'week' : 'month';
}

/** The calendar day of an instant in a zone, as 2026-11-21. */
export function localDay(instant: Date, zone: string): string {
  return wallClock(instant, zone).slice(0, 10);
}

/** What a clock in the zone shows, as ISO text without a zone. */
export function wallClock(instant: Date, zone: string): string {
  if (zone === 'UTC') return instant.toISOString().slice(0, 19);
  const format = clocks.get(zone) ?? newClock(zone);
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}:${part['second']}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const mostClocks = 500;
function newClock(zone: string): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(zone, format);
  return format;
}
