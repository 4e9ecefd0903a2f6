import { describe, expect, it } from 'vitest';
import { Database } from '../../sql/database.ts';
import { loadMigrations, migrate } from '../../sql/migrate.ts';

describe('a warehouse from before the controller', () => {
  it('gets its tables and keeps its messages', async () => {
    const database = await Database.open({ path: ':memory:', memoryMb: 256, threads: 1 });
    const connection = await database.connect();
    const all = loadMigrations();
    await migrate(
      connection,
      all.filter(({ number }) => number < 6),
    );
    await connection.exec(`INSERT INTO fact_message (message_key, origin_known, opened_at, message_at)
      VALUES ('m', true, TIMESTAMP '2026-11-20 12:00:00', TIMESTAMP '2026-11-20 12:00:00')`);
    expect((await migrate(connection, all))[0]).toBe('006_control.sql');
    expect(await connection.rows('SELECT message_key, permit_id FROM fact_message')).toEqual([
      { message_key: 'm', permit_id: null },
    ]);
    for (const table of ['decision', 'policy', 'override', 'lift'].map((name) => `fact_control_${name}`)) {
      expect(await connection.rows(`SELECT count(*) AS n FROM ${table}`)).toEqual([{ n: 0n }]);
    }
    connection.close();
    database.close();
  });
});
