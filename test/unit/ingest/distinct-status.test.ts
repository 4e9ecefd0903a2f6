import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctStatuses } from '../../../ingest/distinct-status.ts';
import type { Staged } from '../../../ingest/staged.ts';

const status = (content_hash: string, occurred_at: bigint) => ({ content_hash, occurred_at }) as Staged<'status'>;

describe('the statuses of a batch without copies', () => {
  it('hold each content once a time, the first of its copies', () => {
    const [a1, a2, b1, a1Again, a2Again, a3] = [
      status('a', 1n),
      status('a', 2n),
      status('b', 1n),
      status('a', 1n),
      status('a', 2n),
      status('a', 3n),
    ] as const;
    expect(distinctStatuses([a1, a2, b1, a1Again, a2Again, a3])).toEqual([a1, a2, b1, a3]);
  });

  it('are as many as there are different pairs of content and time', () => {
    const any = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.bigInt(0n, 3n)));
    fc.assert(
      fc.property(any, (pairs) => {
        const different = new Set(pairs.map(([hash, time]) => `${hash}/${time}`));
        expect(distinctStatuses(pairs.map(([hash, time]) => status(hash, time)))).toHaveLength(different.size);
      }),
    );
  });
});
