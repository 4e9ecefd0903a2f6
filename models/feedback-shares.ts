import type { Connection } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';

/** The shares of feedback that are expected by now, as a relation for `compileMetricQuery`: worked out anew by each statement. */
export const feedbackShares = `(${readProjectFile('sql/queries/feedback_wide.sql')})`;

/** The same kept on each connection: they change with a build of the models only, and to work them out costs more than most questions. */
export class KeptShares {
  private readonly kept = new WeakMap<Connection, number>();

  /**
   * @param build number of the build whose shares are wanted; there must be some
   * @returns the relation on this connection
   */
  async on(connection: Connection, build: number): Promise<string> {
    if (this.kept.get(connection) !== build) {
      await connection.exec(`CREATE OR REPLACE TEMP TABLE kept_share AS FROM ${feedbackShares}`);
      this.kept.set(connection, build);
    }
    return 'temp.kept_share';
  }
}
