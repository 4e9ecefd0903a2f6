import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ArchiveTimer } from '../../../api/archive-timer.ts';
import { createLogger } from '../../../api/logger.ts';

const everyMs = 10_000;
const minutes = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** An archive before which so many segments are sealed; each step takes one. */
function archive(sealed: number, options: { stepFails?: boolean } = {}) {
  const seen = { behind: false, sealed, steps: [] as number[] };
  const archiver = {
    get sealedLeft() {
      return seen.sealed;
    },
    async step() {
      seen.steps.push(performance.now());
      if (options.stepFails) throw new Error('no space');
      seen.sealed = Math.max(0, seen.sealed - 1);
      return { more: seen.sealed > 0 };
    },
  };
  const timer = new ArchiveTimer({ archiver, isBehind: async () => seen.behind, logger: createLogger('silent'), everyMs });
  const began = performance.now();
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { seen, timer, pass, stepsAt: () => seen.steps.map((at) => at - began) };
}

describe('the archive, while facts keep up', () => {
  it('takes one sealed segment after another, then looks again every so often', async () => {
    const { seen, timer, pass } = archive(3);
    await pass(everyMs - 1);
    expect(seen.steps).toHaveLength(0);
    await pass(100);
    expect(seen.steps).toHaveLength(3);
    await pass(2 * everyMs);
    expect(seen.steps).toHaveLength(5);
    await timer.stop();
  });

  it('rests while a copy is made', async () => {
    const { seen, timer, pass } = archive(3);
    const copied = new AbortController();
    const copy = timer.during(() => once(copied.signal, 'abort'));
    await pass(10 * everyMs);
    expect(seen.steps).toEqual([]);
    copied.abort();
    await copy;
    await pass(everyMs + 100);
    expect(seen.sealed).toBe(0);
    await timer.stop();
  });

  it('waits a while after a step that failed', async () => {
    const { timer, pass, stepsAt } = archive(1, { stepFails: true });
    await pass(8 * everyMs);
    expect(stepsAt()).toEqual([everyMs, 7 * everyMs]);
    await timer.stop();
  });
});

describe('the archive, while facts are behind', () => {
  it('lets them go first, and begins when they have caught up', async () => {
    const { seen, timer, pass } = archive(3);
    seen.behind = true;
    await pass(2 * minutes);
    expect(seen.steps).toEqual([]);
    seen.behind = false;
    await pass(everyMs + 100);
    expect(seen.sealed).toBe(0);
    await timer.stop();
  });

  it('waits five minutes at a stretch and no longer; then it takes all that is sealed', async () => {
    const { seen, timer, pass } = archive(3);
    seen.behind = true;
    await pass(everyMs + 5 * minutes - 1);
    expect(seen.steps).toEqual([]);
    await pass(100);
    expect(seen.sealed).toBe(0);
    // it begins to wait anew
    seen.sealed = 1;
    await pass(4 * minutes);
    expect(seen.sealed).toBe(1);
    await pass(2 * minutes);
    expect(seen.sealed).toBe(0);
    await timer.stop();
  });

  it('waits for no more than 64 segments', async () => {
    const { seen, timer, pass } = archive(64);
    seen.behind = true;
    await pass(everyMs + 100);
    expect(seen.sealed).toBe(0);
    await timer.stop();
  });
});
