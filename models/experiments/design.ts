/** Outcomes of one person that a verdict may be about. */
export type PrimaryMetric = 'read' | 'reply' | 'click' | 'conversion' | 'revenue';
export type GuardrailMetric = 'unsubscribe' | 'failure' | 'negative_reply';
export type Dimension = 'content' | 'call_to_action' | 'send_time' | 'offer';

export interface ExperimentArm {
  id: string;
  name: string | null;
  /** Share of people, relative to the other arms. */
  weight: number;
  /** Gets no message. */
  holdout: boolean;
  /** Between the assignment and this arm's send; its people's outcomes count from then on. */
  send_after_hours: number;
}

/** What was laid down before anybody was assigned. */
export interface Plan {
  metric: PrimaryMetric;
  goal?: string | undefined;
  age_hours: number;
  /** Smallest effect worth knowing: of the control's value, or as it stands. */
  mde: { relative: number } | { absolute: number };
  /** People in all arms at the last look. */
  horizon: number;
  looks: number;
  /** Two-sided, over all looks. */
  alpha: number;
  guardrails: readonly Guardrail[];
}

/** What must not be passed: a share of people, or the control's rate and a margin of it on top (non-inferiority). */
export interface Guardrail {
  metric: GuardrailMetric;
  limit?: number | undefined;
  /** Of the control's rate: 0.25 accepts a quarter more. */
  margin?: number | undefined;
}

/**
 * `filed`: in force since before the first assignment and send. `late`: filed or changed after that, so it decides nothing.
 * `none`: there is none.
 */
export type PlanState = 'filed' | 'late' | 'none';

/** One experiment as it is registered. */
export interface Design {
  experiment_id: string;
  name: string;
  campaign_id: string;
  dimension: Dimension;
  salt: string;
  metric: PrimaryMetric;
  goal: string | null;
  age_hours: number;
  /** Hours between an assignment and the send of the latest arm. */
  longest_delay_hours: number;
  currency: string | null;
  arms: readonly ExperimentArm[];
  plan: Plan | null;
  plan_state: PlanState;
  /** Of everything that must not change once people are in. */
  design_hash: string;
  /** False where an experiment is known from assignments alone: then nobody can say whether the shares of people are right. */
  weights_known: boolean;
}

/** The arm that others are compared with: the first that sends, or the hold-out where only one arm sends. */
export function controlOf({ arms }: Pick<Design, 'arms'>): ExperimentArm {
  const sending = arms.filter(({ holdout }) => !holdout);
  const control = sending.length > 1 ? sending[0] : (arms.find(({ holdout }) => holdout) ?? sending[0]);
  if (control === undefined) throw new RangeError('an experiment without arms');
  return control;
}

/** The arms that are compared with the control. */
export function variantsOf(design: Pick<Design, 'arms'>): ExperimentArm[] {
  const control = controlOf(design);
  return design.arms.filter((arm) => arm !== control && !arm.holdout);
}

/** The plan that may decide: filed in time. */
export function bindingPlan({ plan, plan_state }: Pick<Design, 'plan' | 'plan_state'>): Plan | null {
  return plan_state === 'filed' ? plan : null;
}

/** From the beginning of an hour of assignments until the last window in it is over, ms: `matures_at` of the warehouse says the same. */
export function maturityMs({ age_hours, longest_delay_hours }: Pick<Design, 'age_hours' | 'longest_delay_hours'>): number {
  return (1 + longest_delay_hours + age_hours) * 3_600_000;
}

/** What is bounded where no plan says otherwise. */
export const defaultGuardrails: Plan['guardrails'] = [{ metric: 'unsubscribe', limit: 0.02 }];
