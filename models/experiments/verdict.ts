import { mdeProportions } from '../statistics/sample-size.ts';
import { compareArms, decidedAt, type LookData } from './comparisons.ts';
import { bindingPlan, controlOf, type Design, maturityMs, variantsOf } from './design.ts';
import type { Comparison, GuardrailReading, HealthCheck, Looks, Verdict, VerdictState } from './document.ts';
import { type Evidence, totalOf } from './evidence.ts';
import { readGuardrails } from './guardrail.ts';
import { checkHealth } from './health.ts';
import { notesOf } from './notes.ts';
import { nominalAlphas, takenLooks } from './planned-looks.ts';
import { readSecondary } from './secondary.ts';
import { type Finding, fewPeople, sentenceOf } from './sentence.ts';

const dayMs = 86_400_000;
/** The alpha without a plan. */
const defaultAlpha = 0.05;

export interface VerdictOptions {
  /** Also what other methods say, and the metrics that are only looked at: not needed for a list. */
  detail: boolean;
}

/**
 * What is to be said of an experiment now, in the order invalid, harmful, too early, winner or loser, not worse, no difference of the size
 * that matters, inconclusive. Pure: the same design, evidence and time give the same document.
 * @param now ms since 1970
 */
export function verdict(design: Design, evidence: Evidence, now: number, { detail }: VerdictOptions = { detail: true }): Verdict {
  const health = checkHealth(design, evidence);
  const guardrails = readGuardrails(design, evidence);
  const arms = design.arms.map(({ id, name, holdout, weight }) => {
    const { people, mature, contacted } = totalOf(evidence.steps, id);
    return { id, name, holdout, weight: design.weights_known === false ? null : weight, people, counted: mature, contacted };
  });
  const people = arms.reduce((sum, arm) => sum + arm.people, 0);
  const counted = arms.reduce((sum, arm) => sum + arm.counted, 0);
  const data = lookData(design, evidence);
  const sick = health.some(({ ok }) => !ok);
  // A failed check withholds every effect, so that nobody reads one.
  const comparisons = sick ? [] : compareArms(design, evidence, data, detail);
  const pace = paceOf(evidence, now);
  const looks = looksOf(design, data, counted);
  const found = stateOf({ design, evidence, health, guardrails, comparisons, data, counted });
  const finding: Finding = {
    design,
    ...found,
    comparison: comparisons.find(({ arm }) => arm === found.arm) ?? comparisons[0] ?? null,
    health,
    guardrails,
    looks,
    people,
    counted,
    days: daysToGo(design, evidence, { people, counted, pace }, now),
    detectable: detectableOf(comparisons[0], data),
    currency: evidence.revenue?.currency ?? design.currency,
    notes: notesOf(design, evidence, comparisons),
  };
  return {
    experiment_id: design.experiment_id,
    name: design.name,
    as_of: new Date(now).toISOString(),
    design_hash: design.design_hash,
    plan: design.plan_state,
    state: found.state,
    arm: found.arm,
    sentence: sentenceOf(finding),
    decided_by: found.decided_by,
    metric: design.metric,
    goal: design.goal,
    age_hours: design.age_hours,
    currency: finding.currency,
    people,
    counted,
    maturity: people === 0 ? null : counted / people,
    people_per_day: pace,
    days_to_go: finding.days,
    detectable: finding.detectable,
    looks,
    comparisons,
    secondary: sick || !detail ? [] : readSecondary(design, evidence),
    guardrails,
    health,
    notes: finding.notes,
    arms,
  };
}

/** Which people the decision goes by: those of the last planned look, or all that are counted. */
export function lookData(design: Design, { steps }: Pick<Evidence, 'steps'>): LookData {
  const plan = bindingPlan(design);
  if (plan === null) return { plan, taken: [], alphas: [], steps };
  const taken = takenLooks(plan, steps);
  const last = taken.at(-1);
  return { plan, taken, alphas: nominalAlphas(taken, plan.alpha), steps: steps.slice(0, last?.steps ?? 0) };
}

interface Found {
  state: VerdictState;
  arm: string | null;
  decided_by: Verdict['decided_by'];
}

