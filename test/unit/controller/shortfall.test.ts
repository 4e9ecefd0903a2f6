import { describe, expect, it } from 'vitest';
import { observe } from '../../../controller/detect.ts';
import type { Signal } from '../../../controller/evidence.ts';
import { defaultPolicy } from '../../../controller/policy.ts';
import { initialState } from '../../../controller/scope-state.ts';
import { day, evidence, noon, stream } from './control-counts.ts';

/** Reads of one day, looked at one after the other; without means that a guilty scope is left out from then on. */
function readSums(looks: (Signal & { without?: string[] })[]): number[] {
  let state = initialState(defaultPolicy, stream, noon);
  return looks.map(({ events, exposure, without = [] }) => {
    const cohort = day({ sent: 2000 });
    const seen = evidence([{ ...cohort, signals: { ...cohort.signals, read: { events, exposure } } }], { without });
    const { cusum, counted } = observe(defaultPolicy, state, seen);
    state = { ...state, cusum, counted, without };
    return cusum.read;
  });
}

describe('reads against what is usual', () => {
  it('that come before they are expected are not missed once they are', () => {
    // All 1,000 are there while 100 are expected; then the expectation catches up and nothing new comes.
    expect(readSums([100, 400, 700, 1000].map((exposure) => ({ events: 1000, exposure })))).toEqual([0, 0, 0, 0]);
  });

  it('are not missed either after a guilty scope was left out of the sums', () => {
    const without = ['template:loud'];
    const looks = [
      { events: 1000, exposure: 500 },
      { events: 800, exposure: 400, without },
      { events: 800, exposure: 600, without },
    ];
    expect(readSums(looks)).toEqual([0, 0, 0]);
  });

  it('that do not come are evidence', () => {
    // The first 100 are as expected: their sum falls to nothing. Of the next 300 none comes: (0.85 - 0.5) * 300 = 105 nats.
    const [first, second] = readSums([
      { events: 100, exposure: 100 },
      { events: 100, exposure: 400 },
    ]);
    expect(first).toBe(0);
    expect(second).toBeCloseTo(105, 9);
  });
});
