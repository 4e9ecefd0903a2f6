import { sequenceUnits } from '../statistics/choices.ts';
import { confidenceSequence } from '../statistics/confidence-sequence.ts';
import { type CupedMoments, cupedOfMoments } from '../statistics/cuped.ts';
import { type WelchT, welchT } from '../statistics/welch-t.ts';
import { estimate } from './compare.ts';
import type { Comparison } from './document.ts';
import type { ArmRevenue } from './evidence.ts';

/** A covariate that takes less than this off the variance is not worth the questions that it raises. */
const worthwhile = 0.05;

/** Two arms' revenue compared. */
export interface RevenueComparison {
  method: 'welch' | 'cuped';
  p: number;
  /** Absolute and relative lift of the (capped) mean at a confidence. */
  estimates(confidence: number): Pick<Comparison, 'absolute' | 'relative'>;
  sequence(alpha: number): Comparison['sequence'];
  /** What the covariate would take off the variance. */
  variance_reduction: number;
  /** True when the raw means say something that they no longer say without the one greatest buyer. */
  whale: boolean;
}

/**
 * Means capped at the 99th percentile of those who bought, by Welch's t, or by CUPED where revenue before the experiment explains at
 * least a twentieth of the variance.
 * @returns null where an arm has fewer than two people or nothing varies
 */
export function compareRevenue(control: ArmRevenue, treatment: ArmRevenue): RevenueComparison | null {
  const plain = welch(control, treatment, 'capped', 0.95);
  if (plain === null) return null;
  const adjusted = cupedOfMoments(moments(control), moments(treatment), 0.95);
  const useful = adjusted.variance_reduction >= worthwhile;
  const estimates = (confidence: number): Pick<Comparison, 'absolute' | 'relative'> => {
    if (useful) {
      const { absolute, relative_delta } = cupedOfMoments(moments(control), moments(treatment), confidence);
      return {
        absolute: estimate(absolute.estimate, absolute.ci),
        relative: estimate(relative_delta?.estimate ?? null, relative_delta?.ci ?? null),
      };
    }
    const found = welch(control, treatment, 'capped', confidence) ?? plain;
    const relative = control.capped.mean === 0 ? null : treatment.capped.mean / control.capped.mean - 1;
    return {
      absolute: estimate(found.absolute.estimate, found.absolute.ci),
      relative: estimate(relative, found.relative_fieller_ci),
    };
  };
  return {
    method: useful ? 'cuped' : 'welch',
    p: useful ? adjusted.absolute.p_two_sided : plain.absolute.p_two_sided,
    estimates,
    sequence: (alpha) => {
      const look = { control: { n: control.n, ...control.capped }, treatment: { n: treatment.n, ...treatment.capped } };
      const { ci, p_instant } = confidenceSequence({ alpha, n_star: sequenceUnits, looks: [look] });
      return { absolute: estimate(plain.absolute.estimate, ci[0] ?? null), p: p_instant[0] ?? null, speaks: true };
    },
    variance_reduction: adjusted.variance_reduction,
    whale: isWhale(control, treatment),
  };
}

/** Whether one person makes the raw result: more than a fifth of the arm's revenue, and the sign or the claim goes with them. */
function isWhale(control: ArmRevenue, treatment: ArmRevenue): boolean {
  const top = control.most > treatment.most ? control : treatment;
  if (top.n < 3 || top.most < 0.2 * top.raw.mean * top.n) return false;
  const rest = withoutTop(top);
  const before = welch(control, treatment, 'raw', 0.95)?.absolute;
  const after = welch(top === control ? rest : control, top === treatment ? rest : treatment, 'raw', 0.95)?.absolute;
  if (before === undefined || after === undefined) return true;
  return (
    before.estimate > 0 !== after.estimate > 0 ||
    before.p_two_sided < 0.05 !== after.p_two_sided < 0.05 ||
    top.most > 0.5 * top.raw.mean * top.n
  );
}

/** The arm without its greatest buyer: moments with one value taken out. */
function withoutTop(arm: ArmRevenue): ArmRevenue {
  const { n, raw, most } = arm;
  const mean = raw.mean + (raw.mean - most) / (n - 1);
  const squares = raw.variance * (n - 1) - (most - raw.mean) * (most - mean);
  return { ...arm, n: n - 1, raw: { mean, variance: Math.max(0, squares) / (n - 2) } };
}

function welch(control: ArmRevenue, treatment: ArmRevenue, which: 'raw' | 'capped', confidence: number): WelchT | null {
  if (control.n < 2 || treatment.n < 2 || control[which].variance + treatment[which].variance === 0) return null;
  return welchT({
    control: { n: control.n, ...control[which] },
    treatment: { n: treatment.n, ...treatment[which] },
    confidence,
  });
}

function moments({ n, capped, before, covariance }: ArmRevenue): CupedMoments {
  return {
    n,
    mean_post: capped.mean,
    mean_pre: before.mean,
    var_post: capped.variance,
    var_pre: before.variance,
    cov: covariance,
  };
}
