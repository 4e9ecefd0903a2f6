import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { type Design, type ExperimentArm, maturityMs, type Plan } from './design.ts';
import type { ArmRevenue, Evidence, PastLook, RevenueEvidence, Step } from './evidence.ts';
import { byExperiment, textOf } from './evidence-row.ts';
import { takenLooks } from './planned-looks.ts';
import { readSteps } from './read-steps.ts';

const file = (name: string) => readProjectFile(`sql/queries/experiment_${name}.sql`);
const sql = {
  definitions: file('definitions'),
  revenue: file('revenue'),
  looks: file('looks'),
  registered: file('registered'),
} as const;

/** An experiment with everything that its verdict goes by. */
export interface Case {
  design: Design;
  evidence: Evidence;
}

/**
 * Experiments with their evidence, those that began last first: a few statements for all of them together.
 * @param experiment one id, or null for all
 * @param now ms since 1970
 */
export async function readCases(connection: Connection, experiment: string | null, now: number): Promise<Case[]> {
  const at = new Date(now);
  const definitions = await connection.rows(sql.definitions, { experiment });
  const steps = await readSteps(connection, experiment, at);
  const looks = byExperiment(await connection.rows(sql.looks, { experiment, whole: false }));
  const cases = definitions.map((row) => {
    const design = designOf(row);
    return { row, design, ...(steps.get(design.experiment_id) ?? { steps: [], recent: 0 }) };
  });
  const asked = cases
    .filter(({ design }) => design.metric === 'revenue')
    .map(({ design, steps: seen }) => ({ experiment_id: design.experiment_id, until: revenueUntil(design, seen, now) }));
  const revenue = asked.length === 0 ? new Map<string, Row[]>() : byExperiment(await readRevenue(connection, asked, false));
  return cases.map(({ row, design, steps: seen, recent }) => ({
    design,
    evidence: {
      steps: seen,
      revenue: design.metric === 'revenue' ? revenueOf(revenue.get(design.experiment_id) ?? []) : null,
      first_assigned_at: instant(row.assigned_at),
      first_message_at: instant(row.message_at),
      recent_people: recent,
      looks: (looks.get(design.experiment_id) ?? [])
        .filter(({ design_hash }) => design_hash === design.design_hash)
        .map(
          (look): PastLook => ({
            look: Number(look.look),
            state: String(look.state),
            arm: look.arm === null ? null : String(look.arm),
            at: instant(look.looked_at) ?? 0,
          }),
        ),
    },
  }));
}

/** Rows of revenue by arm, or by segment and arm, of people assigned before the given times. */
export function readRevenue(
  connection: Connection,
  asked: readonly { experiment_id: string; until: number }[],
  bySegment: boolean,
): Promise<Row[]> {
  const list = asked.map(({ experiment_id, until }) => ({
    experiment_id,
    until: new Date(until).toISOString().replace('Z', ''),
  }));
  return connection.rows(sql.revenue, { asked: JSON.stringify(list), by_segment: bySegment });
}

/** When the people assigned last whose revenue the decision sees were assigned: at the end of the look, or as late as is mature. */
export function revenueUntil(design: Design, steps: readonly Step[], now: number): number {
  // The last hour whose last window has passed, as the steps have it.
  const mature = now - maturityMs(design) + 1;
  const plan = design.plan_state === 'filed' ? design.plan : null;
  if (plan === null) return mature;
  const last = takenLooks(plan, steps).at(-1);
  const next = last === undefined ? steps[0] : steps[last.steps];
  return next === undefined ? mature : Math.min(next.at, mature);
}

/** One arm's revenue from a row. */
export function armRevenueOf(row: Row): ArmRevenue {
  const n = Number(row.n);
  const variance = (squares: unknown) => (n > 1 ? Math.max(0, Number(squares)) / (n - 1) : 0);
  return {
    arm_id: String(row.arm_id),
    n,
    buyers: Number(row.buyers),
    capped: { mean: Number(row.capped_mean), variance: variance(row.capped_ss) },
    raw: { mean: Number(row.raw_mean), variance: variance(row.raw_ss) },
    before: { mean: Number(row.before_mean), variance: variance(row.before_ss) },
    covariance: n > 1 ? Number(row.cross_ss) / (n - 1) : 0,
    most: Number(row.most),
  };
}

/** The revenue of an experiment's arms from their rows. */
export function revenueOf(rows: readonly Row[]): RevenueEvidence {
  const currencies = new Set(
    rows.flatMap(({ first_currency, last_currency }) => [first_currency, last_currency]).filter((one) => one !== null),
  );
  const cap = rows.map((row) => row.cap).find((one) => one !== null);
  const [currency] = currencies;
  return {
    cap: cap === undefined ? null : Number(cap),
    currency: currencies.size > 1 ? 'mixed' : currency === undefined ? null : String(currency),
    arms: rows.map(armRevenueOf),
  };
}

function instant(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}

function designOf(row: Row): Design {
  return {
    experiment_id: String(row.experiment_id),
    name: String(row.name),
    campaign_id: String(row.campaign_id),
    dimension: row.dimension as Design['dimension'],
    salt: String(row.salt),
    metric: row.metric as Design['metric'],
    goal: textOf(row.goal),
    age_hours: Number(row.age_h),
    longest_delay_hours: Number(row.longest_delay_h),
    currency: textOf(row.currency),
    arms: (JSON.parse(String(row.arms)) as (Omit<ExperimentArm, 'name'> & { name?: string | null })[]).map((arm) => ({
      ...arm,
      name: arm.name ?? null,
    })),
    plan: row.plan === null ? null : (JSON.parse(String(row.plan)) as Plan),
    plan_state: row.plan_state as Design['plan_state'],
    design_hash: String(row.design_hash),
    weights_known: row.are_weights_known !== false,
  };
}

/**
 * One experiment as it was registered last, ahead of the models, and when it began: with the first assignment, or with the first message of its
 * campaign since the registration. Null when it is unknown.
 */
export async function readRegistered(
  connection: Connection,
  experiment: string,
): Promise<{ design: Design; startedAt: number | null } | null> {
  const [row] = await connection.rows(sql.registered, { experiment });
  if (row === undefined) return null;
  const design = designOf(row);
  const longest = Math.max(0, ...design.arms.map(({ send_after_hours }) => send_after_hours));
  const times = [instant(row.assigned_at), instant(row.message_at)].filter((time) => time !== null);
  return { design: { ...design, longest_delay_hours: longest }, startedAt: times.length === 0 ? null : Math.min(...times) };
}
