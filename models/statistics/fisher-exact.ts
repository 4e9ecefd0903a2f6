import { type Arm, checkArms } from './refusal.ts';

export interface FisherExact {
  /** null when both sides of the ratio are 0 */
  odds_ratio: number | null;
  p_two_sided: number;
  p_treatment_greater: number;
  p_treatment_less: number;
}

/** Tables this much more probable than the observed still count as not more probable: rounding, not evidence. */
const slack = 1 + 1e-7;

/**
 * Fisher's exact test: given both margins, the events of the treatment arm are hypergeometric. Two-sided p is the sum over tables
 * not more probable than the observed one. Weights are taken relative to the most probable table and stop where they vanish.
 * Source: R. A. Fisher, "Statistical Methods for Research Workers", section 21.02.
 */
export function fisherExact({ control, treatment }: { control: Arm; treatment: Arm }): FisherExact {
  checkArms(control, treatment);
  const events = control.x + treatment.x;
  const [low, high] = [Math.max(0, events - control.n), Math.min(events, treatment.n)];
  const mode = Math.floor(((events + 1) * (treatment.n + 1)) / (control.n + treatment.n + 2));
  const sides = { total: 0, greater: 0, less: 0 };
  const tables: number[] = [];
  let observed = 0;
  const visit = (k: number, weight: number) => {
    tables.push(weight);
    sides.total += weight;
    if (k >= treatment.x) sides.greater += weight;
    if (k <= treatment.x) sides.less += weight;
    if (k === treatment.x) observed = weight;
  };
  visit(mode, 1);
  for (let k = mode, weight = 1; k < high && weight > 0; k += 1) {
    weight *= ((events - k) / (k + 1)) * ((treatment.n - k) / (control.n - events + k + 1));
    visit(k + 1, weight);
  }
  for (let k = mode, weight = 1; k > low && weight > 0; k -= 1) {
    weight *= (k / (events - k + 1)) * ((control.n - events + k) / (treatment.n - k + 1));
    visit(k - 1, weight);
  }
  const unlikely = tables.filter((weight) => weight <= observed * slack).sort((a, b) => a - b);
  const twoSided = unlikely.reduce((sum, weight) => sum + weight, 0);
  const odds = [treatment.x * (control.n - control.x), control.x * (treatment.n - treatment.x)] as const;
  return {
    odds_ratio: odds[0] === 0 && odds[1] === 0 ? null : odds[0] / odds[1],
    p_two_sided: Math.min(1, twoSided / sides.total),
    p_treatment_greater: Math.min(1, sides.greater / sides.total),
    p_treatment_less: Math.min(1, sides.less / sides.total),
  };
}
