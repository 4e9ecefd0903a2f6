import type { DeadLetter } from '../../ingest/kafka/dead-letters.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { CampaignDetail, CampaignSummary, QuarantineRow, WarehouseStatus } from '../warehouse.ts';

const file = (name: string) => readProjectFile(`sql/queries/${name}.sql`);
const sql = {
  campaigns: file('campaigns'),
  arms: file('arms'),
  books: file('books'),
  quarantine: file('quarantine'),
  quarantinedRecords: file('quarantined_records'),
  deadLetters: file('dead_letters'),
} as const;

export async function campaigns(connection: Connection): Promise<CampaignSummary[]> {
  return (await connection.rows(sql.campaigns, { campaign: null })).map(summary);
}

export async function campaign(connection: Connection, id: string): Promise<CampaignDetail | null> {
  const [row] = await connection.rows(sql.campaigns, { campaign: id });
  if (row === undefined) return null;
  const arms = await connection.rows(sql.arms, { campaign: id, command: text(row.command_id) ?? '' });
  return {
    ...summary(row),
    phone_number_id: text(row.phone_number_id),
    template_name: text(row.template_name),
    template_language: text(row.template_language),
    margin: row.margin === null ? null : Number(row.margin),
    windows: {
      reply_hours: Number(row.reply_window_h),
      optout_hours: Number(row.optout_window_h),
      conversion_days: Number(row.conversion_window_d),
    },
    arms: arms.map((arm) => ({
      id: String(arm.variant_id),
      name: text(arm.name),
      weight: Number(arm.weight ?? 1),
      holdout: arm.is_holdout === true,
    })),
  };
}

/** The currency in which money is added up; null before the models were built. */
export async function reportingCurrency(connection: Connection): Promise<string | null> {
  const built = await connection.rows("SELECT 1 FROM model_state WHERE model = 'reporting_currency' AND built_at IS NOT NULL");
  if (built.length === 0) return null;
  const [row] = await connection.rows('SELECT currency FROM reporting_currency');
  return text(row?.currency);
}

/** The warehouse's own counts. */
export type Books = Pick<WarehouseStatus, 'records_applied' | 'records_lost' | 'quarantined' | 'unmodelled' | 'watermark'>;

export async function books(connection: Connection): Promise<Books> {
  const [row = {}] = await connection.rows(sql.books);
  return {
    records_applied: Number(row.records_applied),
    records_lost: Number(row.records_lost),
    quarantined: Number(row.quarantined),
    unmodelled: Number(row.unmodelled),
    watermark: instant(row.watermark),
  };
}

export async function quarantine(connection: Connection, limit: number): Promise<QuarantineRow[]> {
  return (await connection.rows(sql.quarantine, { limit })).map((row) => ({
    partition: String(row.log_partition),
    offset: String(row.log_offset),
    item: Number(row.item),
    kind: String(row.record_kind),
    received_at: instant(row.received_at) ?? '',
    reason: String(row.reason),
    detail: String(row.detail),
    // What is not UTF-8 shows as U+FFFD: this is for a person, the bytes themselves stay in the table.
    excerpt: Buffer.from(row.excerpt as Uint8Array).toString(),
  }));
}

/** What was set aside behind these places, in order of place. */
export async function deadLetters(
  connection: Connection,
  after: Readonly<Record<string, { offset: string; item: number }>>,
  bytes: number,
): Promise<DeadLetter[]> {
  const places = Object.entries(after).map(([partition, { offset, item }]) => ({ partition, next: offset, item }));
  const rows = await connection.rows(sql.deadLetters, { after: JSON.stringify(places), bytes });
  return rows.map((row) => ({
    partition: String(row.log_partition),
    offset: row.log_offset as bigint,
    item: Number(row.item),
    kind: String(row.record_kind),
    receivedAt: row.received_us as bigint,
    reason: String(row.reason),
    detail: String(row.detail),
    body: row.body as Uint8Array,
  }));
}

/** The log records of which something is in quarantine. */
export async function quarantinedRecords(connection: Connection): Promise<{ partition: string; offset: bigint }[]> {
  return (await connection.rows(sql.quarantinedRecords)).map((row) => ({
    partition: String(row.log_partition),
    offset: row.log_offset as bigint,
  }));
}

function summary(row: Row): CampaignSummary {
  return {
    campaign_id: String(row.campaign_id),
    name: text(row.name),
    objective: text(row.objective),
    category: text(row.category),
    registered: row.registered === true,
    first_message_at: instant(row.first_at),
    last_message_at: instant(row.last_at),
  };
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function instant(value: unknown): string | null {
  return value instanceof Date ? value.toISOString() : null;
}
