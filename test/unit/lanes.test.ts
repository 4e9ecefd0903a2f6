import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planLanes, sectionOf } from '../../models/lanes.ts';

const time = (text: string) => Date.parse(`2026-11-${text}:00Z`);
const hour = 3_600_000;
const now = time('21T12:00');
const clock = (ms: number) => new Date(ms).toISOString().slice(8, 16);
const plan = (buckets: [string, number][], limit = Number.POSITIVE_INFINITY) =>
  planLanes(
    buckets.map(([at, seq]) => ({ at: time(at), seq: BigInt(seq) })),
    now,
    6 * hour,
    limit,
  ).map(({ from, to }) => `${clock(from)} to ${clock(to)}`);

it('makes one lane of all that is recent, first', () => {
  expect(
    plan([
      ['20T10:00', 1],
      ['21T09:00', 9],
      ['21T11:45', 8],
      ['21T12:15', 7],
    ]),
  ).toEqual(['21T09:00 to 21T12:30', '20T10:00 to 20T10:15']);
});

it('cuts the tail at every sixth hour and at long gaps, the longest waiting first', () => {
  expect(
    plan([
      ['18T01:00', 5],
      ['18T03:00', 6],
      ['18T05:00', 7],
      ['18T06:00', 8],
      ['18T23:45', 4],
      ['19T00:00', 3],
    ]),
  ).toEqual(['19T00:00 to 19T00:15', '18T23:45 to 19T00:00', '18T01:00 to 18T05:15', '18T06:00 to 18T06:15']);
});

it('cuts a thin tail into longer sections, so that each holds enough to be worth a statement', () => {
  const month = 30 * 24 * hour;
  // 25 million messages in a month: 100,000 come in under three hours, and no section is shorter than six.
  expect(sectionOf({ messages: 25_000_000, length: month })).toBe(6 * hour);
  // 1,200,000 in a month: 100,000 come in two days and a half.
  expect(sectionOf({ messages: 1_200_000, length: month })).toBe(60 * hour);
  // Fewer than a lane may hold: one section is longer than all.
  expect(sectionOf({ messages: 50_000, length: month })).toBe(2 * month);
  expect(sectionOf({ messages: 0, length: 0 })).toBe(6 * hour);
});

it('leaves the rest of the tail for later, but never the recent lane', () => {
  const buckets: [string, number][] = [
    ['21T11:45', 9],
    ['18T01:00', 2],
    ['17T01:00', 1],
  ];
  expect(plan(buckets, 1)).toEqual(['21T11:45 to 21T12:00', '17T01:00 to 17T01:15']);
  expect(plan(buckets, 0)).toEqual(['21T11:45 to 21T12:00']);
});

it('covers every bucket exactly once', () => {
  const quarter = fc.integer({ min: -2000, max: 20 }).map((n) => ({ at: now + n * 900_000, seq: BigInt(n + 5000) }));
  fc.assert(
    fc.property(fc.uniqueArray(quarter, { selector: ({ at }) => at }), (buckets) => {
      const lanes = planLanes(buckets, now, 6 * hour, Number.POSITIVE_INFINITY);
      for (const { at } of buckets) expect(lanes.filter(({ from, to }) => at >= from && at < to)).toHaveLength(1);
    }),
  );
});
