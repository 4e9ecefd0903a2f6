/** The derivative of ln Gamma(x), x > 0: recurrence up to 10, then the asymptotic series (DLMF 5.5.2 and 5.11.2). */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift -= 1 / y;
    y += 1;
  }
  const s = 1 / (y * y);
  const series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - (s * 691) / 32760)))));
  return shift + Math.log(y) - 0.5 / y - series;
}
