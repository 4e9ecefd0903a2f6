import { expect, it } from 'vitest';
import { columnMemory } from '../../../api/transfer.ts';

it('columns of numbers are handed over with the object that holds them, each once; bytes and rows are copied', () => {
  const [days, micros] = [Int32Array.of(1, 2), BigInt64Array.of(3n)];
  const value = {
    whole: { days, parts: ['a', null] },
    earlier: { days, micros },
    bytes: Buffer.from('x'),
    rows: [{ days }],
    none: null,
  };
  expect(columnMemory(value)).toEqual([days.buffer, micros.buffer]);
  expect(columnMemory('text')).toEqual([]);
  const there = structuredClone(value, { transfer: columnMemory(value) });
  expect([there.whole.days, days.length]).toEqual([Int32Array.of(1, 2), 0]);
});