function stateOf(seen: {
  design: Design;
  evidence: Evidence;
  health: readonly HealthCheck[];
  guardrails: readonly GuardrailReading[];
  comparisons: readonly Comparison[];
  data: LookData;
  counted: number;
}): Found {
  const { design, evidence, health, guardrails, comparisons, data, counted } = seen;
  const failed = health.find(({ ok }) => !ok);
  if (failed !== undefined) return { state: 'invalid', arm: failed.arm, decided_by: 'health' };
  const alarm = guardrails.find((guardrail) => guardrail.alarm);
  if (alarm !== undefined) return { state: 'harmful', arm: alarm.arm, decided_by: 'guardrail' };
  const by = data.plan === null ? 'sequence' : 'plan';
  const decided = decidedAt(evidence, comparisons);
  const early: Found = { state: 'too_early', arm: null, decided_by: null };
  if (data.plan !== null && data.taken.length === 0) return early;
  if (decided !== null) return { ...decided, decided_by: by };
  const last = data.taken.at(-1);
  if (data.plan === null) {
    const fewest = [controlOf(design), ...variantsOf(design)].map(({ id }) => totalOf(evidence.steps, id).mature);
    const isSilent = comparisons.every(({ sequence }) => sequence.speaks === false);
    if (counted === 0 || Math.min(...fewest) < fewPeople || isSilent) return early;
  } else if (last !== undefined && last.information < 1) return early;
  const [first] = comparisons;
  const of = (decision: Comparison['decision']) => comparisons.find((comparison) => comparison.decision === decision);
  const notWorse = of('not_worse');
  if (notWorse !== undefined) return { state: 'not_worse', arm: notWorse.arm, decided_by: by };
  if (first !== undefined && comparisons.every(({ decision }) => decision === 'same')) {
    return { state: 'no_difference', arm: first.arm, decided_by: by };
  }
  const best = [...comparisons].sort((one, other) => (other.absolute.value ?? 0) - (one.absolute.value ?? 0))[0];
  return { state: 'inconclusive', arm: best?.arm ?? null, decided_by: by };
}

function looksOf(design: Design, { plan, taken, alphas }: LookData, counted: number): Looks | null {
  if (plan === null) return null;
  const last = taken.at(-1)?.look ?? 0;
  return {
    planned: plan.looks,
    taken: last,
    information: Math.min(1, counted / plan.horizon),
    next_at: last >= plan.looks ? null : Math.ceil(((last + 1) / plan.looks) * plan.horizon),
    nominal_alpha: alphas.at(-1) === undefined ? null : (alphas.at(-1) ?? 0) / Math.max(1, variantsOf(design).length),
  };
}

/** People assigned a day, over the last seven days or since the beginning. */
function paceOf({ recent_people, first_assigned_at }: Evidence, now: number): number {
  if (first_assigned_at === null) return 0;
  return recent_people / Math.min(7, Math.max(1, (now - first_assigned_at) / dayMs));
}

/** Days until the horizon is counted at this pace, or, without a plan, until all that are assigned are. */
function daysToGo(
  design: Design,
  { steps }: Evidence,
  { people, counted, pace }: { people: number; counted: number; pace: number },
  now: number,
): number | null {
  const windowMs = maturityMs(design);
  const last = steps.at(-1);
  const counting = last === undefined || counted === people ? 0 : Math.max(0, last.at + windowMs - now) / dayMs;
  const wanted = bindingPlan(design)?.horizon ?? 0;
  if (people >= wanted) return people === 0 ? null : counting;
  return pace === 0 ? null : (wanted - people) / pace + windowMs / dayMs;
}

/** Smallest relative effect that as many people as are counted show with 80 % power. */
function detectableOf(comparison: Comparison | undefined, { plan }: LookData): number | null {
  if (comparison === undefined) return null;
  const { control, treatment } = comparison;
  if (control.x === null || control.value === null || control.x === 0 || control.x === control.n || treatment.n === 0)
    return null;
  return mdeProportions({
    baseline_rate: control.value,
    n_control: control.n,
    allocation_ratio: treatment.n / control.n,
    alpha: plan?.alpha ?? defaultAlpha,
    power: 0.8,
  }).relative_mde;
}
