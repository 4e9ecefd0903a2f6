import type { Connection } from '../sql/database.ts';

/** A database in memory beside the warehouse, for what is worked out from it and not kept. */
export const attachKept = `ATTACH ':memory:' AS kept`;

/**
 * A relation that changes with a build of the models only, and costs more to work out than most questions to it: worked out once for each
 * build and kept in memory for all connections, unless it has too many rows.
 */
export class KeptRelation {
  private newest: { build: number; relation: Promise<string> } | null = null;
  private isLarge = false;

  /**
   * @param name of its table in `kept`
   * @param source a relation in SQL
   * @param mostRows with more it is read as it is
   */
  constructor(
    private readonly name: string,
    private readonly source: string,
    private readonly mostRows = 200_000,
  ) {}

  /**
   * @param connection of a database to which `kept` is attached
   * @param build number of the build from which it is wanted; there must have been one
   * @returns the relation in SQL
   */
  of(connection: Connection, build: number): Promise<string> {
    if (this.newest !== null && this.newest.build >= build) return this.newest.relation;
    const before = this.newest?.relation ?? Promise.resolve();
    // One after the other: two that replace the same table at once would be in each other's way.
    const relation = before.catch(() => undefined).then(() => (this.isLarge ? this.source : this.make(connection)));
    this.newest = { build, relation };
    relation.catch(() => {
      if (this.newest?.relation === relation) this.newest = null;
    });
    return relation;
  }

  private async make(connection: Connection): Promise<string> {
    const table = `kept."${this.name}"`;
    await connection.exec(`CREATE OR REPLACE TABLE ${table} AS FROM ${this.source} LIMIT ${this.mostRows + 1}`);
    const [made] = await connection.rows(`SELECT count(*) AS n FROM ${table}`);
    this.isLarge = Number(made?.n) > this.mostRows;
    if (!this.isLarge) return table;
    await connection.exec(`DROP TABLE ${table}`);
    return this.source;
  }
}
