import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerMetricQuery } from '../../models/answer-metrics.ts';
import { loadCatalog } from '../../models/catalog.ts';
import type { MetricQuery } from '../../models/metric-query.ts';
import { type Connection, Database } from '../../sql/database.ts';
import { migrate } from '../../sql/migrate.ts';

/** Rows of funnel_15m around the days on which the clocks of Berlin and Havana go back, read in a second way: row by row. */
const quarterMs = 900_000;
const first = Date.UTC(2026, 9, 24);
const quarters = 10 * 96;
const counts = ['requested', 'attempted', 'delivered', 'read', 'replied'] as const;
const zones = ['UTC', 'Asia/Kathmandu', 'America/Havana', 'Europe/Berlin'] as const;
const now = new Date('2026-11-10T00:00:00Z');
/** Hours after delivery in which replies count; 24 where none is registered. */
const replyHours: Record<string, number> = { a: 2, b: 100 };
/** Share of what is expected that is in by now: messages of the last three days only. */
const share = (signal: string, quarter: number, category: string | null): number | null =>
  quarter < quarters - 288 || category !== 'marketing' ? null : ({ delivered: 0.875, read: 0.5, replied: 0.25 }[signal] ?? null);

interface MartRow {
  quarter: number;
  campaign: string | null;
  segment: string;
  category: string | null;
  counts: number[];
}
const martRow: fc.Arbitrary<MartRow> = fc.record({
  quarter: fc.nat(quarters - 1),
  campaign: fc.constantFrom('a', 'b', 'c', null),
  segment: fc.constantFrom('x', 'y'),
  category: fc.constantFrom('marketing', 'utility', null),
  counts: fc.array(fc.nat(1000), { minLength: counts.length, maxLength: counts.length }),
});
const question = fc.record({
  grain: fc.constantFrom(undefined, 'quarter_hour', 'hour', 'day', 'week'),
  zone: fc.constantFrom(...zones),
  by: fc.subarray(['campaign', 'segment', 'weekday']),
  from: fc.option(fc.nat(quarters - 1), { nil: undefined }),
  campaigns: fc.option(fc.subarray(['a', 'c', ''], { minLength: 1 }), { nil: undefined }),
  hours: fc.option(fc.constant<string[]>(['00', '23']), { nil: undefined }),
});

let database: Database;
let connection: Connection;
beforeAll(async () => {
  database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
  connection = await database.connect();
  await migrate(connection);
  await connection.exec(`
    CREATE TABLE funnel_15m (bucket_at TIMESTAMP, campaign_id VARCHAR, segment_id VARCHAR, category VARCHAR,
      ${counts.map((name) => `${name} BIGINT`).join(', ')}, last_event_at TIMESTAMP);
    CREATE TABLE campaign_window (campaign_id VARCHAR, reply_window_h INTEGER);
    CREATE TABLE feedback_share (bucket_at TIMESTAMP, category VARCHAR, signal VARCHAR, share DOUBLE);
    INSERT INTO campaign_window VALUES ('a', 2), ('b', 100);
    INSERT INTO model_state VALUES ('funnel_15m', '', '2026-11-02', 'ok', NULL), ('feedback_share', '', '2026-11-02', 'ok', NULL)`);
  const shares = ['delivered', 'read', 'replied'].flatMap((signal) =>
    Array.from({ length: quarters }, (_, quarter) => {
      const value = share(signal, quarter, 'marketing');
      return value === null ? [] : [`(epoch_ms(${first + quarter * quarterMs}), 'marketing', '${signal}', ${value})`];
    }).flat(),
  );
  await connection.exec(`INSERT INTO feedback_share VALUES ${shares.join(', ')}`);
});
afterAll(() => {
  connection.close();
  database.close();
});

const clocks = new Map(
  zones.map((timeZone) => [
    timeZone as string,
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
    }),
  ]),
);
const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
function clock(at: number, zone: string): { date: string; hour: string; minute: number; weekday: number } {
  const part = Object.fromEntries(
    clocks
      .get(zone)
      ?.formatToParts(at)
      .map(({ type, value }) => [type, value]) ?? [],
  );
  return {
    date: `${part['year']}-${part['month']}-${part['day']}`,
    hour: String(part['hour']),
    minute: Number(part['minute']),
    weekday: days.indexOf(String(part['weekday'])) + 1,
  };
}

