import { pAdjust } from './p-adjust.ts';
import { srm } from './srm.ts';

/** Units of each arm among the people with one value of a dimension. */
export interface SrmCell {
  dimension: string;
  value: string;
  observed: readonly number[];
}

export interface SrmSuspect extends SrmCell {
  /** Of this cell alone, adjusted by Holm for all cells looked at */
  p: number;
  /** Of everybody else: above alpha where this cell alone makes the mismatch */
  p_of_the_rest: number;
  explains: boolean;
}

/**
 * Where a sample ratio mismatch comes from: every value of every dimension on its own, and everybody without it. The one that
 * explains it is out of proportion itself and leaves the rest in proportion. Sorted by suspicion.
 * Source: A. Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019, section 5.
 */
export function srmDrillDown({
  cells,
  weights,
  alpha = 0.001,
}: {
  cells: readonly SrmCell[];
  weights: readonly number[];
  alpha?: number;
}): SrmSuspect[] {
  const sums = new Map<string, number[]>();
  for (const { dimension, observed } of cells) {
    const sum = sums.get(dimension) ?? weights.map(() => 0);
    sums.set(
      dimension,
      sum.map((count, arm) => count + (observed[arm] ?? 0)),
    );
  }
  const own = cells.map(({ observed }) => srm({ observed, weights, alpha }).p);
  const { adjusted } = pAdjust({ p: own, method: 'holm' });
  const suspects = cells.map((cell, index) => {
    const rest = weights.map((_, arm) => (sums.get(cell.dimension)?.[arm] ?? 0) - (cell.observed[arm] ?? 0));
    const p = adjusted[index] ?? 1;
    const p_of_the_rest = srm({ observed: rest, weights, alpha }).p;
    return { ...cell, p, p_of_the_rest, explains: p < alpha && p_of_the_rest >= alpha };
  });
  return suspects.sort((a, b) => Number(b.explains) - Number(a.explains) || a.p - b.p);
}
