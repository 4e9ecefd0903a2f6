import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { StratumCell } from './evidence.ts';
import type { Case } from './read-evidence.ts';

const strata = readProjectFile('sql/queries/experiment_strata.sql');

/** The same experiments with their people by market and segment: one statement for all of them. */
export async function withStrata(connection: Connection, cases: readonly Case[], now: number): Promise<Case[]> {
  if (cases.length === 0) return [];
  const experiments = JSON.stringify(cases.map(({ design }) => design.experiment_id));
  const cells = new Map<string, StratumCell[]>();
  for (const row of await connection.rows(strata, { experiments, at: new Date(now) })) {
    const id = String(row.experiment_id);
    const known = cells.get(id) ?? [];
    known.push(cellOf(row));
    cells.set(id, known);
  }
  return cases.map(({ design, evidence }) => ({
    design,
    evidence: { ...evidence, strata: cells.get(design.experiment_id) ?? [] },
  }));
}

function cellOf(row: Row): StratumCell {
  const text = (value: unknown) => (value === null ? null : String(value));
  return {
    market: text(row.market),
    segment: text(row.segment_id),
    arm_id: String(row.arm_id),
    people: Number(row.people),
    mature: Number(row.mature),
    outcomes: {
      read: Number(row.read),
      reply: Number(row.replied),
      click: Number(row.clicked),
      conversion: Number(row.converted),
      unsubscribe: Number(row.unsubscribed),
      failure: Number(row.failed),
      negative_reply: Number(row.negative_replies),
    },
  };
}
