import { type Explained, explain } from '../../controller/explain.ts';
import { parseScope } from '../../controller/scope.ts';
import type { BrakedArm } from '../../models/experiments/evidence.ts';
import type { Case } from '../../models/experiments/read-evidence.ts';
import type { Connection } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';

const sql = readProjectFile('sql/queries/experiment_brakes.sql');

/** The same experiments with the arms that were held back alone since people were assigned: one statement for all of them. */
export async function withBrakes(connection: Connection, cases: readonly Case[], now: number): Promise<Case[]> {
  const began = cases.flatMap(({ evidence }) => evidence.first_assigned_at ?? []);
  if (began.length === 0) return [...cases];
  const since = began.reduce((first, at) => Math.min(first, at));
  const rows = await connection.rows(sql, { since: new Date(since), at: new Date(now) });
  if (rows.length === 0) return [...cases];
  const brakes = rows.map(({ scope, decided_at, said }) => {
    const [campaign, arm] = parseScope(String(scope))?.values ?? [];
    const decision = JSON.parse(String(said)) as Explained;
    const reason = { en: explain(decision, 'en'), fr: explain(decision, 'fr') };
    return { campaign, braked: { arm_id: arm ?? '', at: (decided_at as Date).getTime(), reason } satisfies BrakedArm };
  });
  return cases.map(({ design, evidence }) => {
    const from = evidence.first_assigned_at ?? Number.POSITIVE_INFINITY;
    const own = brakes.filter(({ campaign, braked }) => campaign === design.campaign_id && braked.at >= from);
    const first = new Map(own.toReversed().map(({ braked }) => [braked.arm_id, braked]));
    return { design, evidence: first.size === 0 ? evidence : { ...evidence, braked: [...first.values()] } };
  });
}
