import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Notes } from '../../../api/gateway/notes.ts';
import type { FirstPartyEventInput } from '../../../ingest/event.ts';

const event = (id: string): FirstPartyEventInput => ({
  id,
  type: 'message.accepted',
  at: '2026-11-21T10:00:00.000Z',
  send_id: `s-${id}`,
  message_id: `wamid.${id}`,
});

describe('what the gateway tells the log', () => {
  let records: string[][];
  let broken: boolean;
  let reported: number;
  let notes: Notes;

  beforeEach(() => {
    vi.useFakeTimers();
    [records, broken, reported] = [[], false, 0];
    const append = async (_: string, body: Uint8Array) => {
      if (broken) throw new Error('disk full');
      records.push((JSON.parse(Buffer.from(body).toString()) as { id: string }[]).map(({ id }) => id));
      return { partition: 'log', offset: BigInt(records.length) };
    };
    notes = new Notes({
      log: { append, appendAll: () => Promise.reject(new Error('not asked for')), close: async () => undefined },
      now: () => new Date('2026-11-21T10:00:00Z'),
      report: () => {
        reported += 1;
      },
    });
  });
  afterEach(() => vi.useRealTimers());

  it('an event that is awaited is written at once, and takes along what waits', async () => {
    notes.tellLater(event('a'));
    notes.tellLater(event('b'));
    await notes.tell(event('c'));
    expect(records).toEqual([['c', 'a', 'b']]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(records).toHaveLength(1);
  });

  it('what waits is written alone 25 ms after the first of it', async () => {
    notes.tellLater(event('a'));
    await vi.advanceTimersByTimeAsync(20);
    notes.tellLater(event('b'));
    await vi.advanceTimersByTimeAsync(4);
    expect(records).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(records).toEqual([['a', 'b']]);
  });

  it('a hundred go into one record, with others or alone', async () => {
    for (let n = 0; n < 250; n += 1) notes.tellLater(event(`${n}`));
    await notes.tell(event('own'));
    await vi.advanceTimersByTimeAsync(25);
    expect(records.map(({ length }) => length)).toEqual([100, 100, 51]);
    expect(new Set(records.flat()).size).toBe(251);
  });

  it('nothing that waits is lost while the log cannot be written; only the awaited event fails', async () => {
    broken = true;
    notes.tellLater(event('a'));
    await expect(notes.tell(event('b'))).rejects.toThrow('disk full');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(reported).toBeGreaterThan(0);
    expect(reported).toBeLessThanOrEqual(4); // once a second, and not for each event
    broken = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(records).toEqual([['a']]);
  });

  it('what waits is written before the gateway closes', async () => {
    notes.tellLater(event('a'));
    await notes.close();
    expect(records).toEqual([['a']]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
