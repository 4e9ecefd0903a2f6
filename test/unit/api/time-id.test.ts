import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { timeId } from '../../../api/time-id.ts';

const noon = Date.UTC(2026, 10, 27, 12);

it('an id is a UUID of version 7 that tells its millisecond', () => {
  const id = timeId(noon);
  expect([validate(id), version(id)]).toEqual([true, 7]);
  // RFC 9562, section 5.7: the first 48 bits are the milliseconds since 1970.
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(noon);
});

it('ids of one millisecond are all different, and every other digit of theirs takes every value', () => {
  const ids = Array.from({ length: 10_000 }, () => timeId(noon));
  expect(new Set(ids).size).toBe(10_000);
  const seen = (place: number) => new Set(ids.map((id) => id[place])).size;
  const random = Array.from({ length: 36 }, (_, place) => place).filter((place) => place > 14 && ![18, 19, 23].includes(place));
  expect(random.map(seen)).toEqual(random.map(() => 16));
  expect(new Set(ids.map((id) => id[19]))).toEqual(new Set(['8', '9', 'a', 'b']));
});

it('ids of later milliseconds sort behind, whatever came between', () => {
  const [first, later, again] = [timeId(noon), timeId(noon + 1), timeId(noon)];
  expect(first < later && again < later).toBe(true);
  expect(again.slice(0, 13)).toBe(first.slice(0, 13));
});
