import type { calendars } from './catalog.ts';
import type { grains } from './metric-query.ts';

const wall = (instant: string) => `${instant} AT TIME ZONE 'UTC' AT TIME ZONE $zone`;

/** Parts of the calendar as text that sorts in order, of what a clock shows. ISO: the week begins on Monday. */
const calendarPart: Record<(typeof calendars)[number], string> = {
  hour: `strftime(c.wall, '%H')`,
  weekday: `strftime(c.wall, '%u')`,
  hour_of_week: `strftime(c.wall, '%u-%H')`,
};

/** Units of the calendar, by which a clock is cut; ISO weeks, from Monday. */
const calendarUnits: readonly string[] = ['day', 'week', 'month'];

/** What quarter hours are cut into: the start of an interval, and parts of the calendar by the name of their dimension. */
export interface Cuts {
  grain: (typeof grains)[number] | undefined;
  calendar: readonly { name: string; part: (typeof calendars)[number] }[];
  zone: string;
}

/** Whether the statement takes the parameter `zone`: in UTC every clock shows what is stored. */
export function isZoned({ grain, calendar, zone }: Cuts): boolean {
  return zone !== 'UTC' && (calendar.length > 0 || (grain !== undefined && grain !== 'quarter_hour'));
}

/**
 * Common table expressions, the last of them `interval_of`: for each quarter hour `b` of the tables the start of its interval `start_at`,
 * an instant in UTC, and its calendar parts. A zone is asked once for each quarter hour, not for each row, and for the start of a day, week
 * or month once for each of these.
 * @param tables names of tables with a `bucket_at`
 */
export function intervalSql(tables: readonly string[], cuts: Cuts): string[] {
  const { grain, calendar } = cuts;
  const zoned = isZoned(cuts);
  const quarters = tables.map((table) => `SELECT bucket_at AS b FROM "${table}"`).join(' UNION ');
  const clock = `clock AS MATERIALIZED (SELECT b, ${zoned ? wall('b') : 'b'} AS wall FROM (SELECT DISTINCT b FROM (${quarters})))`;
  const parts = calendar.map(({ name, part }) => `${calendarPart[part]} AS "${name}"`);
  const cutHere = zoned && grain !== undefined && calendarUnits.includes(grain);
  const start = grain === undefined ? [] : [`${cutHere ? 's.start_at' : plainStart(grain)} AS start_at`];
  const join = cutHere ? ` JOIN begun AS s ON s.cut = date_trunc('${grain}', c.wall)` : '';
  return [
    clock,
    ...(cutHere ? [begun(grain)] : []),
    `interval_of AS MATERIALIZED (SELECT ${['c.b', ...start, ...parts].join(', ')} FROM clock AS c${join})`,
  ];
}

function plainStart(grain: (typeof grains)[number]): string {
  if (grain === 'quarter_hour') return 'c.b';
  // Hours are cut by the wall clock, but a repeated hour (the clock goes back) stays two.
  return grain === 'hour' ? `c.b - (c.wall - date_trunc('hour', c.wall))` : `date_trunc('${grain}', c.wall)`;
}

/** Where midnight comes twice, the day begins with the first of the two. */
function begun(unit: string): string {
  const start = `cut AT TIME ZONE $zone AT TIME ZONE 'UTC'`;
  return [
    `begun AS MATERIALIZED (SELECT cut, CASE WHEN ${wall('(instant - to_hours(1))')} = ${wall('instant')}`,
    `THEN instant - to_hours(1) ELSE instant END AS start_at`,
    `FROM (SELECT cut, ${start} AS instant FROM (SELECT DISTINCT date_trunc('${unit}', wall) AS cut FROM clock)))`,
  ].join(' ');
}
