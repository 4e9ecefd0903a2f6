import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Apply } from '../../ingest/apply.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { empty, memoryWarehouse } from '../warehouse.ts';
import { decoded } from '../webhook-record.ts';
import { comparable, expectedFacts, factTables } from './expected/index.ts';
import { byCompany } from './expected/together.ts';

// Those whose ids no other sample has go through a running server, in integration/payloads.test.ts.
describeWithShared('sample payloads that share ids with others, each alone, as facts', () => {
  let warehouse: Awaited<ReturnType<typeof memoryWarehouse>>;
  beforeAll(async () => {
    warehouse = await memoryWarehouse();
  });
  afterAll(() => warehouse.close());

  it.each(byCompany().shared)('%s', async (file) => {
    const { connection, database } = warehouse;
    await empty(connection);
    // A new one, which remembers nobody.
    const writer = await database.connect();
    const apply = await Apply.on(writer, { smallTable: 0n });
    await apply.commit(decoded(readFileSync(sharedPath('whatsapp', 'payloads', file))), new Map([['log', 1n]]));
    writer.close();
    const expected = expectedFacts[file] ?? {};
    for (const table of factTables) {
      const rows = await connection.rows(`SELECT * FROM ${table}`);
      expect(comparable(table, rows), table).toEqual(comparable(table, expected[table] ?? []));
    }
  });
});
