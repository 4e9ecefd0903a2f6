import { describe, expect, it } from 'vitest';
import type { FrameItem } from '../../ingest/frame.ts';
import { GroupCommit } from '../../ingest/group-commit.ts';

const one = (bytes: number): FrameItem => ({ kind: 'event', receivedAt: 1n, body: new Uint8Array(bytes) });
const item = (bytes: number): FrameItem[] => [one(bytes)];

/** A disk whose commits wait to be let through one by one. */
function slowDisk(commitBytes: number, queueBytes: number, eagerBytes?: number) {
  const commits: { items: readonly FrameItem[]; finish: (error?: Error) => void }[] = [];
  let next = 0;
  const group = new GroupCommit({
    commitBytes,
    queueBytes,
    ...(eagerBytes === undefined ? {} : { eagerBytes }),
    commit: (items) =>
      new Promise((resolve, reject) => {
        const finish = (error?: Error) => {
          if (error !== undefined) return reject(error);
          resolve(next);
          next += items.length;
        };
        commits.push({ items, finish });
      }),
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  return { group, commits, turn };
}

describe('group commit', () => {
  it('commits together what came while the last commit was under way', async () => {
    const { group, commits, turn } = slowDisk(1000, 10_000);
    const first = group.add(item(1));
    await turn();
    const others = [group.add(item(2)), group.add(item(3))];
    await turn();
    expect(commits.map(({ items }) => items.length)).toEqual([1]);
    commits[0]?.finish();
    await turn();
    expect(commits.map(({ items }) => items.length)).toEqual([1, 2]);
    commits[1]?.finish();
    expect(await Promise.all([first, ...others])).toEqual([0, 1, 2]);
  });

  it('waits for the end of the round, unless much came already: that is written while the round goes on', async () => {
    const { group, commits, turn } = slowDisk(1000, 10_000, 100);
    const added = [group.add(item(30))];
    expect(commits).toHaveLength(0);
    added.push(group.add(item(90)));
    expect(commits.map(({ items }) => items.length)).toEqual([2]);
    added.push(group.add(item(200)));
    await turn();
    expect(commits.map(({ items }) => items.length)).toEqual([2]);
    commits[0]?.finish();
    await turn();
    commits[1]?.finish();
    expect(await Promise.all(added)).toEqual([0, 1, 2]);
    expect(commits.map(({ items }) => items.length)).toEqual([2, 1]);
  });

  it('keeps a commit within its bytes; a larger record goes alone', async () => {
    const { group, commits, turn } = slowDisk(100, 10_000);
    const added = [item(30), item(30), item(500), item(30)].map((items) => group.add(items));
    for (let index = 0; index < 3; index++) {
      await turn();
      commits[index]?.finish();
    }
    await Promise.all(added);
    expect(commits.map(({ items }) => items.map(({ body }) => body.length))).toEqual([[30, 30], [500], [30]]);
  });

  it('keeps together what was added together, whatever it holds, and tells the offset of its first', async () => {
    const { group, commits, turn } = slowDisk(100, 10_000);
    const added = [item(30), [one(50), one(1), one(60)], [one(2), one(3)], item(4)].map((items) => group.add(items));
    const ended = Promise.allSettled(added);
    for (let index = 0; index < 3; index++) {
      await turn();
      commits[index]?.finish(index === 1 ? new Error('disk') : undefined);
    }
    expect(commits.map(({ items }) => items.map(({ body }) => body.length))).toEqual([[30], [50, 1, 60], [2, 3, 4]]);
    expect((await ended).map((end) => (end.status === 'fulfilled' ? end.value : String(end.reason)))).toEqual([
      0,
      'Error: disk',
      1,
      3,
    ]);
    expect(group.queuedBytes).toBe(0);
  });

  it('refuses when too much waits, and takes more once it is written', async () => {
    const { group, commits, turn } = slowDisk(100, 100);
    const first = group.add(item(80));
    await expect(group.add(item(80))).rejects.toMatchObject({ code: 'log_unavailable' });
    await turn();
    commits[0]?.finish();
    await first;
    expect(group.queuedBytes).toBe(0);
    const second = group.add(item(80));
    await turn();
    commits[1]?.finish();
    expect(await second).toBe(1);
  });

  it('takes one record of any size when nothing waits', async () => {
    const { group, commits, turn } = slowDisk(100, 100);
    const added = group.add(item(5000));
    await turn();
    commits[0]?.finish();
    expect(await added).toBe(0);
  });

  it('refuses exactly the records of a commit that failed', async () => {
    const { group, commits, turn } = slowDisk(20, 1000);
    const [one, two] = [group.add(item(1)), group.add(item(10))];
    await turn();
    commits[0]?.finish(new Error('disk'));
    await expect(one).rejects.toThrow('disk');
    await turn();
    commits[1]?.finish();
    expect(await two).toBe(0);
    expect(group.queuedBytes).toBe(0);
  });

  it('runs other work between commits, before what waits', async () => {
    const { group, commits, turn } = slowDisk(1000, 10_000);
    const order: string[] = [];
    const first = group.add(item(1)).then(() => order.push('first'));
    await turn();
    const second = group.add(item(1)).then(() => order.push('second'));
    const work = group.between(async () => void order.push('between'));
    await turn();
    expect(order).toEqual([]);
    commits[0]?.finish();
    await work;
    await turn();
    commits[1]?.finish();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'between', 'second']);
  });

  it('passes on the failure of other work and goes on', async () => {
    const { group, commits, turn } = slowDisk(1000, 10_000);
    await expect(group.between(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const added = group.add(item(1));
    await turn();
    commits[0]?.finish();
    expect(await added).toBe(0);
  });

  it('is idle once everything is written', async () => {
    const { group, commits, turn } = slowDisk(1, 10_000);
    const added = [group.add(item(1)), group.add(item(1))];
    let idle = false;
    const waiting = group.idle().then(() => {
      idle = true;
    });
    await turn();
    commits[0]?.finish();
    await turn();
    expect(idle).toBe(false);
    commits[1]?.finish();
    await waiting;
    await Promise.all(added);
  });
});
