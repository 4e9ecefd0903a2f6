/**
 * The root of f between two points where it has opposite signs: bisection that takes inverse quadratic steps where they are safe.
 * Infinite values are welcome at either end.
 * Source: T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm", Advances in Engineering Software 28 (1997) 145-149.
 * @param relative stops when the bracket is narrower than this part of the root
 * @returns NaN when both ends have the same sign
 */
export function findRoot(f: (x: number) => number, low: number, high: number, relative = 1e-14): number {
  let [a, b] = [high, low];
  let [fa, fb] = [f(a), f(b)];
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (!(Math.sign(fa) * Math.sign(fb) < 0)) return Number.NaN;
  let t = 0.5;
  for (let k = 0; k < 300; k += 1) {
    const x = a + t * (b - a);
    const fx = f(x);
    let [c, fc] = [a, fa];
    if (Math.sign(fx) !== Math.sign(fa)) [c, fc, b, fb] = [b, fb, a, fa];
    [a, fa] = [x, fx];
    const best = Math.abs(fa) < Math.abs(fb) ? a : b;
    const narrow = (relative * Math.abs(best)) / Math.abs(b - c || 1);
    if (fx === 0 || Math.abs(b - a) <= relative * Math.abs(best) + Number.MIN_VALUE) return best;
    const xi = (a - b) / (c - b);
    const phi = (fa - fb) / (fc - fb);
    const quadratic = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi;
    t = 0.5;
    if (quadratic) t = (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb));
    if (!(t >= narrow && t <= 1 - narrow)) t = Number.isFinite(t) ? Math.min(1 - narrow, Math.max(narrow, t)) : 0.5;
  }
  return a;
}
