import type { Connection } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { ServiceWarehouse, WaitingCustomer } from '../service-desk.ts';

const sql = readProjectFile('sql/queries/unanswered.sql');

/** @throws SluiceError `warehouse_busy` before the models that it reads have been built */
export async function unanswered(
  connection: Connection,
  { at, minutes, limit }: Parameters<ServiceWarehouse['unanswered']>[0],
): ReturnType<ServiceWarehouse['unanswered']> {
  const built = await connection.rows(
    "SELECT 1 FROM model_state WHERE model IN ('inbound_answer', 'customer') AND built_at IS NOT NULL",
  );
  if (built.length < 2) throw new SluiceError('warehouse_busy', { detail: 'the models have not been built yet' });
  const rows = await connection.rows(sql, { at: new Date(at), minutes, limit });
  const textOf = (value: unknown) => (value === null || value === undefined ? null : String(value));
  const waiting = rows.map((row): WaitingCustomer => {
    const since = row.since_at as Date;
    return {
      contact_id: textOf(row.contact_id),
      phone_ending: textOf(row.phone_ending),
      phone_number_id: textOf(row.phone_number_id),
      waba_id: textOf(row.waba_id),
      since: since.toISOString(),
      last_message_at: (row.last_at as Date).toISOString(),
      minutes: Math.floor((at - since.getTime()) / 60_000),
      messages: Number(row.messages),
      value_band: String(row.value_band),
      currency: textOf(row.currency),
      spent_micros: textOf(row.kept_micros),
      orders: Number(row.orders),
    };
  });
  return { at, waiting };
}
