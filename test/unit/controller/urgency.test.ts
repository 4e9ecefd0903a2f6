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
    expect(told(['a', 3, 3]).isDue).toBe(false);
    expect(told(['a', 4, 4]).isDue).toBe(true);
  });

  it('is not what a healthy campaign has at any size: 3 % that fail among messages told of two or three times', () => {
    expect(told(['a', 5000, 60]).isDue).toBe(false);
    expect(told(...Array.from({ length: 100 }, () => ['a', 500, 6] as [string, number, number])).isDue).toBe(false);
  });

  it('adds up over batches, by campaign', () => {
    expect(told(['a', 2, 2], ['b', 2, 2]).isDue).toBe(false);
    expect(told(['a', 2, 2], ['a', 2, 2]).isDue).toBe(true);
    // A third of a large list: 700 · ln 3 − 0.1 · 2000 = 569
    expect(told(['a', 2000, 700]).isDue).toBe(true);
  });

  it('is over once a look begins', () => {
    const urgency = told([null, 10, 10]);
    urgency.clear();
    expect(urgency.isDue).toBe(false);
  });
});
