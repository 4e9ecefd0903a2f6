import { describe, expect, it } from 'vitest';
import { toCsv } from '../../api/csv.ts';
import { jsonEvents } from '../../api/event-body.ts';
import { chooseMediaType } from '../../api/media-type.ts';
import { splitUnescaped } from '../../api/metric-params.ts';
import { escapeLabel, renderFamilies } from '../../api/telemetry.ts';
import { bearerToken, TokenBook } from '../../api/tokens.ts';
import { startOfDay } from '../../api/zone-time.ts';

describe('CSV', () => {
  it('quotes what RFC 4180 wants quoted', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,y', 'say "hi"'],
          ['two\nlines', null],
          [1.5, true],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n1.5,true\r\n');
  });
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('guards the text %j, and only text', (text) => {
    expect(
      toCsv(['a'], [[text]])
        .split('\r\n')
        .slice(1)
        .join('')
        .replaceAll('"', '')
        .startsWith("'"),
    ).toBe(true);
    expect(toCsv(['a'], [[-1]])).toBe('a\r\n-1\r\n');
  });
});

describe('the choice of a media type', () => {
  const offers = ['application/json', 'text/csv'] as const;
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/json;q=0.2, text/csv;q=0.8', 'text/csv'],
    ['*/*;q=0.5, application/json;q=0', 'text/csv'],
    ['text/html, application/xml;q=0.9, */*;q=0.8', 'application/json'],
    ['application/json;q=bad, text/csv;q=0.1', 'text/csv'],
    ['image/png', null],
    ['text/csv;q=0', null],
  ])('%j: %s', (accept, expected) => {
    expect(chooseMediaType(accept, offers)).toBe(expected);
  });
});

describe('the start of a day', () => {
  it.each([
    ['2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', 'Asia/Kolkata', '2026-11-20T18:30:00.000Z'],
    ['2026-11-21', 'Asia/Kathmandu', '2026-11-20T18:15:00.000Z'],
    ['2026-07-01', 'America/New_York', '2026-07-01T04:00:00.000Z'],
    ['2026-12-01', 'America/New_York', '2026-12-01T05:00:00.000Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'], // the day the clock goes forward
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'], // and back
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'], // 00:00 to 01:00 did not exist
    ['2026-11-21', 'Pacific/Kiritimati', '2026-11-20T10:00:00.000Z'], // UTC+14
  ])('%s in %s is %s', (date, zone, instant) => {
    expect(startOfDay(date, zone)?.toISOString()).toBe(instant);
  });
  it('of a day that the calendar lacks does not exist', () => {
    expect(startOfDay('2026-02-30', 'UTC')).toBeNull();
    expect(startOfDay('2011-12-30', 'Pacific/Apia')).toBeNull(); // Samoa went over the date line
  });
});

describe('small readers', () => {
  it('split at separators that no backslash precedes', () => {
    expect(splitUnescaped('a,b\\,c,,\\\\,d', ',')).toEqual(['a', 'b\\,c', '\\\\', 'd']);
  });
  it('find the elements of a JSON array as they were written', () => {
    expect(jsonEvents(' [ {"a":"],[\\""} , [1, 2],"x\\\\" ,1.0] ')).toEqual(['{"a":"],[\\""}', '[1, 2]', '"x\\\\"', '1.0']);
  });
  it('take a Bearer token and nothing else', () => {
    expect(bearerToken('Bearer abc.DEF-1==')).toBe('abc.DEF-1==');
    expect(bearerToken('bearer abc')).toBe('abc');
    for (const header of [undefined, '', 'Bearer', 'Bearer a b', 'Basic abc', 'abc']) expect(bearerToken(header)).toBeNull();
  });
  it('know a token by its whole', () => {
    const book = new TokenBook([{ role: 'ops', token: 'a-long-enough-token' }]);
    expect([book.roleOf('a-long-enough-token'), book.roleOf('a-long-enough-toke'), book.roleOf('')]).toEqual(['ops', null, null]);
  });
  it('write Prometheus text', () => {
    const text = renderFamilies([
      { name: 'a_total', type: 'counter', help: 'As', samples: [{ labels: `x="${escapeLabel('q"\\\n')}"`, value: 2 }] },
      { name: 'b', type: 'gauge', help: 'None', samples: [] },
    ]);
    expect(text).toBe('# HELP a_total As\n# TYPE a_total counter\na_total{x="q\\"\\\\\\n"} 2\n# HELP b None\n# TYPE b gauge\n');
  });
});
