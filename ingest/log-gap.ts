import type { Connection } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';
import type { Positions } from './record.ts';

/** Records of one partition that neither the log nor the archive has: from `first` to below `next`. */
export interface LogGap {
  partition: string;
  first: bigint;
  next: bigint;
}

/** What is missing, in words. */
export function gapText({ partition, first, next }: LogGap): string {
  return `${partition}: records ${first} to ${next - 1n} (${next - first}) are gone`;
}

/** A gap whose loss a person accepted. */
export interface AcceptedGap extends LogGap {
  /** Microseconds since 1970. */
  acceptedAt: bigint;
  reason: string;
}

const sql = {
  list: readProjectFile('sql/queries/gaps.sql'),
  keep: readProjectFile('sql/apply/gap.sql'),
} as const;

/**
 * What lies between where a warehouse stands and the next record that there is.
 * @param at where it stands
 * @param start per partition the oldest record of the log
 * @param archive knows the first record at or behind an offset that it holds; undefined when there is none
 */
export function gapsBefore(
  at: Positions,
  start: Positions,
  archive: { firstFrom(partition: string, from: bigint): bigint | undefined },
): LogGap[] {
  return [...start].flatMap(([partition, oldest]) => {
    const first = at.get(partition) ?? 0n;
    const kept = archive.firstFrom(partition, first);
    const next = kept !== undefined && kept < oldest ? kept : oldest;
    return first < next ? [{ partition, first, next }] : [];
  });
}

export async function acceptedGaps(connection: Connection): Promise<AcceptedGap[]> {
  return (await connection.rows(sql.list)).map((row) => ({
    partition: String(row.log_partition),
    first: row.first_offset as bigint,
    next: row.next_offset as bigint,
    acceptedAt: (row.accepted_at as { micros: bigint }).micros,
    reason: String(row.reason),
  }));
}

/** Notes accepted gaps, so that a loop which comes to them passes over. */
export async function keepGaps(connection: Connection, gaps: readonly AcceptedGap[]): Promise<void> {
  for (const { partition, first, next, acceptedAt, reason } of gaps) {
    await connection.script(sql.keep, { partition, first, next, accepted_at: acceptedAt, reason });
  }
}
