import type { GuardrailMetric, PlanState, PrimaryMetric } from './design.ts';

/** In the order in which they are asked for: the first that holds is the verdict. */
export const verdictStates = [
  'invalid',
  'harmful',
  'too_early',
  'winner',
  'loser',
  'not_worse',
  'no_difference',
  'inconclusive',
] as const;
export type VerdictState = (typeof verdictStates)[number];

/** The same text in both languages. */
export interface Bilingual {
  en: string;
  fr: string;
}

/** An effect with the ends of its interval; null where there is none. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** One side of a comparison: people counted, and those with the outcome or the mean. */
export interface Side {
  arm: string;
  n: number;
  /** People with the outcome; null for revenue. */
  x: number | null;
  /** Rate, or mean revenue (capped) in units of the currency. */
  value: number | null;
}

export type Decision = 'better' | 'worse' | 'not_worse' | 'same' | 'undecided';

export interface Comparison {
  arm: string;
  control: Side;
  treatment: Side;
  /** How p and the intervals were made. */
  method: 'score' | 'welch' | 'cuped' | 'sequence';
  p: number | null;
  /** By Holm over the variants. */
  p_adjusted: number | null;
  /** Of the intervals: 1 minus the alpha that this look may spend, or of the sequence over all times. */
  confidence: number;
  absolute: Estimate;
  relative: Estimate;
  decision: Decision;
  /** The always-valid sequence over all people counted so far: the live view. */
  sequence: { absolute: Estimate; p: number | null };
  /** Other methods, to compare; they decide nothing. */
  reference: {
    pooled_z_p: number | null;
    fisher_p: number | null;
    chance_to_win: number | null;
    expected_loss: number | null;
  } | null;
}

/** A metric that is only looked at, by Benjamini-Hochberg over all of them. */
export interface Secondary {
  metric: string;
  arm: string;
  control: Side;
  treatment: Side;
  absolute: Estimate;
  p: number | null;
  p_adjusted: number | null;
}

export interface GuardrailReading {
  metric: GuardrailMetric;
  arm: string;
  limit: number;
  n: number;
  x: number;
  rate: number | null;
  /** Always-valid p of "not above the limit". */
  p: number;
  alarm: boolean;
}

export type CheckCode = 'sample_ratio' | 'crossed' | 'zero_weight' | 'unknown_arm' | 'holdout_contacted';

export interface HealthCheck {
  code: CheckCode;
  ok: boolean;
  /** People it is about: in the wrong place, or in all. */
  count: number;
  p: number | null;
  arm: string | null;
}

export type NoteCode =
  | 'plan_late'
  | 'no_plan'
  | 'whale'
  | 'covariate_useless'
  | 'covariate_used'
  | 'several_currencies'
  | 'weights_unknown'
  | 'holdout_sees_no_message';

export interface Note {
  code: NoteCode;
  text: Bilingual;
}

export interface Looks {
  planned: number;
  taken: number;
  /** Share of the horizon that is counted. */
  information: number;
  /** People counted in all at the next look; null after the last. */
  next_at: number | null;
  /** Two-sided alpha that the last look taken may spend on the first claim; null before the first. */
  nominal_alpha: number | null;
}

/** What is to be said of an experiment now. */
export interface Verdict {
  experiment_id: string;
  name: string;
  as_of: string;
  design_hash: string;
  plan: PlanState;
  state: VerdictState;
  /** The arm that it is about. */
  arm: string | null;
  sentence: Bilingual;
  /** How it was decided: by the plan's looks, by the always-valid sequence, or not on effects at all. */
  decided_by: 'plan' | 'sequence' | 'health' | 'guardrail' | null;
  metric: PrimaryMetric;
  goal: string | null;
  age_hours: number;
  currency: string | null;
  people: number;
  /** Those whose whole window has passed. */
  counted: number;
  /** Counted of all. */
  maturity: number | null;
  people_per_day: number;
  /** Until the last planned look, or until the first people count; null when nobody knows. */
  days_to_go: number | null;
  /** Smallest relative effect seen with 80 % power by as many as are counted; null for revenue and before anybody counts. */
  detectable: number | null;
  looks: Looks | null;
  comparisons: readonly Comparison[];
  secondary: readonly Secondary[];
  guardrails: readonly GuardrailReading[];
  health: readonly HealthCheck[];
  notes: readonly Note[];
  arms: readonly {
    id: string;
    name: string | null;
    holdout: boolean;
    weight: number;
    people: number;
    counted: number;
    contacted: number;
  }[];
}
