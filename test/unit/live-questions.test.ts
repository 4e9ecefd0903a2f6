import { beforeEach, describe, expect, it } from 'vitest';
import { Editions } from '../../api/warehouse-thread/editions.ts';
import type { Connection } from '../../sql/database.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-21T12:00:00Z');
const none = {} as Connection;

describe('a question that is asked as of the minute', () => {
  let editions: Editions;
  let reads: { at: number; answer: (text: string) => void; refuse: (error: Error) => void }[];
  let ask: (question: { campaign: string; at: number }) => Promise<string>;
  beforeEach(() => {
    editions = new Editions(() => 0);
    reads = [];
    ask = editions.live(
      (work) => work(none),
      (_connection, { at }) => new Promise<string>((answer, refuse) => reads.push({ at, answer, refuse })),
    );
  });
  const said = async (at: number, text: string) => {
    const asked = ask({ campaign: 'a', at });
    reads.at(-1)?.answer(text);
    return asked;
  };

  it('is read once a minute', async () => {
    expect(await said(noon, 'at noon')).toBe('at noon');
    expect(await ask({ campaign: 'a', at: noon })).toBe('at noon');
    expect(reads).toHaveLength(1);
  });

  it('gets what was said of the minute before while its own is being read, and then that', async () => {
    await said(noon, 'at noon');
    expect(await ask({ campaign: 'a', at: noon + minute })).toBe('at noon');
    reads[1]?.answer('a minute later');
    await Promise.resolve();
    expect(await ask({ campaign: 'a', at: noon + minute })).toBe('a minute later');
    expect(reads.map(({ at }) => at)).toEqual([noon, noon + minute]);
  });

  it('waits when nothing was said of the minute before, or of something else', async () => {
    await said(noon, 'at noon');
    expect(await said(noon + 2 * minute, 'two minutes later')).toBe('two minutes later');
    const other = ask({ campaign: 'b', at: noon + 3 * minute });
    reads.at(-1)?.answer('of another');
    expect(await other).toBe('of another');
  });

  it('waits for its own answer when the one before was refused', async () => {
    const before = ask({ campaign: 'a', at: noon });
    const asked = ask({ campaign: 'a', at: noon + minute });
    reads[0]?.refuse(new Error('no memory'));
    await expect(before).rejects.toThrow('no memory');
    reads[1]?.answer('a minute later');
    expect(await asked).toBe('a minute later');
  });

  it('is read anew after a build as of the newest minute only', async () => {
    await said(noon, 'at noon');
    await said(noon + minute, 'later');
    await ask({ campaign: 'a', at: noon + minute });
    const renewed = editions.renew();
    expect(reads.map(({ at }) => at)).toEqual([noon, noon + minute, noon + minute]);
    reads.at(-1)?.answer('after the build');
    await renewed;
    expect(await ask({ campaign: 'a', at: noon + minute })).toBe('after the build');
  });
});
