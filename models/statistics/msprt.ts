import { alwaysValid, differenceAt, type Look } from './looks.ts';
import { checkConfidence, checkFinite, refuse } from './refusal.ts';

export interface Msprt {
  /** null at a look at which nothing varies */
  log_lambda: (number | null)[];
  p_instant: (number | null)[];
  p_always_valid: number[];
  first_rejection_index: number | null;
}

/**
 * Mixture sequential probability ratio test of "no difference", the effect mixed over a normal distribution of variance `tau_sq`:
 * log Lambda = ln(s2 / (s2 + tau2)) / 2 + tau2 d2 / (2 s2 (s2 + tau2)).
 * Source: R. Johari, P. Koomen, L. Pekelis and D. Walsh, "Always valid inference", Operations Research 70 (2022) 1806-1821.
 */
export function msprt({ tau_sq, alpha, looks }: { tau_sq: number; alpha: number; looks: readonly Look[] }): Msprt {
  checkFinite({ tau_sq });
  if (tau_sq < 0) refuse('negative_variance', 'tau_sq', `is ${tau_sq}`);
  if (tau_sq === 0) refuse('zero_variance', 'tau_sq', 'is 0');
  checkConfidence(alpha, 'alpha');
  const log_lambda = looks.map((look, index) => {
    const { difference: d, se2 } = differenceAt(look, index);
    if (se2 === 0) return null;
    return 0.5 * Math.log(se2 / (se2 + tau_sq)) + (tau_sq * d * d) / (2 * se2 * (se2 + tau_sq));
  });
  const { p_instant, p_always_valid, first } = alwaysValid(log_lambda, alpha);
  return { log_lambda, p_instant, p_always_valid, first_rejection_index: first };
}
