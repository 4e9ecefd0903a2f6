/** Rows as aligned text for a terminal; an empty header is left out. */
export function textTable(header: string[], rows: (string | number | null)[][]): string {
  const named = header.some((name) => name !== '');
  const cells = [...(named ? [header] : []), ...rows.map((row) => row.map((value) => printable(String(value ?? ''))))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((value, column) => value.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Control characters are shown, not obeyed: quarantined bytes may hold any. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
