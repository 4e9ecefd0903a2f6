import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterParams, readFilters, wallClock } from '../../../api/pages/filters.ts';

const now = new Date('2026-11-21T12:34:56Z');

describe('the range of a page', () => {
  it('is the last thirty days unless the address says otherwise, today among them', () => {
    const { from, to, grain, range } = readFilters({}, now);
    expect([range, from.toISOString(), to, grain]).toEqual(['30d', '2026-10-23T00:00:00.000Z', undefined, 'day']);
  });

  it('begins with the hour for a day and with the day of the zone for a week', () => {
    expect(readFilters({ range: '24h' }, now).from.toISOString()).toBe('2026-11-20T12:00:00.000Z');
    expect(readFilters({ range: '24h' }, now).grain).toBe('hour');
    // Kathmandu is 5:45 ahead: the 15th begins there at 18:15 of the 14th.
    expect(readFilters({ range: '7d', zone: 'Asia/Kathmandu' }, now).from.toISOString()).toBe('2026-11-14T18:15:00.000Z');
  });

  it('takes days of the zone, both inclusive, through a change of the clock', () => {
    // Berlin leaves summer time on 25 October 2026: that day has 25 hours.
    const { from, to } = readFilters({ range: 'custom', from: '2026-10-25', to: '2026-10-25', zone: 'Europe/Berlin' }, now);
    expect([from.toISOString(), to?.toISOString()]).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
  });

  it('draws long ranges in weeks and months', () => {
    expect(readFilters({ from: '2026-01-01', to: '2026-11-01' }, now).grain).toBe('week');
    expect(readFilters({ from: '2020-01-01', to: '2026-11-01' }, now).grain).toBe('month');
  });

  it.each([
    [{ range: 'eternity' }, 'filter.invalid.range'],
    [{ range: 'custom', from: '2026-02-30' }, 'filter.invalid.date'],
    [{ range: 'custom', from: '2026-11-02', to: '2026-11-01' }, 'filter.invalid.order'],
    [{ zone: 'Mars/Olympus' }, 'filter.invalid.zone'],
  ])('tells what it could not use: %o', (query, key) => {
    const filters = readFilters(query, now);
    expect(filters.problems.map((problem) => problem.key)).toEqual([key]);
    expect(filters.range).toBe('30d');
  });

  it('never throws, whatever stands in the address', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('custom', '2026-11-01', '275760-09-13', '24h'), fc.array(fc.string()));
    const query = fc.record({ range: value, from: value, to: value, zone: value, sort: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(query, (asked) => {
        const filters = readFilters(asked, now);
        expect(filters.to === undefined || filters.to > filters.from).toBe(true);
      }),
    );
  });

  it('is given again by the parameters made from it', () => {
    const asked = { range: 'custom', from: '2026-11-01', to: '2026-11-03', zone: 'Asia/Kolkata', sort: 'campaigns.read_rate' };
    const filters = readFilters(asked, now);
    expect(readFilters(Object.fromEntries(new URLSearchParams(filterParams(filters))), now)).toEqual(filters);
  });
});

describe('the clock of a zone', () => {
  it('shows what people there see', () => {
    expect(wallClock(new Date('2026-11-20T23:30:00Z'), 'Asia/Kolkata')).toBe('2026-11-21T05:00:00');
    expect(wallClock(new Date('2026-07-01T00:00:00Z'), 'America/New_York')).toBe('2026-06-30T20:00:00');
  });
});
