import { checkFinite, refuse } from './refusal.ts';

/** Families: Bonferroni; S. Holm (1979); Y. Hochberg (1988); Y. Benjamini & Y. Hochberg (1995); Y. Benjamini & D. Yekutieli (2001). */
export const adjustments = ['bh', 'holm', 'bonferroni', 'hochberg', 'by'] as const;
export type Adjustment = (typeof adjustments)[number];

/**
 * p-values adjusted for their number, in the order given. null (no data) stays null and does not count. Holm, Bonferroni and
 * Hochberg bound the chance of any false claim; BH and BY bound the share of false claims.
 */
export function pAdjust({ p, method }: { p: readonly (number | null)[]; method: Adjustment }): {
  adjusted: (number | null)[];
  family_size: number;
} {
  p.forEach((value, index) => {
    if (value !== null) checkFinite({ [`p[${index}]`]: value });
  });
  p.forEach((value, index) => {
    if (value !== null && !(value >= 0 && value <= 1)) refuse('invalid_probability', `p[${index}]`, `is ${value}`);
  });
  const order = p
    .flatMap((value, index) => (value === null ? [] : [{ value, index }]))
    .sort((one, other) => one.value - other.value);
  const m = order.length;
  const harmonic = order.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
  const factor: Record<Adjustment, (rank: number) => number> = {
    bonferroni: () => m,
    holm: (rank) => m - rank,
    hochberg: (rank) => m - rank,
    bh: (rank) => m / (rank + 1),
    by: (rank) => (m * harmonic) / (rank + 1),
  };
  const adjusted: (number | null)[] = p.map(() => null);
  const raw = order.map(({ value }, rank) => Math.min(1, value * factor[method](rank)));
  if (method === 'holm') for (let k = 1; k < m; k += 1) raw[k] = Math.max(raw[k] ?? 0, raw[k - 1] ?? 0);
  if (method !== 'holm') for (let k = m - 2; k >= 0; k -= 1) raw[k] = Math.min(raw[k] ?? 1, raw[k + 1] ?? 1);
  order.forEach(({ index }, rank) => {
    adjusted[index] = raw[rank] ?? null;
  });
  return { adjusted, family_size: m };
}
