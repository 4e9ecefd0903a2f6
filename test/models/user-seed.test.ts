import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkUserSeed, userSeedPath } from '../../models/user-seed.ts';
import { ModelWarehouse } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-seeds-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file, checks it, and gives the sentence that the user reads, with the folder left out. */
function complaint(name: string, ...lines: string[]): string | null {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  try {
    checkUserSeed(name, path);
    return null;
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  } finally {
    rmSync(path);
  }
}

const cardHead = 'currency,market,category,from_messages,price,valid_from';

describe("a user's seed file", () => {
  it('may leave a price empty, quote its fields, end without a line break and come from Windows', () => {
    expect(
      complaint('rate_card.csv', cardHead, 'INR,India,utility,0,0.1150,2026-10-01', 'INR,"India",utility,250000,,2026-10-01'),
    ).toBeNull();
    expect(complaint('rate_card.csv', `\uFEFF${cardHead}\r`, 'INR,India,utility,0,0.1150,2026-10-01\r', '')).toBeNull();
  });

  it.each([
    ['rate_card.csv', ['currency,market', 'INR,India'], 1, `the first line must be ${cardHead}`],
    ['rate_card.csv', [cardHead, 'INR,India,utility,0,0.1150'], 2, `has not 6 fields: ${cardHead}`],
    [
      'rate_card.csv',
      [cardHead, 'INR,India,utility,0,1,2026-10-01', 'rupee,India,utility,0,1,2026-10-01'],
      3,
      'currency must be a currency of ISO 4217, as EUR',
    ],
    [
      'rate_card.csv',
      [cardHead, 'INR,India,utility,0,n/a,2026-10-01'],
      2,
      'price must be empty (not known) or an amount with at most 6 decimals, as 0.0618',
    ],
    [
      'rate_card.csv',
      [cardHead, 'INR,India,utility,0,0.11500001,2026-10-01'],
      2,
      'price must be empty (not known) or an amount with at most 6 decimals, as 0.0618',
    ],
    ['rate_card.csv', [cardHead, 'INR,India,utility,-1,0.1,2026-10-01'], 2, 'from_messages must be a whole number'],
    ['rate_card.csv', [cardHead, 'INR,India,utility,0,0.1,01/10/2026'], 2, 'valid_from must be a day, as 2026-10-01'],
    ['rate_card.csv', [cardHead, 'INR,India,utility,0,0.1,2026-02-30'], 2, 'valid_from must be a day, as 2026-10-01'],
    ['rate_card.csv', [cardHead, '', 'INR,India,utility,0,0.1,2026-10-01'], 2, 'is empty; take the line out'],
    ['rate_card.csv', [cardHead, 'INR,"India,utility,0,0.1,2026-10-01'], 2, `has not 6 fields: ${cardHead}`],
    ['exchange_rate.csv', ['currency,to_currency,rate,valid_from', 'EUR,USD,0,2026-10-01'], 2, 'rate must be above 0'],
    [
      'exchange_rate.csv',
      ['currency,to_currency,rate,valid_from', 'EUR,USD,"1,08",2026-10-01'],
      2,
      'rate must be a number above 0 with at most 9 decimals, as 1.0834',
    ],
    [
      'partner_markup.csv',
      ['category,percent,per_message,valid_from', '*,5%,0,2026-10-01'],
      2,
      'percent must be a percentage with at most 4 decimals, as 12.5',
    ],
    [
      'price_rule.csv',
      [
        'valid_from,service_charged,utility_in_window_charged,service_allowance,entry_window_hours',
        '2026-10-01,yes,true,1000,72',
      ],
      2,
      'service_charged must be true or false',
    ],
  ])('%s with a mistake is refused with the line and what to write: %j', (name, lines, line, detail) => {
    expect(complaint(name, ...lines)).toBe(`A seed file is wrong: ${detail} (${name}:${line}). Mend the row named.`);
  });

  it('is only looked for where users may write one', () => {
    writeFileSync(join(folder, 'error_code.csv'), 'mine');
    expect(userSeedPath(folder, 'error_code.csv')).toBeNull();
    expect(userSeedPath(folder, 'rate_card.csv')).toBeNull();
    expect(userSeedPath(null, 'rate_card.csv')).toBeNull();
  });

  it('takes effect at the next build, card by card; one with a mistake leaves the last good prices and says so', async () => {
    const warehouse = await ModelWarehouse.open({ marts: ['message_cost'], seedFolder: folder });
    const path = join(folder, 'rate_card.csv');
    const delivered = (key: string, country: string) =>
      warehouse.message(key, {
        country,
        delivered_at: '2026-11-01 10:00:00',
        pricing_model: 'PMP',
        pricing_type: 'regular',
        pricing_category: 'marketing',
      });
    const costs = async () =>
      (await warehouse.rows('SELECT cost_micros FROM message_cost ORDER BY message_key')).map((row) => Number(row.cost_micros));
    await delivered('germany', 'DE');
    await delivered('india', 'IN');
    await warehouse.built();
    expect(await costs()).toEqual([136_500, 11_800]);

    writeFileSync(path, `${cardHead}\nUSD,India,marketing,0,0.0111,2026-10-01\n`);
    await warehouse.built();
    expect(await costs()).toEqual([136_500, 11_100]);

    writeFileSync(path, `${cardHead}\nUSD,India,marketing,0,free,2026-10-01\n`);
    const results = await warehouse.build();
    expect(results.find(({ model }) => model === 'rate_card')).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('rate_card.csv:2'),
    });
    expect(await costs()).toEqual([136_500, 11_100]);
    warehouse.close();
  });
});
