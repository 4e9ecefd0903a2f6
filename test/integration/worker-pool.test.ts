import { afterAll, expect, it } from 'vitest';
import { startWorkerPool } from '../../api/worker-pool.ts';
import type { HistoryColumns } from '../../models/value/history-columns.ts';

const pool = startWorkerPool(1);
afterAll(() => pool.close());

it('a thread of the pool answers, and an error of its work keeps its code', async () => {
  const none = new Int32Array();
  const money = new BigInt64Array();
  const histories: HistoryColumns = {
    parts: [],
    part: none,
    frequency: none,
    recencyDays: none,
    ageDays: none,
    customers: none,
    micros: money,
    repeatMicros: money,
    laterTransactions: none,
    laterMicros: money,
  };
  const facts = { histories, spend: { frequency: none, repeatMicros: money, customers: none } };
  const refused = pool.run('fitForecast', { model: 'bgnbd', whole: facts, earlier: { ...facts, holdoutDays: 1 } });
  await expect(refused).rejects.toMatchObject({ code: 'value_data_insufficient' });
});
