/**
 * The special functions behind every p-value, interval and forecast here, to nearly full double precision and in the far tails;
 * held to test/goldens/special.json. Tails are computed as such, never as one minus the other tail.
 * Formula numbers "DLMF" are those of the NIST Digital Library of Mathematical Functions.
 */

/** Both sides of a distribution function at one point. */
export interface Tails {
  lower: number;
  upper: number;
}

const lnSqrt2Pi = 0.9189385332046727;
const epsilon = Number.EPSILON;

// ---- Gamma ----

/** zeta(k) - 1 for k = 2..39, by Euler-Maclaurin summation from 10 on (DLMF 25.2.9). */
const zetaMinusOne = Array.from({ length: 38 }, (_, index) => {
  const k = index + 2;
  let sum = 10 ** (1 - k) / (k - 1) + 10 ** -k / 2;
  sum += (k * 10 ** (-k - 1)) / 12 - (k * (k + 1) * (k + 2) * 10 ** (-k - 3)) / 720;
  sum += (k * (k + 1) * (k + 2) * (k + 3) * (k + 4) * 10 ** (-k - 5)) / 30240;
  sum -= (k * (k + 1) * (k + 2) * (k + 3) * (k + 4) * (k + 5) * (k + 6) * 10 ** (-k - 7)) / 1209600;
  for (let n = 9; n >= 2; n -= 1) sum += n ** -k;
  return sum;
});

/** ln Gamma(2 + z) for |z| <= 1/2 (DLMF 5.7.3): exact where ln Gamma passes through zero. */
function lnGammaNearTwo(z: number): number {
  let sum = 0;
  for (let k = 39; k >= 2; k -= 1) sum = -z * sum + (zetaMinusOne[k - 2] ?? 0) / k;
  return z * (1 - 0.5772156649015329) + z * z * sum;
}

/** What Stirling's formula leaves out of ln Gamma(x): ln Gamma(x) - (x - 1/2) ln x + x - ln sqrt(2 pi) (DLMF 5.11.1). */
export function stirlingRemainder(x: number): number {
  if (x < 10) return lgamma(x) - ((x - 0.5) * Math.log(x) - x + lnSqrt2Pi);
  const s = 1 / (x * x);
  const series =
    1 / 12 -
    s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s * (1 / 156 - (s * 3617) / 122400))))));
  return series / x;
}

/** Natural logarithm of the gamma function, x > 0. */
export function lgamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x >= 10) return (x - 0.5) * Math.log(x) - x + lnSqrt2Pi + stirlingRemainder(x);
  if (x < 0.5) return lgamma(x + 1) - Math.log(x);
  if (x < 1.5) return lnGammaNearTwo(x - 1) - Math.log1p(x - 1);
  let product = 1;
  let y = x;
  while (y > 2.5) {
    y -= 1;
    product *= y;
  }
  return lnGammaNearTwo(y - 2) + Math.log(product);
}

/** ln B(a, b), a and b > 0, without the cancellation of three large gammas. */
export function lbeta(a: number, b: number): number {
  if (Math.min(a, b) < 10) {
    const [small, large] = a < b ? [a, b] : [b, a];
    if (large < 10) return lgamma(a) + lgamma(b) - lgamma(a + b);
    const ratio = (large - 0.5) * Math.log1p(small / large) + small * (Math.log(large + small) - 1);
    return lgamma(small) - ratio - stirlingRemainder(large + small) + stirlingRemainder(large);
  }
  const correction = stirlingRemainder(a) + stirlingRemainder(b) - stirlingRemainder(a + b);
  return lnSqrt2Pi - 0.5 * Math.log(a / (1 + a / b)) - a * Math.log1p(b / a) - b * Math.log1p(a / b) + correction;
}

/** x ln(x / m) - x + m: how far x lies from m, without cancellation where they are close. */
export function deviance(x: number, m: number): number {
  if (x === 0) return m;
  const u = (m - x) / x;
  return Math.abs(u) > 0.1 ? x * (Math.log(x / m) + u) : -x * log1pMinus(u);
}

/** ln(1 + x) - x, exact for small x. */
function log1pMinus(x: number): number {
  if (Math.abs(x) > 0.1) return Math.log1p(x) - x;
  let power = x;
  let sum = 0;
  for (let k = 2; k < 30; k += 1) {
    power *= -x;
    const term = power / k;
    sum += term;
    if (Math.abs(term) < epsilon * Math.abs(sum)) break;
  }
  return sum;
}

/**
 * Both tails of the gamma distribution with shape `a` at `x` (regularized incomplete gamma, DLMF 8.11.4 and 8.9.2).
 */
export function gammaTails(x: number, a: number): Tails {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  // x^a e^-x / Gamma(a), by the distance of x from a.
  const front = Math.exp(0.5 * Math.log(a) - lnSqrt2Pi - stirlingRemainder(a) - deviance(a, x));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; term > epsilon * sum; k += 1) {
      term *= x / (a + k);
      sum += term;
    }
    const lower = Math.min(1, front * sum);
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, front / lentz(x + 1 - a, (k) => [-k * (k - a), x + 2 * k + 1 - a]));
  return { lower: 1 - upper, upper };
}

