/** The inverse of a symmetric positive definite matrix by Cholesky's factor; null when it is not positive definite. */
export function invert(matrix: readonly (readonly number[])[]): number[][] | null {
  const n = matrix.length;
  const factor: number[][] = [];
  const at = (rows: readonly (readonly number[])[], i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 0; i < n; i += 1) {
    const row: number[] = [];
    factor.push(row);
    for (let j = 0; j <= i; j += 1) {
      let sum = at(matrix, i, j);
      for (let k = 0; k < j; k += 1) sum -= at(factor, i, k) * at(factor, j, k);
      if (i === j && !(sum > 1e-14 * Math.abs(at(matrix, i, i)))) return null;
      row.push(i === j ? Math.sqrt(sum) : sum / at(factor, j, j));
    }
  }
  const columns = Array.from({ length: n }, (_, unit) => {
    const y: number[] = [];
    for (let i = 0; i < n; i += 1) {
      let sum = i === unit ? 1 : 0;
      for (let k = 0; k < i; k += 1) sum -= at(factor, i, k) * (y[k] ?? 0);
      y.push(sum / at(factor, i, i));
    }
    const x = Array.from({ length: n }, () => 0);
    for (let i = n - 1; i >= 0; i -= 1) {
      let sum = y[i] ?? 0;
      for (let k = i + 1; k < n; k += 1) sum -= at(factor, k, i) * (x[k] ?? 0);
      x[i] = sum / at(factor, i, i);
    }
    return x;
  });
  return columns;
}
