import { otherMessages } from './other-messages.ts';
import { platform } from './platform.ts';
import { replies } from './replies.ts';
import { type ExpectedFacts, type ExpectedRow, type FactTable, factColumns } from './row.ts';
import { signals } from './signals.ts';
import { statuses } from './statuses.ts';
import { taps } from './taps.ts';

export { expectedRaw } from './raw.ts';
export { type ExpectedRow, type FactTable, factColumns };

/**
 * What each sample payload, alone in an empty warehouse, makes of the fact tables: written by hand from the payload.
 * Tables that are not named stay empty.
 */
export const expectedFacts: ExpectedFacts = {
  ...statuses,
  ...replies,
  ...taps,
  ...otherMessages,
  ...signals,
  ...platform,
};

export const factTables = Object.keys(factColumns) as FactTable[];

/** Rows as they are compared: the compared columns alone, times as ISO text, what is not named null, in one order. */
export function comparable(table: FactTable, rows: readonly ExpectedRow[]): ExpectedRow[] {
  return rows
    .map((row) => Object.fromEntries(factColumns[table].map((column) => [column, plain(column, row[column])])))
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b)));
}

/** Times of the expectations (text), of staged rows (microseconds) and of DuckDB (Date) in one spelling. */
function plain(column: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (!column.endsWith('_at')) return value;
  if (typeof value === 'bigint') return new Date(Number(value / 1000n)).toISOString();
  return (value instanceof Date ? value : new Date(String(value))).toISOString();
}

function orderOf(row: ExpectedRow): string {
  return Object.values(row)
    .map((value) => (typeof value === 'object' ? '' : String(value)))
    .join(' ');
}
