import { chanceToBeat, expectedExcess, type Shapes } from '../statistics/beta-binomial.ts';
import { sequenceSpeaks, sequenceUnits } from '../statistics/choices.ts';
import { confidenceSequence } from '../statistics/confidence-sequence.ts';
import { fisherExact } from '../statistics/fisher-exact.ts';
import type { Interval } from '../statistics/rate-interval.ts';
import { miettinenNurminen, miettinenNurminenP, relativeScoreInterval } from '../statistics/score-interval.ts';
import { twoProportion } from '../statistics/two-proportion.ts';
import type { Comparison, Estimate } from './document.ts';

/** Two arms with people counted and people with the outcome. */
export interface Pair {
  control: { n: number; x: number };
  treatment: { n: number; x: number };
}

/** Above so many people with the outcome the exact test says what the score says, and takes longer. */
const fisherLimit = 2000;

export function estimate(value: number | null, interval: Interval | null): Estimate {
  const finite = (end: number | undefined) => (end !== undefined && Number.isFinite(end) ? end : null);
  return { value, low: finite(interval?.[0]), high: finite(interval?.[1]) };
}

/** p by the score; null where nobody is counted on one side. */
export function scoreP({ control, treatment }: Pair): number | null {
  return control.n === 0 || treatment.n === 0 ? null : miettinenNurminenP(control, treatment);
}

/** Absolute and relative lift by the score, at a confidence. */
export function scoreEstimates({ control, treatment }: Pair, confidence: number): Pick<Comparison, 'absolute' | 'relative'> {
  if (control.n === 0 || treatment.n === 0) return { absolute: estimate(null, null), relative: estimate(null, null) };
  const [pc, pt] = [control.x / control.n, treatment.x / treatment.n];
  return {
    absolute: estimate(pt - pc, miettinenNurminen(control, treatment, confidence)),
    relative: estimate(pc === 0 ? null : pt / pc - 1, relativeScoreInterval(control, treatment, confidence)),
  };
}

/** The always-valid view after the last of these looks: what all of them leave, and the least p of all. */
export function sequenceOf(looks: readonly Pair[], alpha: number): Comparison['sequence'] {
  const seen = looks.filter(({ control, treatment }) => control.n > 0 && treatment.n > 0);
  const last = seen.at(-1);
  if (last === undefined) return { absolute: estimate(null, null), p: null, speaks: false };
  const speaking = seen.filter(({ control, treatment }) => sequenceSpeaks(control, treatment));
  const { ci_running_intersection, p_always_valid } = confidenceSequence({ alpha, n_star: sequenceUnits, looks: speaking });
  return {
    absolute: estimate(
      last.treatment.x / last.treatment.n - last.control.x / last.control.n,
      ci_running_intersection.at(-1) ?? null,
    ),
    p: p_always_valid.at(-1) ?? null,
    speaks: speaking.length > 0,
  };
}

/** What other methods say of the same counts. */
export function referenceLines(pair: Pair): Comparison['reference'] {
  const { control, treatment } = pair;
  if (control.n === 0 || treatment.n === 0) return null;
  // Posteriors of a uniform prior.
  const [c, t] = [control, treatment].map(({ n, x }): Shapes => [1 + x, 1 + n - x]) as [Shapes, Shapes];
  return {
    pooled_z_p: twoProportion(pair).p_two_sided,
    fisher_p: control.x + treatment.x > fisherLimit ? null : fisherExact(pair).p_two_sided,
    chance_to_win: chanceToBeat(c, t),
    expected_loss: expectedExcess(t, c),
  };
}