/** b0 + a1/(b1 + a2/(b2 + ...)) by the modified method of Lentz (DLMF 3.10(iii)). */
function lentz(b0: number, step: (k: number) => [number, number]): number {
  const tiny = 1e-300;
  let f = b0 === 0 ? tiny : b0;
  let c = f;
  let d = 0;
  for (let k = 1; k < 5_000_000; k += 1) {
    const [a, b] = step(k);
    d = b + a * d;
    d = 1 / (d === 0 ? tiny : d);
    c = b + a / c;
    if (c === 0) c = tiny;
    f *= c * d;
    if (Math.abs(c * d - 1) < 2 * epsilon) break;
  }
  return f;
}

/** Upper tail of the chi-square distribution. */
export function chi2Sf(x: number, df: number): number {
  return gammaTails(x / 2, df / 2).upper;
}

// ---- Normal ----

/** Density of the standard normal distribution. */
export function normPdf(x: number): number {
  return Math.exp(-0.5 * x * x - lnSqrt2Pi);
}

/** P(Z > x) of a standard normal: the series about 0 (DLMF 7.6.2), the continued fraction in the tail (DLMF 7.9.1). */
export function normSf(x: number): number {
  if (x < 0) return 1 - normSf(-x);
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 3; term > epsilon * sum; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - normPdf(x) * sum;
  }
  return normPdf(x) / lentz(x, (k) => [k, x]);
}

/** P(Z <= x) of a standard normal. */
export function normCdf(x: number): number {
  return normSf(-x);
}

/** The z with P(Z <= z) = p: a rational start (Abramowitz & Stegun 26.2.23), then Halley's steps on the tail itself. */
export function normQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return p <= 0.5 ? -normIsf(p) : normIsf(1 - p);
}

/** The z with P(Z > z) = p: exact for tails that 1 - p would lose. */
export function normIsf(p: number): number {
  if (p > 0.5) return -normIsf(1 - p);
  if (p === 0) return Number.POSITIVE_INFINITY;
  const t = Math.sqrt(-2 * Math.log(p));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let k = 0; k < 4; k += 1) {
    const error = (normSf(z) - p) / normPdf(z);
    const step = error / (1 - 0.5 * z * error);
    z += step;
    if (Math.abs(step) < 1e-15 * Math.abs(z)) break;
  }
  return z;
}

// ---- Beta ----

/** ln of x^a y^b / B(a, b), with y = 1 - x, by the distance of x from the mean (after C. Loader, 2000). */
export function lnBetaFront(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const scale = 0.5 * Math.log(a) - 0.5 * Math.log1p(a / b) - lnSqrt2Pi;
  const remainder = stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b);
  return scale + remainder - deviance(a, n * x) - deviance(b, n * y);
}

/** ln of the lower tail of Beta(a, b) at x, by the continued fraction DLMF 8.17.22; wants x below about the mean. */
function lnBetaLower(x: number, y: number, a: number, b: number): number {
  const fraction = lentz(1, (k) => {
    const m = k >> 1;
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    return [k % 2 === 0 ? even : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)), 1];
  });
  return lnBetaFront(x, y, a, b) - Math.log(a) - Math.log(fraction);
}

/** ln of the lower tail, wherever x lies. */
function lnBetaCdf(x: number, y: number, a: number, b: number): number {
  if (x <= (a + 1) / (a + b + 2)) return Math.min(0, lnBetaLower(x, y, a, b));
  return Math.log1p(-Math.min(1, Math.exp(lnBetaLower(y, x, b, a))));
}

/**
 * Both tails of Beta(a, b) at x (regularized incomplete beta).
 * @param y 1 - x, where the caller knows it better than 1 - x says
 */
export function betaTails(x: number, a: number, b: number, y: number = 1 - x): Tails {
  if (!(x > 0)) return { lower: 0, upper: 1 };
  if (!(y > 0)) return { lower: 1, upper: 0 };
  if (x <= (a + 1) / (a + b + 2)) {
    const lower = Math.min(1, Math.exp(lnBetaLower(x, y, a, b)));
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, Math.exp(lnBetaLower(y, x, b, a)));
  return { lower: 1 - upper, upper };
}

/** ln P(X > x) of Beta(a, b), also where the tail itself is too small for a number. */
export function lnBetaSf(x: number, a: number, b: number): number {
  return lnBetaCdf(1 - x, x, b, a);
}

/** P(X <= x) of Beta(a, b). */
export function betaCdf(x: number, a: number, b: number): number {
  return betaTails(x, a, b).lower;
}

/** P(X > x) of Beta(a, b). */
export function betaSf(x: number, a: number, b: number): number {
  return betaTails(x, a, b).upper;
}

