import { readFileSync } from 'node:fs';
import { sharedPath } from './shared.ts';

/** A file of CDNOW as a list of customer, day and value. The sample has the customer's number within it as a second column. */
export function cdnowPurchases(dataset: string): [customer: string, day: string, value: number][] {
  const lines = readFileSync(sharedPath('datasets', dataset), 'utf8').trim().split(/\r?\n/);
  return lines
    .filter((line) => /^\s*\d/.test(line))
    .map((line) => {
      const cells = line.trim().split(/\s+/);
      const [date = '', , value] = cells.slice(-3);
      const customer = cells.length === 5 ? String(Number(cells[1])) : (cells[0] ?? '');
      return [customer, `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`, Number(value)];
    });
}
