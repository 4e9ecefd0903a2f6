import { describe, expect, it } from 'vitest';
import { Kept } from '../../../api/kept.ts';

describe('what is kept', () => {
  it('is worked out once for each question asked at once too', async () => {
    let worked = 0;
    const kept = new Kept<string>();
    const ask = (question: string) =>
      kept.of(question, async () => {
        worked += 1;
        return `${question} ${worked}`;
      });
    expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a 1', 'a 1', 'b 2']);
    expect(await ask('a')).toBe('a 1');
  });

  it('does not keep what is not worth its room', async () => {
    const kept = new Kept<number>();
    expect(
      await kept.of(
        'a',
        async () => 7,
        (value) => value < 5,
      ),
    ).toBe(7);
    expect(
      await kept.of(
        'a',
        async () => 3,
        (value) => value < 5,
      ),
    ).toBe(3);
    expect(await kept.of('a', async () => 4)).toBe(3);
  });

  it('gives what it has when it is full, and makes room only for something new', async () => {
    const kept = new Kept<number>();
    for (let n = 0; n < 500; n += 1) await kept.of(`${n}`, async () => n);
    expect(await kept.of('7', async () => -1)).toBe(7);
    expect(await kept.of('499', async () => -1)).toBe(499);
    expect(await kept.of('new', async () => 1)).toBe(1);
    expect(await kept.of('7', async () => -1)).toBe(-1);
  });

  it('does not keep a failure', async () => {
    const kept = new Kept<string>();
    await expect(kept.of('a', () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
    expect(await kept.of('a', async () => 'fine')).toBe('fine');
  });
});
