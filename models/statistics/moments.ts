/** How many, their mean and their sample variance (n - 1). */
export interface Moments {
  n: number;
  mean: number;
  variance: number;
}

/** Mean and centred variance of values, in two passes. */
export function momentsOf(values: readonly number[]): Moments {
  const n = values.length;
  const rough = values.reduce((sum, value) => sum + value, 0) / n;
  const mean = rough + values.reduce((sum, value) => sum + (value - rough), 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, variance: n > 1 ? squares / (n - 1) : 0 };
}

/** Sample variance from sums, as outside tools hand them over; our own SQL hands over centred moments. */
export function varianceOfSums(n: number, sum: number, sumOfSquares: number): number {
  return Math.max(0, sumOfSquares - (sum * sum) / n) / (n - 1);
}

/** Sample covariance from sums. */
export function covarianceOfSums(n: number, sumA: number, sumB: number, sumOfProducts: number): number {
  return (sumOfProducts - (sumA * sumB) / n) / (n - 1);
}
