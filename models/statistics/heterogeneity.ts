import { chi2Sf } from './special.ts';

/**
 * Whether estimates differ by more than chance: Cochran's Q by inverse variance. Segments are claimed only where this rejects.
 * Source: W. Cochran, "The combination of estimates from different experiments", Biometrics 10 (1954) 101-129.
 * @returns null where an estimate has no variance to be weighed by
 */
export function heterogeneity(
  estimates: readonly { estimate: number; variance: number }[],
): { pooled: number; q: number; df: number; p: number } | null {
  if (estimates.length === 0 || estimates.some(({ variance }) => !(variance > 0))) return null;
  const weight = estimates.reduce((sum, { variance }) => sum + 1 / variance, 0);
  const pooled = estimates.reduce((sum, { estimate, variance }) => sum + estimate / variance, 0) / weight;
  const q = estimates.reduce((sum, { estimate, variance }) => sum + (estimate - pooled) ** 2 / variance, 0);
  const df = estimates.length - 1;
  return { pooled, q, df, p: df === 0 ? 1 : chi2Sf(q, df) };
}
