import { type Interval, wilson } from './rate-interval.ts';
import { type Arm, checkArms, checkConfidence } from './refusal.ts';
import { miettinenNurminen, miettinenNurminenP, relativeScoreInterval } from './score-interval.ts';
import { normIsf, normSf } from './special.ts';

export interface TwoProportion {
  rate_control: number;
  rate_treatment: number;
  absolute_lift: number;
  /** null when control is 0 */
  relative_lift: number | null;
  /** Pooled-variance z; null when nothing varies */
  z: number | null;
  p_two_sided: number;
  p_treatment_greater: number | null;
  wald_ci: Interval;
  newcombe_ci: Interval;
  miettinen_nurminen_ci: Interval;
  /** Of the score: under alpha exactly when both score intervals leave out 0 */
  miettinen_nurminen_p: number;
  relative_lift_score_ci: Interval;
  relative_lift_katz_ci: Interval | null;
  relative_lift_delta_ci: Interval | null;
}

/**
 * Two proportions by every usual method. A verdict uses the Miettinen-Nurminen fields (`score-interval.ts`); the others are lines
 * of reference: pooled z; Wald; R. Newcombe's method 10 (Statistics in Medicine 17 (1998) 873-890); D. Katz et al.'s log ratio
 * (Biometrics 34 (1978) 469-474); the delta method for the ratio.
 */
export function twoProportion({
  control,
  treatment,
  confidence = 0.95,
}: {
  control: Arm;
  treatment: Arm;
  confidence?: number | undefined;
}): TwoProportion {
  checkArms(control, treatment);
  checkConfidence(confidence);
  const quantile = normIsf((1 - confidence) / 2);
  const [pc, pt] = [control.x / control.n, treatment.x / treatment.n];
  const lift = pt - pc;
  const { z, p_two_sided, p_treatment_greater } = pooledZ(control, treatment);
  const [vc, vt] = [(pc * (1 - pc)) / control.n, (pt * (1 - pt)) / treatment.n];
  const around = (estimate: number, half: number): Interval => [estimate - half, estimate + half];
  const relative = pc === 0 ? null : lift / pc;
  const zeroCell = control.x === 0 || treatment.x === 0;
  const logSe = Math.sqrt(1 / treatment.x - 1 / treatment.n + 1 / control.x - 1 / control.n);
  const deltaSe = Math.sqrt(vt + (vc * pt * pt) / (pc * pc)) / pc;
  return {
    rate_control: pc,
    rate_treatment: pt,
    absolute_lift: lift,
    relative_lift: relative,
    z,
    p_two_sided,
    p_treatment_greater,
    wald_ci: around(lift, quantile * Math.sqrt(vc + vt)),
    newcombe_ci: newcombe(control, treatment, confidence),
    miettinen_nurminen_ci: miettinenNurminen(control, treatment, confidence),
    miettinen_nurminen_p: miettinenNurminenP(control, treatment),
    relative_lift_score_ci: relativeScoreInterval(control, treatment, confidence),
    relative_lift_katz_ci: zeroCell
      ? null
      : [(pt / pc) * Math.exp(-quantile * logSe) - 1, (pt / pc) * Math.exp(quantile * logSe) - 1],
    relative_lift_delta_ci: zeroCell ? null : around(lift / pc, quantile * deltaSe),
  };
}

function pooledZ(control: Arm, treatment: Arm): Pick<TwoProportion, 'z' | 'p_two_sided' | 'p_treatment_greater'> {
  const n = control.n + treatment.n;
  const events = control.x + treatment.x;
  if (events === 0 || events === n) return { z: null, p_two_sided: 1, p_treatment_greater: null };
  const se = Math.sqrt((events / n) * ((n - events) / n) * (1 / control.n + 1 / treatment.n));
  const z = (treatment.x / treatment.n - control.x / control.n) / se;
  return { z, p_two_sided: Math.min(1, 2 * normSf(Math.abs(z))), p_treatment_greater: normSf(z) };
}

/** The difference of two rates from their two Wilson intervals. */
export function newcombe(control: Arm, treatment: Arm, confidence: number): Interval {
  const [pc, pt] = [control.x / control.n, treatment.x / treatment.n];
  const [lowC, highC] = wilson(control.n, control.x, confidence);
  const [lowT, highT] = wilson(treatment.n, treatment.x, confidence);
  return [pt - pc - Math.hypot(pt - lowT, highC - pc), pt - pc + Math.hypot(highT - pt, pc - lowC)];
}
