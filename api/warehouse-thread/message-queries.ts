import type { Connection } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { readProjectFile } from '../../sql/files.ts';
import { type CountedMessage, type MessageQuestion, messageDimensions } from '../message-desk.ts';

const sql = readProjectFile('sql/queries/messages.sql');
const separator = '\u001f';
const [beginning, end] = [new Date('2000-01-01T00:00:00Z'), new Date('2200-01-01T00:00:00Z')];

/** @throws SluiceError `warehouse_busy` before the models that it reads have been built */
export async function messages(
  connection: Connection,
  { counts, where, from = beginning, to = end, limit }: MessageQuestion,
): Promise<CountedMessage[]> {
  const built = await connection.rows("SELECT 1 FROM model_state WHERE model = 'funnel_15m' AND built_at IS NOT NULL");
  if (built.length === 0) throw new SluiceError('warehouse_busy', { detail: 'the models have not been built yet' });
  const kept = messageDimensions.map((name): [string, string | null] => [name, where[name]?.join(separator) ?? null]);
  const rows = await connection.rows(sql, { counts, from, to, limit, ...Object.fromEntries(kept) });
  const textOf = (value: unknown) => (value === null || value === undefined ? null : String(value));
  const timeOf = (value: unknown) => (value instanceof Date ? value.toISOString() : null);
  return rows.map((row) => ({
    message_id: String(row.message_id),
    message_at: (row.message_at as Date).toISOString(),
    campaign_id: textOf(row.campaign_id),
    variant_id: textOf(row.variant_id),
    template_name: textOf(row.template_name),
    category: textOf(row.category),
    phone_number_id: textOf(row.phone_number_id),
    segment_id: textOf(row.segment_id),
    market: textOf(row.market),
    contact_id: textOf(row.contact_id),
    phone: textOf(row.phone),
    sent_at: timeOf(row.sent_at),
    delivered_at: timeOf(row.delivered_at),
    read_at: timeOf(row.read_at),
    replied_at: timeOf(row.answered_at),
    clicked_at: timeOf(row.clicked_at),
    converted_at: timeOf(row.converted_at),
    unsubscribed_at: timeOf(row.unsubscribed_at),
    failed_at: timeOf(row.failed_at),
    error_code: textOf(row.error_code),
  }));
}
