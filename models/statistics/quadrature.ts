/**
 * The integral of a smooth f that has died away at both ends: the trapezoidal rule, which then converges faster than any power of
 * its step; the step is halved until two sums agree.
 * Source: L. N. Trefethen and J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56 (2014) 385-458.
 */
export function trapezoid(f: (u: number) => number, low: number, high: number, relative = 1e-11): number {
  let steps = 32;
  let sum = 0.5 * (f(low) + f(high));
  for (let k = 1; k < steps; k += 1) sum += f(low + ((high - low) * k) / steps);
  for (;;) {
    let between = 0;
    for (let k = 0; k < steps; k += 1) between += f(low + ((high - low) * (k + 0.5)) / steps);
    const change = Math.abs(sum - between);
    sum += between;
    steps *= 2;
    // The error of the finer sum is about the square of the change.
    if (change <= Math.sqrt(relative) * 1e-2 * Math.abs(sum) || steps >= 32_768) return (sum * (high - low)) / steps;
  }
}

/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1]: Newton's steps on the Legendre polynomial (DLMF 3.5(v)). */
export function gaussLegendre(n: number): { nodes: Float64Array; weights: Float64Array } {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step += 1) {
      let [before, now] = [1, x];
      for (let k = 2; k <= n; k += 1) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
      slope = (n * (before - x * now)) / (1 - x * x);
      const change = now / slope;
      x -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}
