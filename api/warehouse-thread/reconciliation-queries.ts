import { type Comparison, causes, differenceCause } from '../../models/difference-cause.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { ReconciliationBooks, ReconciliationLine, ReconciliationWarehouse } from '../reconciliation.ts';

const sql = {
  records: readProjectFile('sql/queries/reconcile_records.sql'),
  facts: readProjectFile('sql/queries/reconcile_facts.sql'),
  figures: readProjectFile('sql/queries/reconcile_figures.sql'),
} as const;

/** Both books as of one moment. */
export async function reconciliationBooks(connection: Connection): Promise<ReconciliationBooks> {
  return connection.transaction(async () => ({
    records: (await connection.rows(sql.records)).map(({ log_partition, ...counts }) => ({
      partition: String(log_partition),
      ...numbers(counts, ['applied', 'counted', 'items', 'unmodelled', 'quarantined', 'difference'] as const),
    })),
    facts: (await connection.rows(sql.facts)).map(({ fact, ...counts }) => ({
      fact: String(fact),
      ...numbers(counts, ['told', 'copies', 'held', 'difference'] as const),
    })),
  }));
}

function numbers<K extends string>(row: Row, names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, Number(row[name])])) as Record<K, number>;
}

/** @throws SluiceError `warehouse_busy` before the model has been built */
export async function reconciliationLines(
  connection: Connection,
  { waba, since, until }: Parameters<ReconciliationWarehouse['reconciliationLines']>[0],
): Promise<ReconciliationLine[]> {
  const [built] = await connection.rows("SELECT 1 FROM model_state WHERE model = 'platform_comparison' AND built_at IS NOT NULL");
  if (built === undefined) throw new SluiceError('warehouse_busy', { detail: 'the models have not been built yet' });
  const rows = await connection.rows(sql.figures, { waba, since: new Date(since), until: new Date(until) });
  return rows.map(line);
}

function line(row: Row): ReconciliationLine {
  const text = (value: unknown) => (value === null ? null : String(value));
  const count = (value: unknown) => (value === null ? null : Number(value));
  const time = (value: unknown) => (value as Date).getTime();
  const side = (name: 'their' | 'our') => ({
    sent: count(row[`${name}_sent`]),
    delivered: Number(row[`${name}_delivered`]),
    read: count(row[`${name}_read`]),
    costMicros: row[`${name}_cost_micros`] as bigint | null,
  });
  const [their, our] = [side('their'), side('our')];
  const cause = differenceCause({
    report: row.report as Comparison['report'],
    their,
    our,
    unpriced: Number(row.our_unpriced),
    theirAll: Number(row.their_all),
    ourAll: Number(row.our_all),
    startsAtMidnight: row.starts_at_midnight === true,
    toAt: time(row.to_at),
    toldAt: time(row.told_at),
    comparedAt: time(row.compared_at),
  });
  const shown = ({ costMicros, ...counts }: typeof their) => ({ ...counts, cost_micros: text(costMicros) });
  return {
    report: row.report as Comparison['report'],
    waba_id: String(row.waba_id),
    from: (row.from_at as Date).toISOString(),
    to: (row.to_at as Date).toISOString(),
    country: text(row.country),
    category: text(row.category),
    pricing_type: text(row.pricing_type),
    template_name: text(row.template_name),
    template_language: text(row.template_language),
    their: shown(their),
    our: shown(our),
    cause,
    cause_text: causes[cause],
  };
}
