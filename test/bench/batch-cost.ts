import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Apply } from '../../ingest/apply.ts';
import { emptyDecoded } from '../../ingest/staged.ts';
import { statusRow } from '../staged-rows.ts';
import { bigWarehouse } from './big-warehouse.ts';
import { percentile } from './http-load.ts';

/** Median milliseconds to commit a batch of statuses about messages of one age, in a warehouse of the given size. */
export interface BatchCost {
  messages: number;
  statuses: number;
  recent: number;
  tail: number;
}

/**
 * What a batch costs as the warehouse grows: `recent` statuses are about messages of the last half hour, `tail` ones about
 * messages spread over the seven days before.
 */
export async function batchCosts(folder: string, sizes: number[], statuses: number, until: Date): Promise<BatchCost[]> {
  const costs: BatchCost[] = [];
  for (const messages of sizes) {
    const path = join(folder, `batch-${messages}.duckdb`);
    const { database, connection } = await bigWarehouse(path, messages, until);
    const apply = await Apply.on(await database.connect());
    const measure = async (sinceMinutes: number, untilMinutes: number) => {
      const times: number[] = [];
      for (let round = 0; round < 9; round += 1) {
        const rows = await connection.rows(
          `SELECT message_key, message_id, phone_alias, country, phone_number_id, waba_id FROM fact_message
           WHERE opened_at BETWEEN $until::TIMESTAMP - to_minutes($since::INTEGER) AND $until::TIMESTAMP - to_minutes($before::INTEGER)
           USING SAMPLE ${statuses} ROWS`,
          { until, since: sinceMinutes, before: untilMinutes },
        );
        const decoded = emptyDecoded();
        for (const row of rows) {
          const told = statusRow({
            message_id: String(row.message_id),
            status: round % 2 === 0 ? 'read' : 'played',
            occurred_at: BigInt(until.getTime() + round * 1000) * 1000n,
            send_id: String(row.message_key),
            phone_alias: String(row.phone_alias),
            country: String(row.country),
            phone_number_id: String(row.phone_number_id),
            waba_id: String(row.waba_id),
            content_hash: `${round} ${row.message_key}`,
          });
          decoded.status.push(told);
        }
        const started = performance.now();
        await apply.commit(decoded, new Map([['log', BigInt(round + 1)]]));
        times.push(performance.now() - started);
      }
      return percentile(
        times.sort((a, b) => a - b),
        0.5,
      );
    };
    costs.push({ messages, statuses, recent: await measure(30, 0), tail: await measure(7 * 1440, 1440) });
    database.close();
    rmSync(path, { force: true });
    rmSync(`${path}.wal`, { force: true });
  }
  return costs;
}
