import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../ingest/decode.ts';
import { type Decoded, emptyDecoded, stagedTables } from '../../ingest/staged.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { changeOf, decoded, message, messagesChange, recordOf, status } from '../webhook-record.ts';

const own = [
  messagesChange({
    statuses: [status, { ...status, status: 'failed', errors: [{ code: 131050 }] }],
    contacts: [{ user_id: 'DE.1' }],
  }),
  messagesChange({
    messages: [
      message,
      { ...message, type: 'order', order: { product_items: [{ quantity: 1, item_price: 1, currency: 'EUR' }] } },
    ],
  }),
  changeOf({ user_preferences: [{ wa_id: '49151123456', value: 'stop', timestamp: 1750030073 }] }, 'user_preferences'),
  changeOf({ event: 'PAUSED', message_template_id: 1 }, 'message_template_status_update', { time: 1750030073 }),
  changeOf({ calls: [{ event: 'connect' }] }, 'calls'),
];

describe('decode of our own samples', () => properties(own));

describeWithShared('decode of the sample payloads', () => {
  const folder = sharedPath('whatsapp', 'payloads');
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
  properties(files.map((file) => JSON.parse(readFileSync(sharedPath('whatsapp', 'payloads', file), 'utf8'))));
});

function properties(samples: unknown[]): void {
  const sample = fc.constantFrom(...samples);

  it('never throws, whatever happens to the bytes, and accounts for them', () => {
    fc.assert(
      fc.property(
        sample,
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 8 }),
        fc.nat(4),
        (body, flips, cut) => {
          const bytes = Buffer.from(JSON.stringify(body));
          for (const [where, byte] of flips) bytes[Math.floor(where * (bytes.length - 1))] = byte;
          fits(decodeToRows(cut === 0 ? bytes.subarray(0, Math.floor(bytes.length * 0.7)) : bytes));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never throws, whatever becomes of keys and types, and loses no change', () => {
    fc.assert(
      fc.property(sample, fc.infiniteStream(fc.nat(60)), fc.infiniteStream(stranger), (body, dice, strangers) => {
        const changed = mutated(body, dice, strangers);
        const rows = decodeToRows(JSON.stringify(changed));
        fits(rows);
        expect(total(rows)).toBeGreaterThanOrEqual(changesIn(changed));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads any JSON as any kind of record', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('webhook' as const, 'event' as const, 'command' as const), (value, kind) => {
        const into = emptyDecoded();
        decodeRecord(recordOf(value, kind), into);
        fits(into);
        if (kind !== 'event' || !Array.isArray(value)) expect(total(into)).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('says the same whenever it is asked, in whatever order the keys come', () => {
    fc.assert(
      fc.property(sample, fc.infiniteStream(fc.nat(10)), (body, dice) => {
        const once = decoded(JSON.stringify(body));
        expect(decoded(JSON.stringify(body))).toEqual(once);
        const { quarantine: _, ...turned } = decoded(JSON.stringify(shuffled(body, dice), null, 2));
        const { quarantine: __, ...rest } = once;
        expect(turned).toEqual(rest);
      }),
      { numRuns: 300 },
    );
  });

  it('sets aside what decodes again to the same finding', () => {
    fc.assert(
      fc.property(sample, fc.infiniteStream(fc.nat(60)), fc.infiniteStream(stranger), (body, dice, strangers) => {
        for (const row of decodeToRows(JSON.stringify(mutated(body, dice, strangers))).quarantine) {
          const again = decodeToRows(Buffer.from(row.body)).quarantine;
          if (row.item === -1) expect(again).toContainEqual(row);
          else expect(again.map(({ reason }) => reason)).toEqual([row.reason]);
        }
      }),
      { numRuns: 1000 },
    );
  });
}

const stranger = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e21,
    '',
    '0',
    [],
    {},
    [[]],
    [{}],
    'x',
    '\u0000',
    '\ud800',
    '__proto__',
    12345678901234568,
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

function decodeToRows(body: string | Uint8Array): Decoded {
  const into = emptyDecoded();
  decodeRecord(recordOf(body), into);
  return into;
}

/** Facts, kept updates and what was set aside; aliases and links come with these. */
function total({ contact_alias: _, contact_link: __, ...rows }: Decoded): number {
  return Object.values(rows).reduce((sum, { length }) => sum + length, 0);
}

/** How many updates there are at least: entries that are no frame for changes count as one. */
function changesIn(body: unknown): number {
  const entries = (body as { entry?: unknown } | null)?.entry;
  if (!Array.isArray(entries)) return 1;
  return entries.reduce(
    (sum: number, entry: { changes?: unknown } | null) => sum + (Array.isArray(entry?.changes) ? entry.changes.length : 1),
    0,
  );
}

/** Every row has its columns, and nothing that its columns cannot hold. */
function fits(rows: Decoded): void {
  for (const [table, columns] of Object.entries(stagedTables)) {
    for (const row of rows[table as keyof Decoded]) {
      expect(Object.keys(row).sort(), table).toEqual(Object.keys(columns).sort());
      for (const [column, kind] of Object.entries(columns)) {
        const value = (row as Record<string, unknown>)[column];
        if (!holds(kind, value)) expect.fail(`${table}.${column} cannot hold ${String(value)}`);
      }
    }
  }
}

function holds(kind: string, value: unknown): boolean {
  if (value === null) return kind.endsWith('?');
  switch (kind.replace('?', '')) {
    case 'text':
      return typeof value === 'string' && !/\p{Cs}|\0/u.test(value);
    case 'time':
    case 'big':
      return typeof value === 'bigint' && value > -(2n ** 63n) && value < 2n ** 63n;
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31;
    case 'real':
      return typeof value === 'number' && Number.isFinite(value);
    case 'flag':
      return typeof value === 'boolean';
    default:
      return value instanceof Uint8Array;
  }
}

type Dice = Iterator<number>;

/** The value with some parts deleted, and some replaced by strangers. */
function mutated(value: unknown, dice: Dice, strangers: Iterator<unknown>): unknown {
  const roll = dice.next().value ?? 1;
  if (roll === 0) return strangers.next().value;
  if (Array.isArray(value)) return value.map((item) => mutated(item, dice, strangers));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(() => dice.next().value !== 0);
  return Object.fromEntries(entries.map(([key, item]) => [key, mutated(item, dice, strangers)]));
}

/** The same value with its keys in another order. */
function shuffled(value: unknown, dice: Dice): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, dice));
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  const order = new Map(keys.map((key) => [key, dice.next().value ?? 0]));
  keys.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  return Object.fromEntries(keys.map((key) => [key, shuffled((value as Record<string, unknown>)[key], dice)]));
}
