import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeShare } from '../../ingest/time-share.ts';

/** A clock that stands until it is told to go. */
function withClock(share: number) {
  let now = 0;
  const time = new TimeShare(share, () => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { time, pass, stop: (ms: number) => time.spend(() => pass(ms)) };
}

describe("a share of the thread's time", () => {
  it('is free at first', () => {
    expect(withClock(0.5).time.isFree).toBe(true);
  });

  it('is taken until the thread had as much time for the rest as the share asks', () => {
    const { time, pass, stop } = withClock(0.25);
    stop(4);
    pass(11);
    expect(time.isFree).toBe(false);
    pass(1); // 4 of 16 ms
    expect(time.isFree).toBe(true);
  });

  it('is not tried for a second after work that stopped the thread for more than 20 ms', () => {
    const { time, pass, stop } = withClock(0.5);
    stop(21);
    pass(999);
    expect(time.isFree).toBe(false);
    pass(1);
    expect(time.isFree).toBe(true);
  });

  it('counts work that failed, and lets its error through', () => {
    const { time, pass } = withClock(0.5);
    const failing = () =>
      time.spend(() => {
        pass(10);
        throw new Error('the disk is full');
      });
    expect(failing).toThrow('the disk is full');
    expect(time.isFree).toBe(false);
  });

  it('is never passed, however the work comes', () => {
    const steps = fc.array(fc.record({ work: fc.integer({ min: 1, max: 50 }), rest: fc.integer({ min: 0, max: 30 }) }));
    fc.assert(
      fc.property(steps, fc.constantFrom(0.1, 0.5, 1), (list, share) => {
        const { time, pass, stop } = withClock(share);
        let [busy, all, newest] = [0, 0, 0];
        for (const { work, rest } of list) {
          pass(rest);
          all += rest;
          if (!time.isFree) continue;
          // what was done before this is within the share by now
          expect(busy).toBeLessThanOrEqual(share * all + 1e-9);
          stop(work);
          newest = work;
          busy += work;
          all += work;
        }
        expect(busy - newest).toBeLessThanOrEqual(share * all + 1e-9);
      }),
    );
  });
});
