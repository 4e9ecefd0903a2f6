import { verdictAlpha } from '../statistics/choices.ts';
import { type Stratum, stratified } from '../statistics/stratified.ts';
import { estimate, scoreEstimates } from './compare.ts';
import type { StratifiedEstimate } from './document.ts';
import type { Outcomes, StratumCell } from './evidence.ts';

/**
 * Two arms compared within markets and within segments, beside the plain difference of the same people. Where an experiment is what it
 * should be, both say the same; where they do not, the arms hold different people (E. Simpson, JRSS B 13 (1951) 238-241).
 */
export function stratify(
  cells: readonly StratumCell[],
  metric: keyof Outcomes,
  { control, treatment }: { control: string; treatment: string },
): StratifiedEstimate[] {
  return (['market', 'segment'] as const).flatMap((by) => {
    const strata = strataOf(cells, by, metric, control, treatment);
    if (strata.length < 2) return [];
    const found = stratified({ strata });
    const total = strata.reduce((sum, { control: c, treatment: t }) => ({
      control: { n: sum.control.n + c.n, x: sum.control.x + c.x },
      treatment: { n: sum.treatment.n + t.n, x: sum.treatment.x + t.x },
    }));
    const { low, high } = scoreEstimates(total, 1 - verdictAlpha).absolute;
    const [absolute, plain] = [found.mh_risk_difference, found.crude_absolute_lift];
    const outside = (low !== null && absolute < low) || (high !== null && absolute > high);
    return {
      by,
      strata: strata.length,
      people: total.control.n + total.treatment.n,
      absolute,
      relative: estimate(found.mh_relative_lift, found.mh_relative_lift_ci),
      p: found.p,
      plain_absolute: plain,
      heterogeneity_p: found.heterogeneity_p,
      disagrees: outside || (found.p < verdictAlpha && absolute * plain < 0),
    };
  });
}

/** Values of a dimension with mature people in both arms. */
function strataOf(
  cells: readonly StratumCell[],
  by: StratifiedEstimate['by'],
  metric: keyof Outcomes,
  control: string,
  treatment: string,
): Stratum[] {
  const strata = new Map<string | null, Stratum>();
  for (const { arm_id, mature, outcomes, ...cell } of cells) {
    if (arm_id !== control && arm_id !== treatment) continue;
    const stratum = strata.get(cell[by]) ?? { control: { n: 0, x: 0 }, treatment: { n: 0, x: 0 } };
    const side = arm_id === control ? 'control' : 'treatment';
    const { n, x } = stratum[side];
    strata.set(cell[by], { ...stratum, [side]: { n: n + mature, x: x + outcomes[metric] } });
  }
  return [...strata.values()].filter((stratum) => stratum.control.n > 0 && stratum.treatment.n > 0);
}
