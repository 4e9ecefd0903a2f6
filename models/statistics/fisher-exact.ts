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
  let observed = 0;
  walk(control, treatment, (k, weight) => {
    if (k === treatment.x) observed = weight;
  });
  const sums = { total: 0, greater: 0, less: 0, unlikely: 0 };
  walk(control, treatment, (k, weight) => {
    sums.total += weight;
    if (k >= treatment.x) sums.greater += weight;
    if (k <= treatment.x) sums.less += weight;
    if (weight <= observed * slack) sums.unlikely += weight;
  });
  const odds = [treatment.x * (control.n - control.x), control.x * (treatment.n - treatment.x)] as const;
  return {
    odds_ratio: odds[0] === 0 && odds[1] === 0 ? null : odds[0] / odds[1],
    p_two_sided: Math.min(1, sums.unlikely / sums.total),
    p_treatment_greater: Math.min(1, sums.greater / sums.total),
    p_treatment_less: Math.min(1, sums.less / sums.total),
  };
}

/** Below this part of the most probable table nothing adds up to anything. */
const vanished = 1e-300;

/** Every table with these margins that weighs anything: events of the treatment arm, weight relative to the most probable. */
function walk(control: Arm, treatment: Arm, visit: (k: number, weight: number) => void): void {
  const events = control.x + treatment.x;
  const [low, high] = [Math.max(0, events - control.n), Math.min(events, treatment.n)];
  const mode = Math.floor(((events + 1) * (treatment.n + 1)) / (control.n + treatment.n + 2));
  const rest = control.n - events;
  visit(mode, 1);
  for (let k = mode, weight = 1; k < high && weight > vanished; k += 1) {
    weight *= ((events - k) / (k + 1)) * ((treatment.n - k) / (rest + k + 1));
    visit(k + 1, weight);
  }
  for (let k = mode, weight = 1; k > low && weight > vanished; k -= 1) {
    weight *= (k / (events - k + 1)) * ((rest + k) / (treatment.n - k + 1));
    visit(k - 1, weight);
  }
}
