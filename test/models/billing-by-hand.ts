import { readFileSync } from 'node:fs';

/**
 * The second method of the money tests: the bill of a list of messages, worked out message by message in plain TypeScript, as a person
 * with the rate cards and a calculator would. It shares nothing with the SQL but the CSV files.
 */
export interface Sent {
  key: string;
  /** ms since 1970. */
  deliveredAt: number;
  country: string | null;
  waba: string;
  number: string;
  person: string;
  campaign: string;
  /** As requested; what the platform said, where it did, is in `stated`. */
  category: string;
  stated: { type: string | null; category: string; billable: boolean | null } | null;
}

export interface Account {
  portfolio: string;
  zone: string;
  currency: string;
}

export interface World {
  sent: Sent[];
  accounts: Record<string, Account>;
  /** When each person wrote to each number. */
  wrote: { person: string; number: string; at: number; fromAd: boolean }[];
  /** CSV files in order of precedence: our own first, the user's after it. */
  cards: string[];
  rules: string[];
  markups: string[];
  rates: string[];
  markets: string;
}

type Line = Record<string, string>;
const hour = 3_600_000;

/** Micro-units of the reporting currency by message; null where no price is known. */
export function billByHand(world: World): Map<string, bigint | null> {
  const cards = readCards(world.cards);
  const rules = newestPerKey(world.rules.map(lines), ['valid_from']);
  const rates = world.rates.flatMap(lines);
  const markups = world.markups.flatMap(lines);
  const markets = lines(world.markets);
  const counted = new Map<string, number>();
  const bill = new Map<string, bigint | null>();
  const inOrder = world.sent.toSorted((a, b) => a.deliveredAt - b.deliveredAt || (a.key < b.key ? -1 : 1));
  for (const message of inOrder) {
    bill.set(message.key, costOf(message));
  }
  return bill;

  function costOf(message: Sent): bigint | null {
    const account = world.accounts[message.waba] ?? { portfolio: message.waba, zone: 'UTC', currency: 'USD' };
    const day = localDay(message.deliveredAt, account.zone);
    const rule = rules.filter(({ valid_from = '' }) => valid_from <= day).at(-1);
    if (message.stated?.type?.startsWith('free') || message.stated?.billable === false) return 0n;
    if (rule === undefined) return null;
    const category = message.stated?.category === 'marketing_lite' ? 'marketing' : (message.stated?.category ?? message.category);
    if (message.stated === null && inEntryWindow(message, Number(rule['entry_window_hours']))) return 0n;
    if (message.country === null) return null;
    const market = marketOf(message.country, day);
    const card = cards.filter((row) => row.market === market && row.currency === account.currency);
    if (card.length === 0) return null;
    const inWindow = world.wrote.some(
      ({ person, number, at }) =>
        person === message.person &&
        number === message.number &&
        at <= message.deliveredAt &&
        message.deliveredAt < at + 24 * hour,
    );
    if (message.stated === null && category === 'utility' && inWindow && rule['utility_in_window_charged'] === 'false') return 0n;
    const month = day.slice(0, 7);
    let before = 0;
    if (category === 'service') {
      if (rule['service_charged'] === 'false') return 0n;
      before = count(`service ${message.number} ${month}`);
      if (before < Number(rule['service_allowance'])) return 0n;
    } else before = count(`${category} ${account.portfolio} ${market} ${month}`);
    const dated = card.filter((row) => row.category === category && row.validFrom <= day);
    const newest = dated
      .map((row) => row.validFrom)
      .sort()
      .at(-1);
    const tier = dated
      .filter((row) => row.validFrom === newest && (category === 'service' || row.from <= before))
      .sort((a, b) => a.from - b.from)
      .at(-1);
    if (tier === undefined || tier.price === null) return null;
    return inReportingCurrency(tier.price + markupOn(tier.price, category, day), account.currency, message.deliveredAt);
  }

  function count(scope: string): number {
    const before = counted.get(scope) ?? 0;
    counted.set(scope, before + 1);
    return before;
  }

  function marketOf(country: string, day: string): string {
    const rows = markets.filter((row) => row['country'] === country && (row['valid_from'] ?? '') <= day);
    return rows.toSorted((a, b) => ((a['valid_from'] ?? '') < (b['valid_from'] ?? '') ? -1 : 1)).at(-1)?.['market'] ?? 'Other';
  }

  function markupOn(price: bigint, category: string, day: string): bigint {
    const named = markups.filter((row) => row['category'] === category);
    const rows = named.length > 0 ? named : markups.filter((row) => row['category'] === '*');
    const row = rows.filter((one) => (one['valid_from'] ?? '') <= day).at(-1);
    if (row === undefined) return 0n;
    // Percent with 4 decimals: a millionth of the price each.
    return roundedQuotient(price * scaled(row['percent'] ?? '0', 4), 1_000_000n) + scaled(row['per_message'] ?? '0', 6);
  }

  function inReportingCurrency(amount: bigint, currency: string, at: number): bigint | null {
    if (currency === 'USD') return amount;
    const day = new Date(at).toISOString().slice(0, 10);
    const rate = rates.filter((row) => row['currency'] === currency && (row['valid_from'] ?? '') <= day).at(-1)?.['rate'];
    return rate === undefined ? null : roundedQuotient(amount * scaled(rate, 9), 1_000_000_000n);
  }

  /** Somebody who came through an ad was answered within 24 hours, and the message came within so many hours from that answer on. */
  function inEntryWindow(message: Sent, hours: number): boolean {
    return world.wrote
      .filter(({ fromAd, person, number }) => fromAd && person === message.person && number === message.number)
      .some(({ at }) => {
        const answers = world.sent.filter(
          ({ person, number, deliveredAt }) =>
            person === message.person && number === message.number && deliveredAt >= at && deliveredAt <= at + 24 * hour,
        );
        const answer = Math.min(...answers.map(({ deliveredAt }) => deliveredAt));
        return message.deliveredAt >= answer && message.deliveredAt < answer + hours * hour;
      });
  }
}

