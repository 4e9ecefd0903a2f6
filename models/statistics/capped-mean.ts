import { type Moments, momentsOf } from './moments.ts';

/**
 * The cap of a heavy-tailed metric: a percentile of the values that are not 0, over all arms together, so that one whale order
 * neither makes nor breaks a verdict and the cap does not depend on the arm. Linear between order statistics (R's type 7:
 * R. Hyndman and Y. Fan, The American Statistician 50 (1996) 361-365).
 * @param share 0.99 caps the top 1 % of the buyers
 * @returns null where nothing is above 0
 */
export function capOf(values: Iterable<number>, share: number): number | null {
  const positive = [...values].filter((value) => value !== 0).sort((a, b) => a - b);
  const place = (positive.length - 1) * share;
  const low = positive[Math.floor(place)];
  const high = positive[Math.ceil(place)];
  if (low === undefined || high === undefined) return null;
  return low + (high - low) * (place - Math.floor(place));
}

/** Mean and variance of values cut at a cap, and how many were cut. */
export function cappedMoments(values: readonly number[], cap: number): Moments & { capped: number } {
  const cut = values.map((value) => Math.min(value, cap));
  return { ...momentsOf(cut), capped: values.filter((value) => value > cap).length };
}
