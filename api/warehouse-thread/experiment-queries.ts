import type { Design } from '../../models/experiments/design.ts';
import type { Verdict } from '../../models/experiments/document.ts';
import type { LookDue } from '../../models/experiments/look.ts';
import { type Case, readCases, readRegistered } from '../../models/experiments/read-evidence.ts';
import { withStrata } from '../../models/experiments/read-strata.ts';
import { readSegmentLift, type SegmentLift, type SegmentMetric } from '../../models/experiments/segment-lift.ts';
import { verdict } from '../../models/experiments/verdict.ts';
import type { Connection } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import type { AssignedArm, PastVerdict } from '../warehouse.ts';
import { withBrakes } from './experiment-brakes.ts';
import { eachInTurn } from './turns.ts';

const sql = {
  looks: readProjectFile('sql/queries/experiment_looks.sql'),
  assigned: readProjectFile('sql/queries/experiment_assigned.sql'),
} as const;

/** What is to be said of every experiment now, in short. Where the sample ratio is off, also where that comes from. */
export async function experiments(connection: Connection, at: number): Promise<Verdict[]> {
  const cases = await withBrakes(connection, await readCases(connection, null, at), at);
  const judge = ({ design, evidence }: Case) => verdict(design, evidence, at, { detail: false });
  const said = await eachInTurn(cases, judge);
  const sick = cases.filter((_, index) => said[index]?.health.some(({ code, ok }) => code === 'sample_ratio' && !ok));
  const again = new Map((await withStrata(connection, sick, at)).map((one) => [one.design.experiment_id, judge(one)]));
  return said.map((one) => again.get(one.experiment_id) ?? one);
}

/** What is to be said of one experiment now; null when it is unknown. */
export async function experiment(connection: Connection, id: string, at: number): Promise<Verdict | null> {
  const found = await oneCase(connection, id, at);
  if (found === null) return null;
  const [whole = found] = await withBrakes(connection, await withStrata(connection, [found], at), at);
  return verdict(whole.design, whole.evidence, at);
}

/** What was said at each look, oldest first; null when the experiment is unknown. */
export async function experimentHistory(connection: Connection, id: string): Promise<PastVerdict[] | null> {
  const rows = await connection.rows(sql.looks, { experiment: id, whole: true });
  if (rows.length === 0 && (await readRegistered(connection, id)) === null) return null;
  return rows.map((row) => {
    const document = JSON.parse(String(row.document)) as LookDue['document'];
    return { look: Number(row.look), design_hash: String(row.design_hash), verdict: document.verdict };
  });
}

export async function experimentDesign(
  connection: Connection,
  id: string,
): Promise<{ design: Design; startedAt: number | null } | null> {
  return readRegistered(connection, id);
}

/** Who of these contacts is in the experiment already. */
export async function assignedArms(connection: Connection, id: string, aliases: readonly string[]): Promise<AssignedArm[]> {
  const rows = await connection.rows(sql.assigned, { experiment: id, contacts: JSON.stringify(aliases) });
  return rows.map((row) => ({
    contact_alias: String(row.contact_alias),
    arm_id: String(row.arm_id),
    assigned_at: row.assigned_at instanceof Date ? row.assigned_at.getTime() : 0,
  }));
}

/** Segments of one experiment against each other and against a hold-out; null when it is unknown. */
export async function segmentLift(
  connection: Connection,
  id: string,
  metric: SegmentMetric,
  at: number,
): Promise<SegmentLift | null> {
  const found = await oneCase(connection, id, at);
  return found === null ? null : readSegmentLift(connection, found.design, metric, at);
}

/** The models may be a moment behind a registration: such an experiment has nobody yet. */
async function oneCase(connection: Connection, id: string, at: number): Promise<Case | null> {
  const [found] = await readCases(connection, id, at);
  if (found !== undefined) return found;
  const registered = await readRegistered(connection, id);
  if (registered === null) return null;
  const nobody = { steps: [], revenue: null, first_assigned_at: null, first_message_at: null, recent_people: 0, looks: [] };
  return { design: registered.design, evidence: nobody };
}
