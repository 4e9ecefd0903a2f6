import type { CohortRow, ControlSnapshot } from '../../controller/snapshot.ts';
import type { Connection } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { cohorts, type UsedRow, usedRow } from './control-rows.ts';

const sql = { cohort: readProjectFile('sql/control/cohort.sql'), used: readProjectFile('sql/control/used.sql') };

/** Where a part of the horizon stands: in a database in memory that all connections share, or in the reader's own tables. */
export type Part = 'control_old.far' | 'control_old.middle' | 'temp';

/**
 * The messages of one part of the horizon, and which of them used a permit, read in one transaction: a message is out under a permit, or
 * it is out and waits for feedback. Counted at two moments it could be neither for a while, and what may go out too much.
 */
export interface PartCounts {
  cohorts: readonly CohortRow[];
  used: readonly UsedRow[];
}

export const nothingCounted: PartCounts = { cohorts: [], used: [] };

/**
 * Reads the counts of a part; its messages are grouped already (message.sql), and the connection's variables are those of the part.
 * @param countedAt told of those that outlive their snapshot
 */
export async function partCounts(connection: Connection, part: Part, countedAt?: number): Promise<PartCounts> {
  return {
    cohorts: await cohorts(connection, sql.cohort.replaceAll('{{part}}', part), countedAt),
    used: (await connection.rows(sql.used)).map(usedRow),
  };
}

/** Counts with those of some campaigns ('' for none) as they were counted anew, all others as of `countedAt`. */
export function countedAnew(before: PartCounts, campaigns: readonly string[], anew: PartCounts, countedAt: number): PartCounts {
  const isOther = ({ campaign_id }: { campaign_id: string | null }) => !campaigns.includes(campaign_id ?? '');
  const cohorts = before.cohorts.filter(isOther).map((row) => ({ ...row, counted_at: row.counted_at ?? countedAt }));
  return together({ cohorts, used: before.used.filter(isOther) }, anew);
}

/** Several parts as one. */
export function together(...parts: readonly PartCounts[]): PartCounts {
  return { cohorts: parts.flatMap(({ cohorts }) => cohorts), used: parts.flatMap(({ used }) => used) };
}

/** The counts as a snapshot has them: what was used of each permit, whatever the campaign. */
export function snapshotCounts({ cohorts, used }: PartCounts): Pick<ControlSnapshot, 'cohorts' | 'used'> {
  const sums = new Map<string, number>();
  for (const { permit_id, used: count } of used) sums.set(permit_id, (sums.get(permit_id) ?? 0) + count);
  const byPermit = [...sums].map(([permit_id, sum]) => ({ permit_id, used: sum }));
  return { cohorts: [...cohorts], used: byPermit.sort((a, b) => (a.permit_id < b.permit_id ? -1 : 1)) };
}
