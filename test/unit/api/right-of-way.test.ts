import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RightOfWay } from '../../../api/warehouse-thread/right-of-way.ts';

/** Work that ends when told to. */
function open() {
  let end: (error?: Error) => void = () => undefined;
  const work = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  return { work, end };
}

describe('the right of way', () => {
  it('nobody waits while nothing goes first', async () => {
    await new RightOfWay().giveWay();
  });

  it('who gives way waits for all that goes first, also where it fails', async () => {
    const way = new RightOfWay();
    const [one, other] = [open(), open()];
    const ends = Promise.allSettled([way.first(() => one.work), way.first(() => other.work)]);
    let passed = false;
    const waiting = way.giveWay().then(() => {
      passed = true;
    });
    one.end();
    await sleep(5);
    expect(passed).toBe(false);
    other.end(new Error('broken'));
    await waiting;
    expect((await ends).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('goes on after 100 ms, and as long as it waited without waiting again', async () => {
    let now = 0;
    const way = new RightOfWay(() => now);
    void way.first(() => new Promise(() => undefined));
    const waiting = way.giveWay();
    now = 100;
    await waiting;
    now = 199;
    await way.giveWay(); // at once: the clock stands
    now = 200;
    let passed = false;
    void way.giveWay().then(() => {
      passed = true;
    });
    await sleep(10);
    expect(passed).toBe(false);
  });
});
