import type { BetaPrior } from './guardrail-eprocess.ts';

/**
 * The error rates, priors and tunings that verdicts use. What they reach was measured by `npm run bench:verdicts`; the tables
 * stand in docs/verdicts.md. Change one, and run it again.
 */

/** Two-sided error of a verdict on the primary metric, and of its intervals. */
export const verdictAlpha = 0.05;

/** Power at which plans are made. */
export const planPower = 0.8;

/** Looks of a plan that names none, and how alpha is spent over them: hardly any early, so that the horizon keeps its power. */
export const plannedLooks = 5;
export const plannedSpending = 'lan_demets_obf';

/** Units at which the confidence sequence is narrowest: a mid-sized campaign over both arms. */
export const sequenceUnits = 10_000;

/**
 * The sequence is asymptotic: it speaks only once each arm has this many people with the event and this many without. With one it
 * was wrong in up to 7.7 % of unplanned experiments at 0.5 to 2 %, with five in at most 3.7 %.
 */
export const sequenceLeastEvents = 5;

/** Whether there are events enough for the sequence of two rates to speak. */
export function sequenceSpeaks(...arms: readonly { n: number; x: number }[]): boolean {
  return arms.every(({ n, x }) => Math.min(x, n - x) >= sequenceLeastEvents);
}

/** Chance to cry wolf on the sample ratio, however often one looks; and at the end. */
export const srmAlpha = 0.001;

/** Weight of the sample ratio's Dirichlet mixture, in units: it looks first for splits that are off by a few per cent. */
export const srmConcentration = 1000;

/** Chance that a guardrail ever stops a send that keeps within it. */
export const guardrailAlpha = 0.01;

/** Where a guardrail expects the rate to be if it is broken: about twice the threshold. */
export function guardrailPrior(threshold: number): BetaPrior {
  return { alpha: 2, beta: Math.max(1, 1 / threshold - 2) };
}
