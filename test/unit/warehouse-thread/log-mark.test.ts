import { describe, expect, it } from 'vitest';
import { LogMarks } from '../../../api/warehouse-thread/log-mark.ts';

const at = (webhooks: bigint, commands = 0n) =>
  new Map([
    ['webhooks', webhooks],
    ['commands', commands],
  ]);

describe('where the log ended at the looks of the controller', () => {
  it('tells the newest moment of which all that was durable is in the facts, and how many records are not', () => {
    const marks = new LogMarks();
    marks.add(1000, at(10n));
    marks.add(2000, at(20n, 1n));
    marks.add(3000, at(30n, 1n));
    expect(marks.reached(at(9n))).toEqual({ lag: 22, complete_to: null });
    expect(marks.reached(at(19n, 1n))).toEqual({ lag: 11, complete_to: 1000 });
    expect(marks.reached(at(29n))).toEqual({ lag: 2, complete_to: 1000 });
    expect(marks.reached(at(25n, 1n))).toEqual({ lag: 5, complete_to: 2000 });
    expect(marks.reached(at(31n, 1n))).toEqual({ lag: 0, complete_to: 3000 });
  });

  it('a partition that the facts have not heard of is missing whole', () => {
    const marks = new LogMarks();
    marks.add(1000, at(10n, 5n));
    expect(marks.reached(new Map([['webhooks', 10n]]))).toEqual({ lag: 5, complete_to: null });
  });

  it('what was seen is no news until more is applied, unless there is no more', () => {
    const marks = new LogMarks();
    const [some, more] = [at(5n), at(8n)];
    marks.add(1000, at(8n));
    expect(marks.isNews(some)).toBe(true);
    marks.see(some);
    expect(marks.isNews(some)).toBe(false);
    expect(marks.isNews(more)).toBe(true);
    marks.see(more);
    expect(marks.isNews(more)).toBe(true);
    marks.add(2000, at(9n));
    expect(marks.isNews(more)).toBe(false);
  });

  it('is never more than a second of looks short of the truth, and not at all at the newest', () => {
    const marks = new LogMarks();
    for (let n = 0; n <= 500; n += 1) marks.add(n * 100, at(BigInt(n)));
    const behind = Array.from({ length: 501 }, (_, n) => n * 100 - (marks.reached(at(BigInt(n))).complete_to ?? Number.NaN));
    expect(Math.min(...behind)).toBe(0);
    expect(Math.max(...behind)).toBeLessThan(1000);
    expect(behind.at(-1)).toBe(0);
  });

  it('hours behind it claims nothing until apply has come nearer', () => {
    const marks = new LogMarks();
    for (let n = 1; n <= 12_000; n += 1) marks.add(n * 1000, at(BigInt(n)));
    expect(marks.reached(at(2000n))).toEqual({ lag: 10_000, complete_to: null });
    expect(marks.reached(at(2001n)).complete_to).toBe(2_001_000);
    expect(marks.reached(at(12_000n))).toEqual({ lag: 0, complete_to: 12_000_000 });
  });
});
