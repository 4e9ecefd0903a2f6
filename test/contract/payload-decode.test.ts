import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canonicalJson, parseExactJson } from '../../ingest/json.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { decoded } from '../webhook-record.ts';
import { comparable, type ExpectedRow, expectedFacts, expectedRaw, type FactTable, factTables } from './expected/index.ts';

const folder = sharedPath('whatsapp', 'payloads');

describeWithShared('the sample payloads, decoded', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

  it('are each expected in exactly one list, and most of them field by field', () => {
    const inFacts = Object.keys(expectedFacts);
    const inRaw = Object.keys(expectedRaw);
    expect([...inFacts, ...inRaw].sort()).toEqual([...files].sort());
    expect(inFacts.length).toBeGreaterThanOrEqual(50);
  });

  it.each(Object.keys(expectedFacts))('%s', (file) => {
    const rows = stagedFacts(readFileSync(sharedPath('whatsapp', 'payloads', file)));
    const expected = expectedFacts[file] ?? {};
    // fact_message is put together by apply: payload-facts.test.ts looks at it.
    for (const table of factTables.filter((name) => name !== 'fact_message')) {
      expect(comparable(table, rows[table]), table).toEqual(comparable(table, expected[table] ?? []));
    }
  });

  it.each(Object.keys(expectedRaw))('%s leaves the rows counted', (file) => {
    const rows = stagedFacts(readFileSync(sharedPath('whatsapp', 'payloads', file)));
    const counts = Object.fromEntries(
      factTables.flatMap((table) => (rows[table].length > 0 ? [[table, rows[table].length]] : [])),
    );
    expect(counts).toEqual(expectedRaw[file]);
  });

  it('keep every platform event and unmodelled update as it came', () => {
    for (const file of files) {
      const body = readFileSync(sharedPath('whatsapp', 'payloads', file));
      const came = new Set(partsOf(parseExactJson(body.toString())));
      const { platform_event, unmodelled_update } = decoded(body);
      for (const { payload } of [...platform_event, ...unmodelled_update]) {
        const { value } = JSON.parse(payload) as { value: object };
        const kept = Object.values(value).map((part) => canonicalJson(Array.isArray(part) && part.length === 1 ? part[0] : part));
        expect(kept.length, file).toBeGreaterThan(0);
        expect(kept.filter((part) => !came.has(part))).toEqual([]);
      }
    }
  });

  it('put no number, name or text body into a fact', () => {
    for (const file of files) {
      const rows = decoded(readFileSync(sharedPath('whatsapp', 'payloads', file)));
      const facts = JSON.stringify(
        [rows.status, rows.inbound, rows.consent, rows.click, rows.conversion, rows.platform_event],
        (_, value) => (typeof value === 'bigint' ? String(value) : value),
      );
      for (const personal of ['16505551234', '972987654321', 'Sheena', 'Pablo', 'Test Name', 'another color', 'US.1349']) {
        expect(facts, file).not.toContain(personal);
      }
    }
  });
});

/** The staged rows under the names of their tables; of one id the first by time, as apply keeps it. */
function stagedFacts(body: Uint8Array): Record<FactTable, readonly ExpectedRow[]> {
  const rows = decoded(body);
  const firstOf = new Map(rows.inbound.toReversed().map((row) => [row.message_id, row]));
  return {
    fact_message: [],
    fact_status: rows.status,
    fact_inbound: [...firstOf.values()],
    fact_click: rows.click,
    fact_conversion: rows.conversion,
    fact_consent: rows.consent,
    fact_platform_event: rows.platform_event,
    unmodelled_update: rows.unmodelled_update,
    contact_alias: rows.contact_alias,
    contact_link: rows.contact_link,
    quarantine: rows.quarantine,
  };
}

/** A value and all that is in it, as canonical text. */
function partsOf(value: unknown): string[] {
  const inside = typeof value === 'object' && value !== null ? Object.values(value).flatMap(partsOf) : [];
  return [canonicalJson(value), ...inside];
}
