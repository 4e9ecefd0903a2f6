import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ApplyLoop } from '../../api/warehouse-thread/apply-loop.ts';
import { type Apply, PositionMoved } from '../../ingest/apply.ts';
import type { EventLogReader } from '../../ingest/event-log.ts';
import type { LogRecord, Positions } from '../../ingest/record.ts';
import type { Decoded } from '../../ingest/staged.ts';
import { SluiceError } from '../../sql/errors.ts';
import { recordOf, status } from '../webhook-record.ts';

/** A log that one can add to, and an apply that keeps the offsets it was given. */
class Bench {
  readonly records: LogRecord[] = [];
  readonly commits: { to: bigint; quarantined: string[] }[] = [];
  /** Offsets in the order in which they were committed. */
  readonly applied: bigint[] = [];
  committing = 0;
  commitMs = 5;
  /** What it was told to be missing. */
  readonly gaps: (string | undefined)[] = [];
  /** Called in each commit with the offsets in it. */
  onCommit: (from: bigint, to: bigint, decoded: Decoded) => void = () => undefined;
  private at = 0n;

  readonly reader: EventLogReader = {
    read: async (from) => this.records.slice(Number(from.get('log') ?? 0n)),
    waitFor: () => sleep(5),
    end: async () => new Map([['log', BigInt(this.records.length)]]),
    applied: async () => undefined,
  };

  readonly apply = {
    positions: async () => new Map(),
    commit: async (decoded: Decoded, positions: Positions, _again: unknown, from: Positions) => {
      const to = positions.get('log') ?? 0n;
      const quarantined = decoded.quarantine.map(({ log_offset, reason }) => `${log_offset} ${reason}`);
      this.committing += 1;
      await sleep(this.commitMs);
      try {
        this.onCommit(this.at, to, decoded);
      } finally {
        this.committing -= 1;
        for (const list of Object.values(decoded)) list.length = 0;
      }
      for (let offset = from.get('log') ?? 0n; offset < to; offset += 1n) this.applied.push(offset);
      this.at = to;
      this.commits.push({ to, quarantined });
    },
  } as unknown as Apply;

  /** Adds this many records. */
  add(count: number): void {
    for (let n = 0; n < count; n += 1) this.records.push(recordOf('[]', 'event', BigInt(this.records.length)));
  }

  loop(
    size: { batchBytes: number; batchItems?: number } = { batchBytes: 1000 },
    onAway: (error: SluiceError) => void = () => undefined,
  ): Promise<ApplyLoop> {
    const onGap = ({ detail }: SluiceError) => void this.gaps.push(detail);
    const little = (ms: number) => sleep(Math.min(ms, 5));
    return ApplyLoop.create({ reader: this.reader, apply: this.apply, ...size, onGap, onAway, sleep: little });
  }
}

const goOn = () => undefined;

/** A loop whose batches take 120 ms, and what it asked to rest. */
async function resting(rest: (ms: number) => Promise<void>) {
  const bench = new Bench();
  bench.commitMs = 120;
  const rests: number[] = [];
  const loop = await ApplyLoop.create({
    reader: bench.reader,
    apply: bench.apply,
    batchBytes: 1000,
    sleep: (ms) => {
      rests.push(ms);
      return rest(ms);
    },
  });
  return { bench, loop, rests };
}

