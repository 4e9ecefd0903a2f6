import { describe, expect, it } from 'vitest';
import { instantOf, isoInstant, monthOf } from '../../../ingest/instant.ts';
import { canonicalJson, fingerprint, parseExactJson, parseJson } from '../../../ingest/json.ts';
import { micros } from '../../../ingest/money.ts';

describe('JSON of the platform', () => {
  it('keeps every digit of a number beyond 2^53, as text', () => {
    expect(parseExactJson('{"id":9007199254740993}')).toEqual({ id: '9007199254740993' });
    expect(parseExactJson('[1234567890123456,-1234567890123456789]')).toEqual(['1234567890123456', '-1234567890123456789']);
    expect(parseExactJson('{ "price" : 1234567890.123456789 }')).toEqual({ price: '1234567890.123456789' });
  });

  it('leaves shorter numbers numbers, also beside a long one', () => {
    expect(parseExactJson('{"a":123456789012345,"b":1.5e3,"c":-0.25,"id":12345678901234567}')).toEqual({
      ...{ a: 123456789012345, b: 1500, c: -0.25, id: '12345678901234567' },
    });
  });

  it('takes the last of two equal keys, on both ways', () => {
    expect(parseExactJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parseExactJson('{"a":1,"a":2,"id":12345678901234567}')).toMatchObject({ a: 2 });
  });

  it('replaces what no column can hold: half a surrogate pair, and NUL', () => {
    expect(parseExactJson('{"a":"x\\ud83d","b":"\\ude00y","c":"\\ud83d\\ude00","d":"z\\u0000"}')).toEqual({
      ...{ a: 'x\ufffd', b: '\ufffdy', c: '😀', d: 'z\ufffd' },
    });
  });

  it('is a SyntaxError when it is not JSON', () => {
    for (const text of ['', '{', '{"a":}', '[1,]', '\u0000']) expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  it('has keys that a prototype does not swallow', () => {
    const value = parseExactJson('{"__proto__":{"id":1},"x":12345678901234567}') as object;
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(canonicalJson(value)).toBe('{"__proto__":{"id":1},"x":"12345678901234567"}');
  });
});

describe('JSON of our own', () => {
  it('has numbers as they are everywhere, and the same care for text', () => {
    expect(parseJson('{"n":9007199254740991,"t":"x\\ud83d"}')).toEqual({ n: 9007199254740991, t: 'x\ufffd' });
  });
});

describe('equal values', () => {
  it('have one JSON text and one fingerprint', () => {
    const [a, b] = ['{"b":[1,{"y":null,"x":"é\\n"}],"a":true}', '{ "a": true, "b": [1, {"x": "\\u00e9\\n", "y": null}] }'].map(
      parseJson,
    );
    expect(canonicalJson(a)).toBe('{"a":true,"b":[1,{"x":"é\\n","y":null}]}');
    expect(canonicalJson(b)).toBe(canonicalJson(a));
    expect(fingerprint(b)).toBe(fingerprint(a));
  });

  it('are the only ones with one fingerprint', () => {
    const values = [
      [],
      {},
      '',
      0,
      null,
      false,
      '0',
      [0],
      ['0'],
      [[]],
      { 0: 0 },
      'null',
      ['a', 'b'],
      ['ab'],
      ['a"b'],
      { a: 'b' },
      [1, 2],
      [12],
    ];
    expect(new Set(values.map(fingerprint)).size).toBe(values.length);
  });
});

describe('an instant', () => {
  it.each([
    ['1745452800', '2025-04-24T00:00:00Z'],
    [1745452800, '2025-04-24T00:00:00Z'],
    ['April 17, 2025', '2025-04-17T00:00:00Z'],
    ['Apr 7, 2025', '2025-04-07T00:00:00Z'],
    ['17 April 2025', '2025-04-17T00:00:00Z'],
    ['2025-04-17', '2025-04-17T00:00:00Z'],
    ['2025-04-17 10:00:00', '2025-04-17T10:00:00Z'],
    ['2025-04-17T10:00:00+0530', '2025-04-17T04:30:00Z'],
  ])('%j is %s', (value, expected) => {
    expect(instantOf(value)).toBe(BigInt(Date.parse(expected)) * 1000n);
  });

  it.each([
    ['<TIMESTAMP>'],
    ['April 31, 2025'],
    ['Foo 12, 2025'],
    ['TIMESTAMP 1'],
    ['2025-13-01'],
    ['1'],
    [1e300],
    [Number.NaN],
    ['5000000000'],
    [true],
  ])('%j is none', (value) => {
    expect(instantOf(value)).toBeNull();
  });

  it('of ISO 8601 is exact to the microsecond', () => {
    expect(isoInstant('2025-04-17T10:00:00.1234567Z')).toBe(BigInt(Date.UTC(2025, 3, 17, 10)) * 1000n + 123_456n);
    expect(isoInstant('2025-04-17T10:00:00.5+02:00')).toBe(BigInt(Date.UTC(2025, 3, 17, 8)) * 1000n + 500_000n);
    expect(isoInstant('0001-01-01T00:00:00Z')).toBeNull();
  });

  it('lies in its UTC month', () => {
    const at = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
    expect([at('2025-01-31T23:59:59Z'), at('2025-02-01T00:00:00Z'), at('2024-12-31T00:00:00Z')].map(monthOf)).toEqual([
      '2025-01',
      '2025-02',
      '2024-12',
    ]);
  });
});

describe('money', () => {
  it.each([
    [['12.50'], 12_500_000n],
    [['0.000001'], 1n],
    [[99.99, 3], 299_970_000n],
    [[1e-7, 10], 1n],
    [['1e3'], 1_000_000_000n],
    [['9223372036854.775807'], 9_223_372_036_854_775_807n],
  ])('%j is exact', (factors, expected) => {
    expect(micros(...factors)).toBe(expected);
  });

  it.each([[['9223372036854.775808']], [['0.0000001']], [['-1']], [['1,5']], [[null]], [[Number.NaN]], [[Infinity]], [['']]])(
    '%j is unknown',
    (factors) => {
      expect(micros(...factors)).toBeNull();
    },
  );
});
