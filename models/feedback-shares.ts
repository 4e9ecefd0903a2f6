import type { Connection } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';

/** The shares of feedback that are expected by now, as a relation for `compileMetricQuery`: worked out anew by each statement. */
export const feedbackShares = `(${readProjectFile('sql/queries/feedback_wide.sql')})`;

/** A database in memory beside the warehouse, for what is worked out from it and not kept. */
export const attachKept = `ATTACH ':memory:' AS kept`;

/** The same, kept for all connections: they change with a build of the models only, and to work them out costs more than most questions. */
export class KeptShares {
  private newest: { build: number; relation: Promise<string> } | null = null;

  /**
   * @param connection of a database to which `kept` is attached
   * @param build number of the build whose shares are wanted; there must be some
   * @returns the relation
   */
  of(connection: Connection, build: number): Promise<string> {
    if (this.newest !== null && this.newest.build >= build) return this.newest.relation;
    const before = this.newest?.relation ?? Promise.resolve();
    // One after the other: two that replace the same table at once would be in each other's way.
    const relation = before
      .catch(() => undefined)
      .then(() => connection.exec(`CREATE OR REPLACE TABLE kept.expected_share AS FROM ${feedbackShares}`))
      .then(() => 'kept.expected_share');
    this.newest = { build, relation };
    relation.catch(() => {
      if (this.newest?.relation === relation) this.newest = null;
    });
    return relation;
  }
}