describe('the apply loop', () => {
  it('sets aside the one record that the database refuses, whole, and lets its neighbours through', async () => {
    const bench = new Bench();
    bench.add(8);
    bench.onCommit = (from, to, decoded) => {
      if (from <= 5n && 5n < to && decoded.quarantine.length === 0) throw new Error('Conversion Error: no such date');
    };
    expect(await (await bench.loop()).catchUp(goOn)).toBe(8);
    expect(bench.commits.at(-1)?.to).toBe(8n);
    expect(bench.commits.flatMap(({ quarantined }) => quarantined)).toEqual(['5 apply_failed']);
  });

  it('tries again what the disk or memory refused', async () => {
    const bench = new Bench();
    bench.add(2);
    const told: number[] = [];
    bench.onCommit = (_from, _to, { record_count }) => {
      told.push(record_count.reduce((sum, { records }) => sum + records, 0));
      if (told.length < 4) throw new Error('IO Error: no space left on device');
    };
    await (await bench.loop()).catchUp(goOn);
    expect(bench.commits).toEqual([{ to: 2n, quarantined: [] }]);
    // A commit takes the rows that it is given, so each attempt has them decoded again.
    expect(told).toEqual([2, 2, 2, 2]);
  });

  it('tries smaller batches, for minutes, where the engine finds no memory', async () => {
    const bench = new Bench();
    bench.add(8);
    let failures = 0;
    bench.onCommit = (from, to) => {
      if (to - from < 3n && failures > 30) return;
      failures += 1;
      throw new Error('Out of Memory Error: failed to allocate data of size 4.0 KiB (256.0 MiB/256.0 MiB used)');
    };
    await (await bench.loop()).catchUp(goOn);
    expect(bench.applied).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
    expect(bench.commits.every(({ quarantined }) => quarantined.length === 0)).toBe(true);
  });

  it('gives up at last where there never is any memory, so that the process is started anew', async () => {
    const bench = new Bench();
    bench.add(1);
    bench.commitMs = 0;
    bench.onCommit = () => {
      throw new Error('Out of Memory Error: could not allocate block of size 256.0 KiB');
    };
    await expect((await bench.loop()).catchUp(goOn)).rejects.toThrow('Out of Memory');
  });

  for (const code of ['log_unavailable', 'kafka_refused'] as const) {
    it(`waits while the log cannot be read (${code}), says so once, and goes on where it stood`, async () => {
      const bench = new Bench();
      bench.add(3);
      const [said, read] = [[] as string[], bench.reader.read];
      let away = true;
      bench.reader.read = async (from, most) => {
        if (away) throw new SluiceError(code, { detail: 'not now' });
        return read(from, most);
      };
      const loop = await bench.loop({ batchBytes: 1000 }, (error) => said.push(error.code));
      const running = loop.run();
      await sleep(50);
      expect(bench.applied).toEqual([]);
      away = false;
      await expect.poll(() => bench.applied).toEqual([0n, 1n, 2n]);
      await loop.stop();
      await running;
      expect(said).toEqual([code]);
      expect(loop.pulse.gap).toBe(null);
    });
  }

  it('ends on a trouble with the log that no waiting mends', async () => {
    const bench = new Bench();
    bench.reader.read = async () => {
      throw new SluiceError('log_corrupt', { detail: 'the frame at offset 0' });
    };
    await expect((await bench.loop()).run()).rejects.toMatchObject({ code: 'log_corrupt' });
  });

  it('rests five times as long as a batch took, or a quarter of it for who waits, again within a second too', async () => {
    // The longer part only ends when it is cut short.
    const { bench, loop, rests } = await resting((ms) => (ms < 300 ? sleep(1) : new Promise(() => undefined)));
    const running = loop.run();
    bench.add(1);
    await expect.poll(() => rests.length).toBe(2);
    bench.add(1);
    await sleep(20);
    expect(bench.applied).toEqual([0n]);
    loop.hurry();
    await expect.poll(() => bench.applied).toEqual([0n, 1n]);
    const [least = 0, more = 0] = rests;
    // A quarter of what the batch took would be less than the least; both parts together are five times as long as it took.
    expect(least).toBe(100);
    // A timer of Node may end a millisecond early, so a batch may take as much less.
    expect(more + least).toBeGreaterThan(5 * 119);
    expect(more + least).toBeLessThanOrEqual(1000);
    bench.add(1);
    // Nobody asks again, but it was asked a moment ago: the longer part is left out.
    await expect.poll(() => bench.applied).toEqual([0n, 1n, 2n]);
    await expect.poll(() => rests.slice(2)).toEqual([100, 100]);
    await loop.stop();
    await running;
  });

  it('for who follows, begins a batch 400 ms after the one before it', async () => {
    const { bench, loop, rests } = await resting(() => sleep(1));
    loop.follow();
    const running = loop.run();
    bench.add(1);
    await expect.poll(() => rests.length).toBe(2);
    const [least = 0, more = 0] = rests;
    expect(least).toBe(100);
    expect(more + least).toBeGreaterThan(100);
    // Timers may fire a millisecond early.
    expect(more + least).toBeLessThan(400 - 118);
    await loop.stop();
    await running;
  });

  it('waits while the log cannot be reached, and goes on', async () => {
    const bench = new Bench();
    const read = bench.reader.read;
    let outages = 3;
    bench.reader.read = async (from, maxBytes) => {
      if (outages-- > 0) throw new SluiceError('log_unavailable', { detail: 'no broker answers' });
      return read(from, maxBytes);
    };
    bench.add(2);
    const loop = await bench.loop();
    const running = loop.run();
    await expect.poll(() => bench.commits.at(-1)?.to).toBe(2n);
    await loop.stop();
    await running;
  });

  it('stands still before records that are gone, says so once, and goes on when they are back', async () => {
    const bench = new Bench();
    const read = bench.reader.read;
    const detail = 'log: records 0 to 1 (2) are gone';
    let isMissing = true;
    bench.reader.read = async (from, maxBytes) => {
      if (isMissing) throw new SluiceError('log_gap', { detail });
      return read(from, maxBytes);
    };
    bench.add(2);
    const loop = await bench.loop();
    const running = loop.run();
    await expect.poll(() => loop.pulse.gap).toBe(detail);
    expect(bench.commits).toEqual([]);
    isMissing = false;
    await expect.poll(() => bench.commits.at(-1)?.to).toBe(2n);
    expect([loop.pulse.gap, bench.gaps]).toEqual([null, [detail]]);
    await loop.stop();
    await running;
  });

  it('does not wait for records that are gone when asked to catch up', async () => {
    const bench = new Bench();
    bench.reader.read = async () => Promise.reject(new SluiceError('log_gap'));
    bench.add(2);
    await expect((await bench.loop()).catchUp(goOn)).rejects.toMatchObject({ code: 'log_gap' });
  });

  it('goes on from where the warehouse stands when that is not where it believed', async () => {
    const bench = new Bench();
    bench.add(6);
    let moved = false;
    bench.onCommit = () => {
      // a commit whose answer was lost: the warehouse holds records 0 to 3 already
      if (!moved) {
        moved = true;
        throw new PositionMoved(new Map([['log', 4n]]));
      }
    };
    expect(await (await bench.loop()).catchUp(goOn)).toBeGreaterThanOrEqual(2);
    expect(bench.applied).toEqual([4n, 5n]);
  });

  it('catches up with what was there, however much comes in meanwhile', async () => {
    const bench = new Bench();
    bench.add(3);
    bench.onCommit = () => bench.add(2);
    expect(await (await bench.loop()).catchUp(goOn)).toBe(3);
  });

  it('reads as many bytes at once as hold the updates that a batch should have', async () => {
    const bench = new Bench();
    const asked: number[] = [];
    const body = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value: { statuses: [status, status] } }] }] });
    const read = bench.reader.read;
    bench.reader.read = async (from, maxBytes) => {
      asked.push(maxBytes);
      return (await read(from, maxBytes)).slice(0, 1);
    };
    for (let n = 0; n < 3; n += 1) bench.records.push(recordOf(body, 'webhook', BigInt(n)));
    await (await bench.loop({ batchBytes: 16_000, batchItems: 100 })).catchUp(goOn);
    // a quarter of the most at first, then what 100 updates take when two take one body
    expect(asked.slice(0, 3)).toEqual([4000, 50 * body.length, 50 * body.length]);
  });

  it('rests while something is done between batches, each in its turn', async () => {
    const bench = new Bench();
    const loop = await bench.loop();
    const running = loop.run();
    const feed = setInterval(() => bench.add(1), 1);
    let busy = 0;
    await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        await sleep(8 * n);
        await loop.between(async () => {
          expect(busy++, 'another piece of work').toBe(0);
          const before = bench.commits.length;
          await sleep(20);
          expect([bench.committing, bench.commits.length - before], `commits during work ${n}`).toEqual([0, 0]);
          busy -= 1;
        });
      }),
    );
    const before = bench.commits.length;
    await expect.poll(() => bench.commits.length).toBeGreaterThan(before);
    clearInterval(feed);
    await loop.stop();
    await running;
  });
});
