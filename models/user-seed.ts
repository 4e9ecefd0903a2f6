import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';

const day = z.iso.date('must be a day, as 2026-10-01');
const money = z.string().regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be an amount with at most 6 decimals, as 0.0618');
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a currency of ISO 4217, as EUR');
const whole = z.string().regex(/^\d{1,12}$/, 'must be a whole number');
const truth = z.enum(['true', 'false'], 'must be true or false');
const text = z.string().min(1, 'is empty');

/** The seeds that users may extend by a file of the same name, with what each column holds. */
const seeds: Record<string, z.ZodRawShape> = {
  'rate_card.csv': {
    currency,
    market: text,
    category: text,
    from_messages: whole,
    price: z
      .string()
      .regex(/^(\d{1,9}(\.\d{1,6})?)?$/, 'must be empty (not known) or an amount with at most 6 decimals, as 0.0618'),
    valid_from: day,
  },
  'price_rule.csv': {
    valid_from: day,
    service_charged: truth,
    utility_in_window_charged: truth,
    service_allowance: whole,
    entry_window_hours: whole,
  },
  'people_setting.csv': {
    name: z.enum(
      [
        'near_days',
        'month_days',
        'far_days',
        'dormant_days',
        'value_high_share',
        'value_middle_share',
        'cap_1d',
        'cap_7d',
        'cap_30d',
      ],
      'is no setting; see sql/seeds/people_setting.csv',
    ),
    value: z.string().regex(/^(?=.*[1-9])\d{1,6}(\.\d{1,4})?$/, 'must be a number above 0, as 30 or 0.2'),
    meaning: z.string(),
  },
  'price_category.csv': { pricing_category: text, category: text },
  'partner_markup.csv': {
    category: text,
    percent: z.string().regex(/^\d{1,4}(\.\d{1,4})?$/, 'must be a percentage with at most 4 decimals, as 12.5'),
    per_message: money,
    valid_from: day,
  },
  'exchange_rate.csv': {
    currency,
    to_currency: currency,
    rate: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be a number above 0 with at most 9 decimals, as 1.0834')
      .refine((rate) => Number(rate) > 0, 'must be above 0'),
    valid_from: day,
  },
  'reporting_currency.csv': { currency },
};

/** Names of the files that users may write. */
export const userSeeds: readonly string[] = Object.keys(seeds);

/** The user's file for a seed; null where there is none, or where the seed is not for users. */
export function userSeedPath(folder: string | null, seed: string): string | null {
  if (folder === null || !(seed in seeds)) return null;
  const path = join(folder, seed);
  return existsSync(path) ? path : null;
}

/**
 * Checks a user's file: a header line with all columns, then one row a line.
 * @throws SluiceError `seed_invalid` with file and line of the first mistake
 */
export function checkUserSeed(seed: string, path: string): void {
  const shape = seeds[seed];
  if (shape === undefined) return;
  const columns = Object.keys(shape);
  const invalid = (detail: string, line: number) => new SluiceError('seed_invalid', { detail, file: path, line });
  const [head = '', ...lines] = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const given = fields(head);
  if (given === null || given.join() !== columns.join()) throw invalid(`the first line must be ${columns.join(',')}`, 1);
  const row = z.object(shape);
  for (const [index, line] of lines.entries()) {
    const number = index + 2;
    if (line === '') {
      const next = lines.findIndex((other, at) => at > index && other !== '');
      if (next >= 0) throw invalid('is empty; take the line out', number);
      return;
    }
    const values = fields(line);
    if (values?.length !== columns.length) throw invalid(`has not ${columns.length} fields: ${columns.join(',')}`, number);
    const checked = row.safeParse(Object.fromEntries(columns.map((column, at) => [column, values[at]])));
    const issue = checked.error?.issues[0];
    if (issue !== undefined) throw invalid(`${issue.path.join('.')} ${issue.message}`, number);
  }
}

/** The fields of a line; null where a quote is not closed. */
function fields(line: string): string[] | null {
  if (line.split('"').length % 2 === 0) return null;
  const outsideQuotes = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;
  return line.split(outsideQuotes).map((value) => value.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
}
