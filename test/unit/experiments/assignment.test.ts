import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignedArm, assignmentPosition } from '../../../models/experiments/assignment.ts';
import { srm } from '../../../models/statistics/srm.ts';
import { type Connection, Database } from '../../../sql/database.ts';
import { migrate } from '../../../sql/migrate.ts';

const arms = [
  { id: 'a', weight: 45 },
  { id: 'none', weight: 0 },
  { id: 'b', weight: 45 },
  { id: 'holdout', weight: 10 },
];
const counts = (salt: string, people: number) => {
  const found: Record<string, number> = {};
  for (let n = 0; n < people; n += 1) {
    const id = assignedArm(arms, salt, `contact-${n}`)?.id ?? '';
    found[id] = (found[id] ?? 0) + 1;
  }
  return found;
};

describe('assignment', () => {
  let database: Database;
  let connection: Connection;
  beforeAll(async () => {
    database = await Database.open({ path: ':memory:', memoryMb: 128, threads: 1 });
    connection = await database.connect();
    await migrate(connection);
  });
  afterAll(() => {
    connection.close();
    database.close();
  });

  it('is the number that the macro of the warehouse gives, for any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        async (salt, contact) => {
          const [row] = await connection.rows('SELECT assignment_position($1::VARCHAR, $2::VARCHAR) AS position', [
            salt,
            contact,
          ]);
          expect(row?.position).toBe(assignmentPosition(salt, contact));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is the first 52 bits of a SHA-256: a value worked out by other means', () => {
    // printf 'spring/c-1' | sha256sum: the first 13 hexadecimal digits over 16^13.
    expect(assignmentPosition('spring', 'c-1')).toBe(0xad4a3d7985b2d / 16 ** 13);
  });

  it('gives each arm its share and an arm without weight nobody', () => {
    const found = counts('spring', 40_000);
    expect(found['none']).toBeUndefined();
    const observed = ['a', 'b', 'holdout'].map((id) => found[id] ?? 0);
    expect(srm({ observed, weights: [45, 45, 10] }).p).toBeGreaterThan(0.001);
  });

  it('with another salt is independent: of those in one arm, the shares are the same again', () => {
    const first: string[] = [];
    for (let n = 0; n < 40_000; n += 1) if (assignedArm(arms, 'spring', `contact-${n}`)?.id === 'a') first.push(`contact-${n}`);
    const second = first.map((contact) => assignedArm(arms, 'summer', contact)?.id);
    const observed = ['a', 'b', 'holdout'].map((id) => second.filter((one) => one === id).length);
    expect(srm({ observed, weights: [45, 45, 10] }).p).toBeGreaterThan(0.001);
  });

  it('gives everybody some arm that has a weight, and none when no arm has one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }),
        fc.string({ minLength: 1 }),
        (weights, contact) => {
          const given = weights.map((weight, index) => ({ id: String(index), weight }));
          const arm = assignedArm(given, 'salt', contact);
          if (weights.every((weight) => weight === 0)) expect(arm).toBeNull();
          else expect(arm?.weight).toBeGreaterThan(0);
        },
      ),
    );
  });
});
