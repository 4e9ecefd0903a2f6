import { pAdjust } from '../statistics/p-adjust.ts';
import { type Pair, referenceLines, scoreEstimates, scoreP, sequenceOf } from './compare.ts';
import { compareRevenue } from './compare-revenue.ts';
import { controlOf, type Design, type Plan, type PrimaryMetric, variantsOf } from './design.ts';
import type { Comparison, Decision, VerdictState } from './document.ts';
import { cumulative, type Evidence, type Step, totalOf } from './evidence.ts';
import type { TakenLook } from './planned-looks.ts';
import { stratify } from './strata.ts';

/** What a decision goes by. */
export interface LookData {
  /** The plan that decides; null without one that was filed in time. */
  plan: Plan | null;
  taken: readonly TakenLook[];
  /** Two-sided alpha of each look taken. */
  alphas: readonly number[];
  /** The steps that the decision sees. */
  steps: readonly Step[];
}

const defaultAlpha = 0.05;
/** A first look at a twentieth of the horizon may spend next to nothing; an interval still needs two ends. */
const leastAlpha = 1e-14;

/**
 * Every variant against the control on the primary metric. With a plan the last look taken decides, by Holm's steps over the
 * variants, each at the alpha that the look may spend on that step (W. Maurer and F. Bretz, Statistics in Biopharmaceutical Research 5 (2013)
 * 311-320). Without one the always-valid sequence decides, at alpha over the number of variants.
 */
export function compareArms(design: Design, evidence: Evidence, data: LookData, detail: boolean): Comparison[] {
  const control = controlOf(design);
  const variants = variantsOf(design);
  const alpha = data.plan?.alpha ?? defaultAlpha;
  const family = Math.max(1, variants.length);
  const raw = variants.map(({ id }) => {
    const one =
      design.metric === 'revenue'
        ? revenueComparison(evidence, control.id, id)
        : rateComparison(design.metric, evidence, data, control.id, id);
    const sequence = one.sequenceAt(alpha / family);
    // Without a plan p and interval are the sequence's, so that what is shown and what is decided cannot contradict each other.
    return { id, ...one, sequence, p: data.plan === null ? sequence.p : one.p };
  });
  const adjusted = pAdjust({ p: raw.map(({ p }) => p), method: 'holm' }).adjusted;
  const spent = data.plan === null ? alpha : (data.alphas.at(-1) ?? 0);
  // Holm: the least p is held against alpha / m, the next against alpha / (m - 1), and so on until one fails.
  const order = raw.map((_, index) => index).sort((a, b) => (raw[a]?.p ?? 2) - (raw[b]?.p ?? 2));
  const levels = new Map<number, { level: number; claimed: boolean }>();
  let failed = false;
  let steps = family;
  for (const index of order) {
    const claimed = !failed && (raw[index]?.p ?? 1) <= spent / steps;
    levels.set(index, { level: spent / steps, claimed });
    if (claimed) steps -= 1;
    else failed = true;
  }
  return raw.map((one, index): Comparison => {
    const { level, claimed } = levels.get(index) ?? { level: spent, claimed: false };
    const confidence = data.plan === null ? 1 - alpha / family : 1 - Math.max(level, leastAlpha);
    const estimates = data.plan === null ? ofSequence(one) : one.estimates(confidence);
    const sure = data.plan === null ? leavesOutZero(estimates.absolute) : claimed;
    return {
      arm: one.id,
      control: one.control,
      treatment: one.treatment,
      method: data.plan === null ? 'sequence' : one.method,
      p: one.p,
      p_adjusted: adjusted[index] ?? null,
      confidence,
      ...estimates,
      decision: decisionOf(sure, estimates, data),
      sequence: one.sequence,
      stratified:
        detail && design.metric !== 'revenue'
          ? stratify(evidence.strata ?? [], design.metric, { control: control.id, treatment: one.id })
          : [],
      reference: detail ? one.reference() : null,
    };
  });
}

/** The sequence's interval, also relative to the control's value as it was seen. */
function ofSequence({ control, sequence }: { control: Comparison['control']; sequence: Comparison['sequence'] }) {
  const { absolute } = sequence;
  const base = control.value === null || control.value === 0 ? null : Math.abs(control.value);
  const share = (value: number | null) => (value === null || base === null ? null : value / base);
  return { absolute, relative: { value: share(absolute.value), low: share(absolute.low), high: share(absolute.high) } };
}

