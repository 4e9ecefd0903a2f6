import { heterogeneity } from './heterogeneity.ts';
import type { Interval } from './rate-interval.ts';
import { type Arm, checkArms, checkConfidence, refuse } from './refusal.ts';
import { chi2Sf, normIsf } from './special.ts';

export interface Stratum {
  control: Arm;
  treatment: Arm;
}

export interface Stratified {
  /** null when no stratum varies */
  cmh_chi2: number | null;
  p: number;
  mh_odds_ratio: number | null;
  mh_risk_ratio: number | null;
  mh_relative_lift: number | null;
  mh_relative_lift_ci: Interval | null;
  mh_risk_difference: number;
  crude_absolute_lift: number;
  /** Of the log risk ratios; null with a zero cell */
  heterogeneity_q: number | null;
  heterogeneity_df: number | null;
  heterogeneity_p: number | null;
}

/**
 * Two arms compared within strata, so that a different mix of segments in the arms does not pass for an effect (Simpson).
 * Cochran-Mantel-Haenszel chi-square without continuity correction; Mantel-Haenszel odds ratio, risk ratio with the interval of
 * S. Greenland and J. Robins (Biometrics 41 (1985) 55-68), risk difference; Cochran's Q of the log risk ratios.
 */
export function stratified({
  strata,
  confidence = 0.95,
}: {
  strata: readonly Stratum[];
  confidence?: number | undefined;
}): Stratified {
  if (strata.length === 0) refuse('insufficient_data', 'strata', 'there are none');
  strata.forEach(({ control, treatment }, index) => {
    checkArms(control, treatment, [`strata[${index}].control.`, `strata[${index}].treatment.`]);
  });
  checkConfidence(confidence);
  const sum = (term: (control: Arm, treatment: Arm, n: number, events: number) => number) =>
    strata.reduce((total, { control: c, treatment: t }) => total + term(c, t, c.n + t.n, c.x + t.x), 0);
  const excess = sum((_, t, n, events) => t.x - (t.n * events) / n);
  const variance = sum((c, t, n, events) => (c.n * t.n * events * (n - events)) / (n * n * (n - 1)));
  const upper = sum((c, t, n) => (t.x * c.n) / n);
  const lower = sum((c, t, n) => (c.x * t.n) / n);
  const odds = [sum((c, t, n) => (t.x * (c.n - c.x)) / n), sum((c, t, n) => (c.x * (t.n - t.x)) / n)] as const;
  const robins = sum((c, t, n, events) => (events * c.n * t.n - c.x * t.x * n) / (n * n)) / (upper * lower);
  const ratio = lower === 0 ? null : upper / lower;
  const half = normIsf((1 - confidence) / 2) * Math.sqrt(robins);
  const chi2 = variance === 0 ? null : (excess * excess) / variance;
  const q = riskRatioHeterogeneity(strata);
  const total = (pick: (stratum: Stratum) => number) => strata.reduce((all, stratum) => all + pick(stratum), 0);
  return {
    cmh_chi2: chi2,
    p: chi2 === null ? 1 : chi2Sf(chi2, 1),
    mh_odds_ratio: odds[1] === 0 ? null : odds[0] / odds[1],
    mh_risk_ratio: ratio,
    mh_relative_lift: ratio === null ? null : ratio - 1,
    mh_relative_lift_ci: ratio === null || ratio === 0 ? null : [ratio * Math.exp(-half) - 1, ratio * Math.exp(half) - 1],
    mh_risk_difference: (upper - lower) / sum((c, t, n) => (c.n * t.n) / n),
    crude_absolute_lift:
      total(({ treatment }) => treatment.x) / total(({ treatment }) => treatment.n) -
      total(({ control }) => control.x) / total(({ control }) => control.n),
    heterogeneity_q: q?.q ?? null,
    heterogeneity_df: q?.df ?? null,
    heterogeneity_p: q?.p ?? null,
  };
}

function riskRatioHeterogeneity(strata: readonly Stratum[]): { q: number; df: number; p: number } | null {
  if (strata.some(({ control, treatment }) => control.x === 0 || treatment.x === 0)) return null;
  return heterogeneity(
    strata.map(({ control, treatment }) => ({
      estimate: Math.log(treatment.x / treatment.n / (control.x / control.n)),
      variance: 1 / treatment.x - 1 / treatment.n + 1 / control.x - 1 / control.n,
    })),
  );
}
