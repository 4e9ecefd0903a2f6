/** Standard normal quantile at 0.975. */
const z95 = 1.959963984540054;

/**
 * Wilson score interval of a share, without continuity correction; exactly 0 and 1 at the ends.
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212; the form
 * of R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3.
 * @param events how many of `n` have the property, 0 <= events <= n
 * @param n how many there are
 * @param z standard normal quantile of the wanted confidence, two-sided 95 % unless told
 * @returns null when there is nothing to divide by
 */
export function wilsonInterval(events: number, n: number, z: number = z95): { low: number; high: number } | null {
  if (!(n > 0)) return null;
  const share = events / n;
  const z2n = (z * z) / n;
  const centre = share + z2n / 2;
  const half = z * Math.sqrt((share * (1 - share)) / n + z2n / (4 * n));
  return {
    low: events === 0 ? 0 : (centre - half) / (1 + z2n),
    high: events === n ? 1 : (centre + half) / (1 + z2n),
  };
}
