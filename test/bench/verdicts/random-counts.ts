import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { lbeta } from '../../../models/statistics/special.ts';

/** How probable each number of events among n is, where that is above nothing. */
export function binomial(n: number, p: number, nothing = 1e-15): { x: number; weight: number }[] {
  if (n === 0 || p === 0) return [{ x: 0, weight: 1 }];
  const spread = Math.sqrt(n * p * (1 - p));
  const [low, high] = [Math.max(0, Math.floor(n * p - 9 * spread - 8)), Math.min(n, Math.ceil(n * p + 10 * spread + 20))];
  const counts = Array.from({ length: high - low + 1 }, (_, index) => {
    const x = low + index;
    const log = x * Math.log(p) + (n - x) * Math.log1p(-p) - lbeta(x + 1, n - x + 1) - Math.log(n + 1);
    return { x, weight: Math.exp(log) };
  });
  return counts.filter(({ weight }) => weight > nothing);
}

/** Draws the events among n people, by the inverse of the distribution function. */
export function counts(random: RandomGenerator, n: number, p: number): () => number {
  const table = binomial(n, p);
  let total = 0;
  const sums = Float64Array.from(table, ({ weight }) => {
    total += weight;
    return total;
  });
  return () => {
    const u = uniformFloat64(random) * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < u) low = middle + 1;
      else high = middle;
    }
    return table[low]?.x ?? 0;
  };
}
