/** A cell: text is guarded, numbers and flags are not, null is an empty cell. */
export type Cell = string | number | boolean | null;

/**
 * CSV by RFC 4180 (CRLF, quotes doubled). Text that a spreadsheet would run as a formula gets a leading apostrophe, which
 * spreadsheets show as plain text: campaign names and the like come from outside.
 */
export function toCsv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [header.map(cell).join(',')];
  for (const row of rows) lines.push(row.map(cell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const guarded = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
