import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstShare, MemoryShare, nextShare } from '../../api/warehouse-thread/memory-share.ts';
import { type Connection, Database } from '../../sql/database.ts';

const none = { held: 0 };

describe("the engine's share of the memory of the process", () => {
  it('is the limit less 15 % and less all that is not the engine', () => {
    // 1000 × 0.85 − (700 − 300)
    expect(nextShare({ ...none, limit: 1000, resident: 700, engine: 300, share: 600 })).toBe(450);
  });

  it('rises by a sixteenth of the limit at most, for what the others gave back may be wanted again', () => {
    // room would be 1600 × 0.85 − 300 = 1060
    expect(nextShare({ ...none, limit: 1600, resident: 600, engine: 300, share: 600 })).toBe(700);
  });

  it('falls at once', () => {
    expect(nextShare({ ...none, limit: 1600, resident: 1500, engine: 700, share: 1200 })).toBe(560);
  });

  it('is never less than a quarter of the limit nor less than 128 MiB, so that queries still end', () => {
    expect(nextShare({ ...none, limit: 1000, resident: 2000, engine: 300, share: 600 })).toBe(250);
    expect(nextShare({ ...none, limit: 256, resident: 400, engine: 50, share: 128 })).toBe(128);
  });

  it('leaves 128 MiB to work with beside changes of rows, which stay in memory until a checkpoint', () => {
    expect(nextShare({ limit: 1000, resident: 2000, engine: 300, held: 170, share: 600 })).toBe(298);
  });

  it('is half of the limit at the start', () => {
    expect([firstShare(1024), firstShare(200)]).toEqual([512, 128]);
  });
});

describe('while the process runs', () => {
  let database: Database;
  let connection: Connection;
  beforeEach(async () => {
    database = await Database.open({ path: ':memory:', memoryMb: firstShare(1024), threads: 1 });
    connection = await database.connect();
  });
  afterEach(() => {
    connection.close();
    database.close();
  });
  const ceiling = async () => (await connection.rows("SELECT current_setting('memory_limit') AS value"))[0]?.value;

  it('the ceiling of the engine follows what lies beside it', async () => {
    let resident = 550;
    const memory = await MemoryShare.start(database, 1024, () => resident * 2 ** 20);
    await memory.adjust(); // 1024 × 0.85 − 550 = 320.4, the engine itself holding next to nothing
    expect(await ceiling()).toMatch(/^3(19|20)\.\d MiB$/);
    resident = 400;
    await memory.adjust(); // up by 1024 / 16 = 64 at most
    expect(await ceiling()).toMatch(/^38[345]\.\d MiB$/);
    await memory.close();
  });
});