function decisionOf(
  sure: boolean,
  { absolute, relative }: Pick<Comparison, 'absolute' | 'relative'>,
  { plan }: LookData,
): Decision {
  if (sure) return (absolute.value ?? 0) > 0 ? 'better' : 'worse';
  if (plan === null) return 'undecided';
  const [{ low, high }, margin] = 'relative' in plan.mde ? [relative, plan.mde.relative] : [absolute, plan.mde.absolute];
  if (low === null || low <= -margin) return 'undecided';
  return high !== null && high < margin ? 'same' : 'not_worse';
}

function leavesOutZero({ low, high }: Comparison['absolute']): boolean {
  return (low !== null && low > 0) || (high !== null && high < 0);
}

type Raw = Pick<Comparison, 'control' | 'treatment' | 'method' | 'p'> & {
  estimates(confidence: number): Pick<Comparison, 'absolute' | 'relative'>;
  sequenceAt(alpha: number): Comparison['sequence'];
  reference(): Comparison['reference'];
};

function rateComparison(
  metric: Exclude<PrimaryMetric, 'revenue'>,
  { steps }: Evidence,
  data: LookData,
  control: string,
  treatment: string,
): Raw {
  const at = (seen: readonly Step[], arm: string) => {
    const total = totalOf(seen, arm);
    return { n: total.mature, x: total.outcomes[metric] };
  };
  const pair: Pair = { control: at(data.steps, control), treatment: at(data.steps, treatment) };
  const side = (arm: string, { n, x }: Pair['control']) => ({ arm, n, x, value: n === 0 ? null : x / n });
  return {
    control: side(control, pair.control),
    treatment: side(treatment, pair.treatment),
    method: 'score',
    p: scoreP(pair),
    estimates: (confidence) => scoreEstimates(pair, confidence),
    sequenceAt: (alpha) => {
      const [c, t] = [cumulative(steps, control), cumulative(steps, treatment)];
      const looks = steps.map((_, index): Pair => {
        const [one, other] = [c[index], t[index]];
        return {
          control: { n: one?.mature ?? 0, x: one?.outcomes[metric] ?? 0 },
          treatment: { n: other?.mature ?? 0, x: other?.outcomes[metric] ?? 0 },
        };
      });
      return sequenceOf(looks, alpha);
    },
    reference: () => referenceLines(pair),
  };
}

function revenueComparison({ revenue }: Evidence, control: string, treatment: string): Raw {
  const [c, t] = [control, treatment].map((arm) => revenue?.arms.find(({ arm_id }) => arm_id === arm));
  const compared = c === undefined || t === undefined || revenue?.currency === 'mixed' ? null : compareRevenue(c, t);
  const none = { value: null, low: null, high: null };
  const side = (arm: string, one: typeof c) => ({
    arm,
    n: one?.n ?? 0,
    x: null,
    value: one === undefined ? null : one.capped.mean,
  });
  return {
    control: side(control, c),
    treatment: side(treatment, t),
    method: compared?.method ?? 'welch',
    p: compared?.p ?? null,
    estimates: (confidence) => compared?.estimates(confidence) ?? { absolute: none, relative: none },
    sequenceAt: (alpha) => compared?.sequence(alpha) ?? { absolute: none, p: null, speaks: false },
    reference: () => null,
  };
}

/** Winner or loser: as a look before said, or as the comparisons say now; null when nothing is decided. */
export function decidedAt(
  { looks }: Evidence,
  comparisons: readonly Comparison[],
): { state: VerdictState; arm: string | null } | null {
  const before = looks.find(({ state }) => state === 'winner' || state === 'loser');
  if (before !== undefined) return { state: before.state === 'winner' ? 'winner' : 'loser', arm: before.arm };
  const better = comparisons
    .filter(({ decision }) => decision === 'better')
    .sort((one, other) => (other.absolute.value ?? 0) - (one.absolute.value ?? 0))[0];
  if (better !== undefined) return { state: 'winner', arm: better.arm };
  const worse = comparisons.filter(({ decision }) => decision === 'worse');
  if (worse.length > 0 && worse.length === comparisons.length) return { state: 'loser', arm: worse[0]?.arm ?? null };
  return null;
}