/**
 * The x with P(X <= x) = p of Beta(a, b): Newton's steps on ln P over ln x, held in a bracket.
 * @param q 1 - p, where the caller knows it better than 1 - p says
 */
export function betaQuantile(p: number, a: number, b: number, q: number = 1 - p): number {
  if (!(p >= 0 && q >= 0)) return Number.NaN;
  if (p === 0 || q === 0) return p === 0 ? 0 : 1;
  return p <= 0.5 ? lowerBetaQuantile(p, a, b) : 1 - lowerBetaQuantile(q, b, a);
}

function lowerBetaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  let x = betaQuantileStart(p, a, b);
  for (let k = 0; k < 200; k += 1) {
    const y = 1 - x;
    const ln = lnBetaCdf(x, y, a, b);
    const error = ln - Math.log(p);
    if (error > 0) high = x;
    else low = x;
    const slope = Math.exp(lnBetaFront(x, y, a, b) - Math.log(y) - ln);
    let next = x * Math.exp(-error / slope);
    if (!(next > low && next < high)) next = error === 0 ? x : low > 0 ? (low + high) / 2 : high * 1e-3;
    const moved = Math.abs(next - x);
    x = next;
    if (moved <= 2 * epsilon * x) break;
  }
  return x;
}

/** Abramowitz & Stegun 26.5.22 where both shapes exceed 1, else the power law of the lower end. */
function betaQuantileStart(p: number, a: number, b: number): number {
  if (a > 1 && b > 1) {
    const z = normIsf(p);
    const [ra, rb] = [1 / (2 * a - 1), 1 / (2 * b - 1)];
    const h = 2 / (ra + rb);
    const lambda = (z * z - 3) / 6;
    const w = (z * Math.sqrt(h + lambda)) / h - (rb - ra) * (lambda + 5 / 6 - 2 / (3 * h));
    const x = a / (a + b * Math.exp(2 * w));
    if (x > 0 && x < 1) return x;
  }
  const power = Math.exp((Math.log(p) + Math.log(a) + lbeta(a, b)) / a);
  return power > 0 && power < 0.9 ? power : a / (a + b);
}

// ---- Student ----

/** P(T > t) of Student's distribution; df may be fractional. */
export function tSf(t: number, df: number): number {
  if (t < 0) return 1 - tSf(-t, df);
  const t2 = t * t;
  return 0.5 * betaTails(df / (df + t2), df / 2, 0.5, t2 / (df + t2)).lower;
}

/** P(T <= t) of Student's distribution. */
export function tCdf(t: number, df: number): number {
  return tSf(-t, df);
}

/** Density of Student's distribution. */
export function tPdf(t: number, df: number): number {
  return Math.exp(-0.5 * (df + 1) * Math.log1p((t * t) / df) - lbeta(df / 2, 0.5) - 0.5 * Math.log(df));
}

/** The t with P(T <= t) = p. */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  return p <= 0.5 ? -tIsf(p, df) : tIsf(1 - p, df);
}

/** The t with P(T > t) = p: by way of the beta quantile, then one of Newton's steps. */
export function tIsf(p: number, df: number): number {
  if (p > 0.5) return -tIsf(1 - p, df);
  if (p === 0) return Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  const x = 2 * p <= 0.5 ? betaQuantile(2 * p, df / 2, 0.5) : undefined;
  const y = x === undefined ? betaQuantile(1 - 2 * p, 0.5, df / 2) : 1 - x;
  const t = Math.sqrt((df * y) / (x ?? 1 - y));
  const polished = t + (tSf(t, df) - p) / tPdf(t, df);
  return Number.isFinite(polished) ? polished : t;
}

// ---- Gauss ----

/**
 * ln 2F1(a, b; c; z) for 0 <= z < 1, c > 0 and a positive value. Euler's transformation (DLMF 15.8.1) is taken where it makes
 * the series tame, so that arguments in the hundreds neither overflow nor cancel.
 */
export function lnHyp2f1(a: number, b: number, c: number, z: number): number {
  if (a + b > c) return (c - a - b) * Math.log1p(-z) + Math.log(hypSeries(c - a, c - b, c, z));
  return Math.log(hypSeries(a, b, c, z));
}

/** 2F1(a, b; c; z) for |z| < 1 and c > 0. */
export function hyp2f1(a: number, b: number, c: number, z: number): number {
  if (a + b > c) return (1 - z) ** (c - a - b) * hypSeries(c - a, c - b, c, z);
  return hypSeries(a, b, c, z);
}

function hypSeries(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 0; k < 1_000_000; k += 1) {
    term *= (((a + k) * (b + k)) / ((c + k) * (k + 1))) * z;
    sum += term;
    if (term === 0 || Math.abs(term) < 0.25 * epsilon * (1 - Math.abs(z)) * Math.abs(sum)) return sum;
  }
  return sum;
}