interface Rate {
  currency: string;
  market: string;
  category: string;
  from: number;
  price: bigint | null;
  validFrom: string;
}

/** A later file takes the place of an earlier one, card by card. */
function readCards(files: string[]): Rate[] {
  let all: Rate[] = [];
  for (const file of files) {
    const rows = lines(file).map((row) => ({
      currency: row['currency'] ?? '',
      market: row['market'] ?? '',
      category: row['category'] ?? '',
      from: Number(row['from_messages']),
      price: row['price'] === '' ? null : scaled(row['price'] ?? '', 6),
      validFrom: row['valid_from'] ?? '',
    }));
    const card = (row: Rate) => [row.currency, row.market, row.category, row.validFrom].join();
    const replaced = new Set(rows.map(card));
    all = [...all.filter((row) => !replaced.has(card(row))), ...rows];
  }
  return all;
}

function newestPerKey(files: Line[][], key: string[]): Line[] {
  const byKey = new Map<string, Line>();
  for (const row of files.flat()) byKey.set(key.map((column) => row[column]).join(), row);
  return [...byKey.values()].toSorted((a, b) => ((a['valid_from'] ?? '') < (b['valid_from'] ?? '') ? -1 : 1));
}

function lines(csv: string): Line[] {
  const [head = '', ...rows] = csv.trim().split('\n');
  const columns = head.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((value, at) => [columns[at] ?? '', value])));
}

/** The file of a seed as it is in the project. */
export const seedText = (name: string): string => readFileSync(`sql/seeds/${name}`, 'utf8');

/** The calendar day by a clock, as YYYY-MM-DD. */
function localDay(at: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at);
}

/** A decimal as a whole number of 10^-scale. */
function scaled(decimal: string, scale: number): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

/** Half is rounded up. */
function roundedQuotient(above: bigint, below: bigint): bigint {
  return (2n * above + below) / (2n * below);
}
