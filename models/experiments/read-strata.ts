import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { StratumCell } from './evidence.ts';
import { byExperiment, outcomesOf, textOf } from './evidence-row.ts';
import type { Case } from './read-evidence.ts';

const strata = readProjectFile('sql/queries/experiment_strata.sql');

/** The same experiments with their people by market and segment: one statement for all of them. */
export async function withStrata(connection: Connection, cases: readonly Case[], now: number): Promise<Case[]> {
  if (cases.length === 0) return [];
  const experiments = JSON.stringify(cases.map(({ design }) => design.experiment_id));
  const rows = byExperiment(await connection.rows(strata, { experiments, at: new Date(now) }));
  return cases.map(({ design, evidence }) => ({
    design,
    evidence: { ...evidence, strata: (rows.get(design.experiment_id) ?? []).map(cellOf) },
  }));
}

function cellOf(row: Row): StratumCell {
  return {
    market: textOf(row.market),
    segment: textOf(row.segment_id),
    arm_id: String(row.arm_id),
    people: Number(row.people),
    mature: Number(row.mature),
    outcomes: outcomesOf(row),
  };
}
