import type { Row } from '../../sql/database.ts';

/** A text column that may be empty. */
export function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}

/** People of a row who did each thing that a verdict may be about. */
export function outcomesOf(row: Row) {
  return {
    read: Number(row.read),
    reply: Number(row.replied),
    click: Number(row.clicked),
    conversion: Number(row.converted),
    unsubscribe: Number(row.unsubscribed),
    failure: Number(row.failed),
    negative_reply: Number(row.negative_replies),
  };
}

/** Rows by the experiment that they are of, in their order. */
export function byExperiment(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const id = String(row.experiment_id);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}
