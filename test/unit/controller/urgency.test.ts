import { describe, expect, it } from 'vitest';
import { Urgency } from '../../../controller/urgency.ts';

describe('harm that a look of the controller should not be late for', () => {
  const told = (...batches: [campaign: string | null, touched: number, failed: number][]) => {
    const urgency = new Urgency();
    for (const [campaign_id, touched, failed] of batches) urgency.add([{ campaign_id, touched, failed }]);
    return urgency;
  };

  it('is a few failures among few messages', () => {
    // 3 · ln 3 − 0.1 · 3 = 2.996; 4 · ln 3 − 0.1 · 4 = 3.994
    expect(told(['a', 3, 3]).due).toEqual([]);
    expect(told(['a', 4, 4]).due).toEqual(['a']);
  });

  it('is not what a healthy campaign has at any size: 3 % that fail among messages told of two or three times', () => {
    expect(told(['a', 5000, 60]).due).toEqual([]);
    expect(told(...Array.from({ length: 100 }, () => ['a', 500, 6] as [string, number, number])).due).toEqual([]);
  });

  it('adds up over batches, by campaign', () => {
    expect(told(['a', 2, 2], ['b', 2, 2]).due).toEqual([]);
    expect(told(['a', 2, 2], ['a', 2, 2]).due).toEqual(['a']);
    // A third of a large list: 700 · ln 3 − 0.1 · 2000 = 569
    expect(told(['a', 2000, 700]).due).toEqual(['a']);
  });

  it('is over once a look begins at it, or at everything', () => {
    const urgency = told([null, 10, 10], ['a', 10, 10], ['b', 2, 2]);
    expect(urgency.due).toEqual(['', 'a']);
    urgency.take(['a']);
    expect(urgency.due).toEqual(['']);
    urgency.add([{ campaign_id: 'b', touched: 2, failed: 2 }]);
    expect(urgency.due).toEqual(['', 'b']);
    urgency.clear();
    expect(urgency.due).toEqual([]);
  });
});
