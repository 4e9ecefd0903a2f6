import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { PermitDesk } from '../../../api/permit-desk.ts';
import { SluiceError } from '../../../sql/errors.ts';
import { bookOf, policyWith, requestOf } from '../../permit-books.ts';

/** A desk over a log whose appends wait to be let through one by one. */
function desk() {
  const book = bookOf({
    policy: policyWith({ window: { start: 10_000, campaign_start: 10_000 }, pace: { number_per_second: 10_000 } }),
  });
  const records: { grants: number; finish: (error?: Error) => void }[] = [];
  const log = {
    append: (_kind: string, body: Uint8Array) =>
      new Promise<{ partition: string; offset: bigint }>((resolve, reject) => {
        const { body: order } = JSON.parse(Buffer.from(body).toString()) as { body: { grants: unknown[] } };
        const finish = (error?: Error) => (error === undefined ? resolve({ partition: 'log', offset: 0n }) : reject(error));
        records.push({ grants: order.grants.length, finish });
      }),
    appendAll: () => Promise.reject(new Error('not asked for')),
    close: async () => undefined,
  };
  const office = new PermitDesk({
    control: { book },
    log,
    warehouse: { people: async () => [] },
    now: () => new Date(1_000_000),
  });
  const answers: (number | string)[] = [];
  const ask = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      office.ask(requestOf({ count: 1 }), 'ops', (error, grant) => {
        answers.push(grant?.answer.granted ?? (error as SluiceError).code);
      });
    }
  };
  return { book, records, answers, ask };
}

describe('grants of one turn of the event loop', () => {
  it('are one record, written when the turn is over', async () => {
    const { records, ask } = desk();
    ask(20);
    expect(records).toEqual([]);
    await turn();
    expect(records.map(({ grants }) => grants)).toEqual([20]);
  });

  it('are on their way to the disk while others are judged, when they are many; nobody hears of one that is not durable', async () => {
    const { records, answers, ask } = desk();
    ask(150);
    expect(records.map(({ grants }) => grants)).toEqual([64, 64]);
    await turn();
    expect(records.map(({ grants }) => grants)).toEqual([64, 64, 22]);
    expect(answers).toEqual([]);
    for (const { finish } of records) finish();
    await turn();
    expect(answers).toEqual(Array(150).fill(1));
  });

  it('whose record the log refuses are taken back, the others stand', async () => {
    const { book, records, answers, ask } = desk();
    ask(100);
    await turn();
    records[0]?.finish(new SluiceError('log_unavailable'));
    records[1]?.finish();
    await turn();
    expect(answers).toEqual([...Array(64).fill('log_unavailable'), ...Array(36).fill(1)]);
    expect([book.counters.cancelled, book.leaseCount]).toEqual([64, 36]);
  });
});