/** The first quarter hour of the interval, found by going back from quarter to quarter. */
function start(at: number, grain: string, zone: string): number {
  if (grain === 'quarter_hour') return at;
  const here = clock(at, zone);
  if (grain === 'hour') return at - here.minute * 60_000;
  let begin = at;
  while (clock(begin - quarterMs, zone).date === here.date) begin -= quarterMs;
  return grain === 'day' || here.weekday === 1 ? begin : start(begin - quarterMs, grain, zone);
}

it('what is asked of a mart is what its rows give one by one', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(martRow, { minLength: 1, maxLength: 25 }), question, async (rows, asked) => {
      await connection.exec(
        `DELETE FROM funnel_15m; INSERT INTO funnel_15m VALUES ${rows
          .map(({ quarter, campaign, segment, category, counts: n }) => {
            const text = (value: string | null) => (value === null ? 'NULL' : `'${value}'`);
            return `(epoch_ms(${first + quarter * quarterMs}), ${text(campaign)}, '${segment}', ${text(category)}, ${n.join(', ')}, NULL)`;
          })
          .join(', ')}`,
      );
      const where = {
        ...(asked.campaigns === undefined ? {} : { campaign: asked.campaigns }),
        ...(asked.hours === undefined ? {} : { hour: asked.hours }),
      };
      const query: MetricQuery = {
        metrics: ['messages_requested', 'read_rate', 'reply_rate'],
        by: asked.by,
        zone: asked.zone,
        where,
        limit: 1000,
        ...(asked.grain === undefined ? {} : { grain: asked.grain as NonNullable<MetricQuery['grain']> }),
        ...(asked.from === undefined ? {} : { from: new Date(first + asked.from * quarterMs) }),
      };
      const answer = await answerMetricQuery(connection, catalog, query, now);

      const groups = new Map<string, MartRow[]>();
      for (const row of rows) {
        const at = first + row.quarter * quarterMs;
        const { hour, weekday } = clock(at, asked.zone);
        if (asked.from !== undefined && row.quarter < asked.from) continue;
        if (asked.campaigns !== undefined && !asked.campaigns.includes(row.campaign ?? '')) continue;
        if (asked.hours !== undefined && !asked.hours.includes(hour)) continue;
        const dimension = { campaign: row.campaign, segment: row.segment, weekday: String(weekday) };
        const key = JSON.stringify([
          ...(asked.grain === undefined ? [] : [new Date(start(at, asked.grain, asked.zone)).toISOString()]),
          ...asked.by.map((name) => dimension[name as keyof typeof dimension]),
        ]);
        groups.set(key, [...(groups.get(key) ?? []), row]);
      }
      if (groups.size === 0 && asked.grain === undefined && asked.by.length === 0) groups.set('[]', []);
      const names = [...(asked.grain === undefined ? [] : ['time']), ...asked.by];
      const found = new Map(
        answer.rows.map(({ dimensions, metrics }) => [JSON.stringify(names.map((name) => dimensions[name])), metrics]),
      );
      expect([...found.keys()].sort()).toEqual([...groups.keys()].sort());
      for (const [key, group] of groups) {
        const sum = (name: (typeof counts)[number]) =>
          group.reduce((total, { counts: n }) => total + (n[counts.indexOf(name)] ?? 0), 0);
        const metrics = found.get(key);
        expect(metrics?.['messages_requested']?.value).toBe(sum('requested'));
        for (const [name, signal] of [
          ['read_rate', 'read'],
          ['reply_rate', 'replied'],
        ] as const) {
          const rate = metrics?.[name];
          expect([rate?.numerator, rate?.denominator]).toEqual([sum(signal), sum('delivered')]);
          const due = group.reduce((total, { quarter, category, counts: n }) => {
            const seen = share(signal, quarter, category);
            return total + (n[2] ?? 0) * (seen === null ? 1 : seen / (share('delivered', quarter, category) ?? 1));
          }, 0);
          if (sum('delivered') === 0) expect(rate?.maturity).toBeNull();
          else expect(rate?.maturity).toBeCloseTo(due / sum('delivered'), 12);
        }
        const end = Math.max(
          ...group.map(({ quarter, campaign }) => first + quarter * quarterMs + (replyHours[campaign ?? ''] ?? 24) * 3_600_000),
        );
        expect(metrics?.['reply_rate']?.final).toBe(group.length === 0 || end + 7 * 86_400_000 + quarterMs <= now.getTime());
      }
    }),
    { numRuns: 60 },
  );
});

const catalog = loadCatalog();
