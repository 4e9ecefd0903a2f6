import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWithShared, sharedPath } from '../shared.ts';
import { memoryWarehouse } from '../warehouse.ts';
import { decoded } from '../webhook-record.ts';
import { comparable, expectedFacts, factTables } from './expected/index.ts';
import { byCompany } from './expected/together.ts';

// Those whose ids no other sample has go through a running server, in integration/payloads.test.ts.
describeWithShared('sample payloads that share ids with others, each alone, as facts', () => {
  it.each(byCompany().shared)('%s', async (file) => {
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
});
