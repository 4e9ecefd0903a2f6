import { checkConfidence } from './refusal.ts';

/**
 * The confidence at which to show the intervals of the few that were selected out of many (by Benjamini-Hochberg, say), so that on
 * average at most a share of alpha of the intervals shown misses.
 * Source: Y. Benjamini and D. Yekutieli, "False discovery rate-adjusted multiple confidence intervals for selected parameters",
 * JASA 100 (2005) 71-81, definition 1.
 * @param selected how many are shown as findings
 * @param family how many were looked at
 */
export function falseCoverageConfidence(selected: number, family: number, alpha: number): number {
  checkConfidence(alpha, 'alpha');
  return selected === 0 || family === 0 ? 1 - alpha : 1 - (alpha * Math.min(selected, family)) / family;
}
