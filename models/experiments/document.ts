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
  /** The always-valid sequence over all people counted so far: the live view. Until it speaks it has no p and no ends. */
  sequence: { absolute: Estimate; p: number | null; speaks: boolean };
  /** The same compared within markets and within segments; empty where that was not asked for or there is only one. */
  stratified: readonly StratifiedEstimate[];
  /** Other methods, to compare; they decide nothing. */
  reference: {
    pooled_z_p: number | null;
    fisher_p: number | null;
    chance_to_win: number | null;
    expected_loss: number | null;
  } | null;
}

/** Two arms compared within strata (Mantel-Haenszel), over all people counted. */
export interface StratifiedEstimate {
  by: 'market' | 'segment';
  /** With people in both arms. */
  strata: number;
  people: number;
  absolute: number;
  relative: Estimate;
  p: number;
  /** The plain difference of the same people. */
  plain_absolute: number;
  /** Whether relative lifts differ between strata (Cochran's Q); null where a stratum has nobody with the outcome in an arm. */
  heterogeneity_p: number | null;
  /** True when it says something else than the plain difference: the mix of people in the arms speaks (Simpson). */
  disagrees: boolean;
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
  /** Share of people; of a margin what it comes to at the control's rate so far, null while nobody is in the control. */
  limit: number | null;
  /** Accepted on top of the control's rate, of that rate; null for a limit that stands by itself. */
  margin: number | null;
  control: { arm: string; n: number; x: number } | null;
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
  /** Of a broken sample ratio: where it comes from, the most suspicious first. */
  suspects: readonly RatioSuspect[];
}

/** People with one value of a dimension, whose shares of the arms are off. */
export interface RatioSuspect {
  dimension: 'market' | 'segment' | 'day';
  /** null for people without any. */
  value: string | null;
  people: number;
  /** By Holm over everything looked at. */
  p: number;
  /** True when the others have the right shares: it alone makes the mismatch. */
  explains: boolean;
}

export type NoteCode =
  | 'plan_late'
  | 'no_plan'
  | 'whale'
  | 'covariate_useless'
  | 'covariate_used'
  | 'several_currencies'
  | 'weights_unknown'
  | 'simpson'
  | 'arm_braked'
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
    /** null where nobody knows. */
    weight: number | null;
    people: number;
    counted: number;
    contacted: number;
  }[];
}
