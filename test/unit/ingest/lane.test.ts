import { describe, expect, it } from 'vitest';
import { lanesOf } from '../../../ingest/lane.ts';

describe('the ranges of time that a batch is looked up in', () => {
  it('is one where nothing lies further apart than the gap', () => {
    expect(
      lanesOf(
        [
          { first: 0n, last: 10n },
          { first: 20n, last: 25n },
        ],
        10n,
      ),
    ).toEqual([{ first: 0n, last: 25n }]);
  });

  it('is one for the recent rows and one for the late tail', () => {
    expect(
      lanesOf(
        [
          { first: 0n, last: 10n },
          { first: 21n, last: 25n },
          { first: 26n, last: 40n },
        ],
        10n,
      ),
    ).toEqual([
      { first: 0n, last: 10n },
      { first: 21n, last: 40n },
    ]);
  });

  it('is none for an empty batch', () => {
    expect(lanesOf([], 10n)).toEqual([]);
  });
});
