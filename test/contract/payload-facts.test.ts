import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWithShared, sharedPath } from '../shared.ts';
import { memoryWarehouse } from '../warehouse.ts';
import { decoded } from '../webhook-record.ts';
import { comparable, expectedFacts, expectedRaw, factTables } from './expected/index.ts';

describeWithShared('the sample payloads, as facts', () => {
  it.each(Object.keys(expectedFacts))('%s', async (file) => {
    const warehouse = await memoryWarehouse();
    try {
      await warehouse.apply.commit(decoded(readFileSync(sharedPath('whatsapp', 'payloads', file))), new Map([['log', 1n]]));
      const expected = expectedFacts[file] ?? {};
      for (const table of factTables) {
        const rows = await warehouse.connection.rows(`SELECT * FROM ${table}`);
        expect(comparable(table, rows), table).toEqual(comparable(table, expected[table] ?? []));
      }
    } finally {
      warehouse.close();
    }
  });

  it.each(Object.keys(expectedRaw))('%s leaves the rows counted', async (file) => {
    const warehouse = await memoryWarehouse();
    try {
      await warehouse.apply.commit(decoded(readFileSync(sharedPath('whatsapp', 'payloads', file))), new Map([['log', 1n]]));
      const counts: Record<string, number> = {};
      for (const table of factTables) {
        const { length } = await warehouse.connection.rows(`SELECT 1 FROM ${table}`);
        if (length > 0) counts[table] = length;
      }
      expect(counts).toEqual(expectedRaw[file]);
    } finally {
      warehouse.close();
    }
  });
});
