import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WarehouseStatus } from '../../api/warehouse.ts';
import { comparable, expectedFacts, expectedRaw, factTables } from '../contract/expected/index.ts';
import { byCompany, expectedTogether } from '../contract/expected/together.ts';
import { applied, inFile, Sender, serve, together } from '../served.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { temporaryFolder } from '../temporary.ts';

interface Envelope {
  entry: { changes: { field: string; value: object }[] }[];
}
const bytesOf = (file: string) => readFileSync(sharedPath('whatsapp', 'payloads', file));
const contentOf = (file: string): Envelope => JSON.parse(bytesOf(file).toString());

/** Tables of what could not be modelled: looked at below, by their raw content. */
const rawTables = ['unmodelled_update', 'quarantine'] as const;
const handWritten = factTables.filter((table) => !rawTables.some((raw) => raw === table));

describeWithShared('all sample payloads, posted to a running Sluice', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let status: WarehouseStatus;
  const facts: Record<string, Record<string, unknown>[]> = {};

  beforeAll(async () => {
    folder = await temporaryFolder();
    const server = await serve(folder.path);
    const sender = new Sender(server.url);
    const files = readdirSync(sharedPath('whatsapp', 'payloads')).filter((file) => file.endsWith('.json'));
    expect(files).toHaveLength(135);
    await together(files, async (file) => expect(await sender.webhook(bytesOf(file)), file).toEqual({ status: 200, text: '' }));
    await applied(server.warehouse);
    status = JSON.parse((await sender.get('/v1/status')).text);
    await sender.close();
    await server.close();
    await inFile(folder.path, async (connection) => {
      for (const table of factTables) facts[table] = await connection.rows(`SELECT * FROM ${table}`);
    });
  }, 120_000);
  afterAll(() => folder.remove());

  it.each(handWritten)('make of %s what was written by hand, field by field, and nothing else', (table) => {
    const found = comparable(table, facts[table] ?? []);
    const expected = expectedTogether(table);
    expect(found).toHaveLength(expected.length);
    for (const [row, ...others] of expected.map((rows) => comparable(table, rows))) {
      if (others.length === 0) expect(found).toContainEqual(row);
      else expect([row, ...others].some((candidate) => found.some((one) => isSame(one, candidate)))).toBe(true);
    }
  });

  it('keep every row of most samples apart from those of the others', () => {
    // The rest share ids with each other; payload-facts.test.ts looks at each of them alone.
    expect(byCompany().apart.length).toBeGreaterThanOrEqual(50);
    expect(Object.keys(expectedFacts).length + Object.keys(expectedRaw).length).toBe(135);
  });

  it('count what Sluice does not model and what it cannot place in time', () => {
    const total = (table: (typeof rawTables)[number]) =>
      Object.values(expectedRaw).reduce((sum, counts) => sum + (counts[table] ?? 0), 0);
    expect(total('unmodelled_update')).toBe(9);
    expect(facts['unmodelled_update']).toHaveLength(9);
    expect(total('quarantine')).toBe(6);
    expect(facts['quarantine']).toHaveLength(6);
    expect(status).toMatchObject({ unmodelled: 9, quarantined: 6 });
    // The controller's own decisions about the numbers it met are records too.
    expect(status.records_applied).toBeGreaterThanOrEqual(135);
  });

  it('are kept raw where they are not modelled', () => {
    const kept = (facts['unmodelled_update'] ?? []).map(({ payload }) => JSON.parse(String(payload)) as Envelope);
    const asideBodies = (facts['quarantine'] ?? []).map(({ body }) => JSON.parse(Buffer.from(body as Uint8Array).toString()));
    for (const [file, counts] of Object.entries(expectedRaw)) {
      const content = contentOf(file);
      if (counts.quarantine === 1) expect(asideBodies, file).toContainEqual(content);
      else
        expect(
          kept.filter((part) => isPartOf(part, content)),
          file,
        ).toHaveLength(1);
    }
  });
});

function isSame(one: unknown, other: unknown): boolean {
  return holds(() => expect(one).toEqual(other));
}

/** Whether a payload holds all of this: its field, and each key of its value as it came. */
function isPartOf(part: unknown, { entry }: Envelope): boolean {
  return entry.some(({ changes }) => changes.some((change) => holds(() => expect(change).toMatchObject(part as object))));
}

function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
