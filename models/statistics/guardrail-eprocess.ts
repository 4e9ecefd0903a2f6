import { alwaysValid } from './looks.ts';
import { checkArm, checkConfidence, checkFinite, checkPrior, refuse } from './refusal.ts';
import { lnBetaFront, lnBetaSf } from './special.ts';

export interface GuardrailEprocess {
  log_e: number[];
  p_instant: number[];
  p_always_valid: number[];
  first_alarm_index: number | null;
}

export interface BetaPrior {
  alpha: number;
  beta: number;
}

/**
 * A rate that must not pass a threshold, looked at after every message: an e-process against "rate <= threshold", the rate above
 * it mixed over a Beta prior cut at the threshold. Whoever stops at the first alarm is wrong at most with chance alpha.
 * Source: A. Ramdas, P. Grunwald, V. Vovk and G. Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statistical
 * Science 38 (2023) 576-601; the mixture is J. Ville's (1939).
 */
export function guardrailEprocess({
  threshold,
  prior = { alpha: 1, beta: 1 },
  alpha,
  looks,
}: {
  threshold: number;
  prior?: BetaPrior | undefined;
  alpha: number;
  looks: readonly { n: number; x: number }[];
}): GuardrailEprocess {
  checkFinite({ threshold });
  looks.forEach((look, index) => {
    checkArm(look, `looks[${index}].`, { emptyAllowed: true });
  });
  checkConfidence(alpha, 'alpha');
  if (!(threshold > 0 && threshold < 1)) refuse('invalid_probability', 'threshold', `is ${threshold}`);
  checkPrior(prior);
  const log_e = looks.map(({ n, x }) => logGuardrailE(n, x, threshold, prior));
  const { p_instant, p_always_valid, first } = alwaysValid(log_e, alpha);
  return { log_e, p_instant: p_instant.map((p) => p ?? 1), p_always_valid, first_alarm_index: first };
}

/**
 * ln of the e-value of x events in n: the integral over p above p0 of (p/p0)^x ((1-p)/(1-p0))^(n-x) by the cut prior, which is a
 * ratio of two Mills ratios of Beta distributions, after and before the data.
 */
export function logGuardrailE(n: number, x: number, p0: number, { alpha, beta }: BetaPrior): number {
  const mills = (a: number, b: number) => lnBetaSf(p0, a, b) - lnBetaFront(p0, 1 - p0, a, b);
  return mills(alpha + x, beta + n - x) - mills(alpha, beta);
}

/**
 * The rate that a guardrail must not pass when what is accepted is a baseline and some harm on top.
 * @param margin non-inferiority margin, relative to the baseline: 0.25 accepts a quarter more
 */
export function guardrailThreshold(baseline: number, margin: number): number {
  return Math.min(1, baseline * (1 + margin));
}
