import type { Bilingual } from './document.ts';

/** People of one arm with each outcome, within their windows. */
export interface Outcomes {
  read: number;
  reply: number;
  click: number;
  conversion: number;
  unsubscribe: number;
  failure: number;
  negative_reply: number;
}

/** One arm's people who were assigned in one span of time. */
export interface ArmStep {
  arm_id: string;
  /** All, whether their window has passed or not. */
  people: number;
  /** In several arms, not among `people`. */
  crossed: number;
  /** Of the people, those that a message was requested for. */
  contacted: number;
  delivered: number;
  messages: number;
  /** Outcomes of all the people so far: for guardrails, which do not wait. */
  so_far: Pick<Outcomes, 'unsubscribe' | 'failure' | 'negative_reply'>;
  /** Those whose whole window has passed, and what they did. */
  mature: number;
  outcomes: Outcomes;
}

/** A span of assignments: an hour, or a day where the experiment is longer than four days. */
export interface Step {
  /** Start of the span, ms since 1970. */
  at: number;
  arms: readonly ArmStep[];
}

/** Revenue of one arm's mature people, as moments; money in units of the currency. */
export interface ArmRevenue {
  arm_id: string;
  n: number;
  buyers: number;
  /** Capped at the 99th percentile of those who bought. */
  capped: { mean: number; variance: number };
  raw: { mean: number; variance: number };
  before: { mean: number; variance: number };
  /** Of capped revenue and the covariate. */
  covariance: number;
  /** Most by one person. */
  most: number;
}

export interface RevenueEvidence {
  /** Where means are capped; null when nobody bought. */
  cap: number | null;
  /** null without orders, "mixed" when there are several. */
  currency: string | null;
  arms: readonly ArmRevenue[];
}

/** What a look has decided before: it stays decided. */
export interface PastLook {
  look: number;
  state: string;
  arm: string | null;
  at: number;
}

/** People of one market and segment in one arm. */
export interface StratumCell {
  market: string | null;
  segment: string | null;
  arm_id: string;
  /** All assigned, those in several arms too. */
  people: number;
  mature: number;
  /** Of the mature. */
  outcomes: Outcomes;
}

/** An arm that was held back alone: the brake found it guilty, or the platform or an operator stopped it. */
export interface BrakedArm {
  arm_id: string;
  /** First time since people were assigned, ms since 1970. */
  at: number;
  /** What the brake said of it then. */
  reason: Bilingual;
}

/** Everything that a verdict goes by. */
export interface Evidence {
  /** In the order of time. */
  steps: readonly Step[];
  /** Of people assigned before `until`; only where the verdict needs it. */
  revenue: RevenueEvidence | null;
  /** First assignment, ms since 1970. */
  first_assigned_at: number | null;
  first_message_at: number | null;
  /** People assigned in the seven days before the evidence was read. */
  recent_people: number;
  /** Looks taken under the design as it is, in order. */
  looks: readonly PastLook[];
  /** By market and segment; only where one experiment is looked at by itself, or its sample ratio is off. */
  strata?: readonly StratumCell[] | undefined;
  /** Only where some were. */
  braked?: readonly BrakedArm[] | undefined;
}

const none: Outcomes = { read: 0, reply: 0, click: 0, conversion: 0, unsubscribe: 0, failure: 0, negative_reply: 0 };

/** An arm without anybody. */
export function emptyArm(arm_id: string): ArmStep {
  return {
    arm_id,
    people: 0,
    crossed: 0,
    contacted: 0,
    delivered: 0,
    messages: 0,
    so_far: { unsubscribe: 0, failure: 0, negative_reply: 0 },
    mature: 0,
    outcomes: none,
  };
}

/** Written out: a verdict adds up some thousands of these, and a loop over keys costs ten times as much. */
function sum(one: ArmStep, other: ArmStep): ArmStep {
  const [a, b] = [one.outcomes, other.outcomes];
  return {
    arm_id: one.arm_id,
    people: one.people + other.people,
    crossed: one.crossed + other.crossed,
    contacted: one.contacted + other.contacted,
    delivered: one.delivered + other.delivered,
    messages: one.messages + other.messages,
    so_far: {
      unsubscribe: one.so_far.unsubscribe + other.so_far.unsubscribe,
      failure: one.so_far.failure + other.so_far.failure,
      negative_reply: one.so_far.negative_reply + other.so_far.negative_reply,
    },
    mature: one.mature + other.mature,
    outcomes: {
      read: a.read + b.read,
      reply: a.reply + b.reply,
      click: a.click + b.click,
      conversion: a.conversion + b.conversion,
      unsubscribe: a.unsubscribe + b.unsubscribe,
      failure: a.failure + b.failure,
      negative_reply: a.negative_reply + b.negative_reply,
    },
  };
}

/** One arm's sums after each step, in order. */
export function cumulative(steps: readonly Step[], arm: string): readonly ArmStep[] {
  const known = added.get(steps) ?? new Map<string, readonly ArmStep[]>();
  added.set(steps, known);
  let sums = known.get(arm);
  if (sums === undefined) {
    let total = emptyArm(arm);
    sums = steps.map(({ arms }) => {
      for (const part of arms) if (part.arm_id === arm) total = sum(total, part);
      return total;
    });
    known.set(arm, sums);
  }
  return sums;
}

/** Sums of steps by arm: each part of a verdict asks for them. */
const added = new WeakMap<readonly Step[], Map<string, readonly ArmStep[]>>();

/** One arm's sum over all steps. */
export function totalOf(steps: readonly Step[], arm: string): ArmStep {
  return cumulative(steps, arm).at(-1) ?? emptyArm(arm);
}

/** All arms that anybody was assigned to, registered or not. */
export function armsSeen(steps: readonly Step[]): string[] {
  return [...new Set(steps.flatMap(({ arms }) => arms.map(({ arm_id }) => arm_id)))].sort();
}
