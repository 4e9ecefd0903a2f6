import { describe, expect, it, vi } from 'vitest';
import { RefreshLoop } from '../../../api/warehouse-thread/refresh-loop.ts';
import type { BuildOptions, ModelRunResult } from '../../../models/runner.ts';
import type { Connection } from '../../../sql/database.ts';

const built = (model: string, rows: number | null): ModelRunResult => ({
  model,
  mode: 'incremental',
  outcome: 'ok',
  rows,
  message: null,
});

/** A runner whose builds give these results, and leave something for another one but for the last. */
class Runner {
  pending = false;
  readonly asked: boolean[] = [];
  constructor(private readonly passes: ModelRunResult[][]) {}

  async build(_: Connection, { full }: BuildOptions): Promise<ModelRunResult[]> {
    this.asked.push(full);
    const [results = []] = this.passes.splice(0, 1);
    this.pending = this.passes.length > 0;
    return results;
  }
}

function loopOf(runner: Runner): RefreshLoop {
  const now = () => new Date('2026-11-27T00:00:00Z');
  return new RefreshLoop(runner, {} as Connection, { now, minRestMs: 0, tailLanes: 1, onError: () => undefined });
}

describe('a build that was asked for', () => {
  it('goes on until nothing is left, and tells the rows of all its passes', async () => {
    const runner = new Runner([
      [built('funnel', 2), built('money', null), built('seed', null)],
      [built('funnel', 3), built('money', 1), built('seed', null)],
      [built('funnel', null), built('money', null), built('seed', null)],
    ]);
    expect(await loopOf(runner).build(true)).toEqual([built('funnel', 5), built('money', 1), built('seed', null)]);
    expect(runner.asked).toEqual([true, false, false]);
  });

  it('ends after five passes, whatever is left', async () => {
    const runner = new Runner(Array.from({ length: 9 }, () => [built('funnel', 1)]));
    expect(await loopOf(runner).build(false)).toEqual([built('funnel', 5)]);
  });

  it('is one pass where older time may wait', async () => {
    const runner = new Runner([[built('funnel', 1)], [built('funnel', 1)]]);
    expect(await loopOf(runner).build(false, 2)).toEqual([built('funnel', 1)]);
  });
});

it('rests three times as long as a build was at work, not as long as it waited', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const took = { waited: 0, builds: 0 };
    const runner = {
      pending: true,
      build: async () => {
        took.builds += 1;
        await new Promise((resolve) => setTimeout(resolve, 120));
        took.waited += 100;
        return [];
      },
    };
    const now = () => new Date('2026-11-27T00:00:00Z');
    const options = { now, minRestMs: 0, tailLanes: 1, onError: () => undefined };
    const loop = new RefreshLoop(runner, {} as Connection, { ...options, waitedMs: () => took.waited });
    const running = loop.run();
    // 120 ms of which 20 were work: 60 ms of rest.
    await vi.advanceTimersByTimeAsync(120 + 59);
    expect(took.builds).toBe(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(took.builds).toBe(2);
    loop.halt();
    await vi.advanceTimersByTimeAsync(500);
    await running;
  } finally {
    vi.useRealTimers();
  }
});
