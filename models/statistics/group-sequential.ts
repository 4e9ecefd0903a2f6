import { gaussLegendre } from './quadrature.ts';
import { checkConfidence, checkCounts, refuse } from './refusal.ts';
import { findRoot } from './root.ts';
import { normIsf, normPdf, normSf } from './special.ts';

export const boundaries = ['pocock', 'obrien_fleming', 'lan_demets_obf', 'lan_demets_pocock'] as const;
export type Boundary = (typeof boundaries)[number];

export interface GroupSequential {
  /** For |Z| at each look */
  z_bounds: number[];
  nominal_p_two_sided: number[];
  /** Of the bounds with one constant: Z is held against it (Pocock) or against it / sqrt(t) (O'Brien-Fleming) */
  constant?: number;
  /** Of the spending bounds */
  cumulative_alpha_spent?: number[];
}

/** Alpha spent by information t (two-sided, symmetric). K. Lan and D. DeMets, Biometrika 70 (1983) 659-663. */
export const spending = {
  lan_demets_obf: (t: number, alpha: number) => 4 * normSf(normIsf(alpha / 4) / Math.sqrt(t)),
  lan_demets_pocock: (t: number, alpha: number) => alpha * Math.log(1 + (Math.E - 1) * t),
};

/**
 * Bounds for planned looks that together are wrong with chance alpha: P. Pocock (1977), P. O'Brien & T. Fleming (1979) and
 * Lan-DeMets spending, by numerical integration over the looks (P. Armitage, C. McPherson and B. Rowe, JRSS A 132 (1969) 235-244).
 * @param input.information fractions at the looks, rising to 1; equal steps unless given
 */
export function groupSequential({
  looks,
  alpha,
  boundary,
  information,
}: {
  looks: number;
  alpha: number;
  boundary: Boundary;
  information?: readonly number[] | undefined;
}): GroupSequential {
  checkCounts({ looks });
  checkConfidence(alpha, 'alpha');
  const times = information ?? Array.from({ length: looks }, (_, k) => (k + 1) / looks);
  checkInformation(times, looks);
  if (boundary === 'pocock' || boundary === 'obrien_fleming') {
    const bounds = (constant: number) => times.map((t) => (boundary === 'pocock' ? constant : constant / Math.sqrt(t)));
    const start = normIsf(alpha / 2);
    const excess = (constant: number) => crossing(times, bounds(constant)) - alpha;
    // With one look the normal quantile itself; with more, wider.
    const constant = looks === 1 ? start : findRoot(excess, start, normIsf(alpha / 2 / looks) * 1.2, 1e-10);
    return { ...withP(bounds(constant)), constant };
  }
  const spent = times.map((t) => spending[boundary](t, alpha));
  return { ...withP(spendingBounds(times, spent)), cumulative_alpha_spent: spent };
}

/**
 * The bounds that spend alpha as told. Depends at each look only on the looks so far: give the times of the looks that were, and
 * the last bound is the one for now.
 * @param spent cumulative alpha at each look
 */
export function spendingBounds(times: readonly number[], spent: readonly number[]): number[] {
  const walk = new Walk();
  return times.map((t, k) => {
    const increment = (spent[k] ?? 0) - (k === 0 ? 0 : (spent[k - 1] ?? 0));
    const bound = walk.boundSpending(t, increment);
    walk.step(t, bound);
    return bound;
  });
}

/** The chance that |Z| crosses any of these bounds when nothing is different. */
export function crossing(times: readonly number[], bounds: readonly number[]): number {
  const walk = new Walk();
  let total = 0;
  times.forEach((t, k) => {
    const bound = bounds[k] ?? Number.POSITIVE_INFINITY;
    total += walk.crossing(t, bound);
    walk.step(t, bound);
  });
  return total;
}

/**
 * Brownian motion that has stayed within its bounds so far: its density at the nodes of a quadrature. It is as likely to be at -b as at b,
 * so that the half above zero stands for both.
 */
class Walk {
  private time = 0;
  private nodes: Float64Array = Float64Array.of(0);
  /** Quadrature weight times density, of both halves. */
  private mass: Float64Array = Float64Array.of(1);

  /** The chance to be outside |Z| < bound at time t, having been inside before. */
  crossing(t: number, bound: number): number {
    const spread = Math.sqrt(t - this.time);
    const limit = bound * Math.sqrt(t);
    return this.nodes.reduce(
      (sum, b, i) => sum + (this.mass[i] ?? 0) * (normSf((limit - b) / spread) + normSf((limit + b) / spread)),
      0,
    );
  }

  boundSpending(t: number, increment: number): number {
    if (!(increment > 0)) return Number.POSITIVE_INFINITY;
    if (this.time === 0) return normIsf(increment / 2);
    // To cross now and not before is rarer than to be outside now: the bound of one look is the most that it can be.
    const most = normIsf(increment / 2);
    const excess = (bound: number) => Math.log(this.crossing(t, bound) / increment);
    return excess(most) >= 0 ? most : findRoot(excess, 0.01, most, 1e-9);
  }

  step(t: number, bound: number): void {
    const spread = Math.sqrt(t - this.time);
    // Nobody is further out than this, whatever the bound.
    const limit = Math.min(bound, 9) * Math.sqrt(t);
    const { nodes, weights } = grid(Math.max(32, 8 * Math.ceil(limit / spread / 4)));
    const next = nodes.map((node) => ((node + 1) / 2) * limit);
    const mass = next.map((b, i) => {
      let density = 0;
      for (let j = 0; j < this.nodes.length; j += 1) {
        const from = this.nodes[j] ?? 0;
        density += (this.mass[j] ?? 0) * (normPdf((b - from) / spread) + normPdf((b + from) / spread));
      }
      return ((weights[i] ?? 0) * (limit / 2) * density) / spread;
    });
    [this.time, this.nodes, this.mass] = [t, next, mass];
  }
}

const grids = new Map<number, ReturnType<typeof gaussLegendre>>();
function grid(n: number): ReturnType<typeof gaussLegendre> {
  const known = grids.get(n) ?? gaussLegendre(n);
  grids.set(n, known);
  return known;
}

function withP(z_bounds: number[]): Pick<GroupSequential, 'z_bounds' | 'nominal_p_two_sided'> {
  return { z_bounds, nominal_p_two_sided: z_bounds.map((z) => 2 * normSf(z)) };
}

/** Looks beyond this many are no plan; use the confidence sequence. */
const mostLooks = 60;

function checkInformation(times: readonly number[], looks: number): void {
  const rising = times.every((t, k) => t > (k === 0 ? 0 : (times[k - 1] ?? 0)));
  const fits = looks >= 1 && looks <= mostLooks && times.length === looks && rising && times.at(-1) === 1;
  if (!fits) refuse('invalid_information', 'information', `${looks} looks at ${times.slice(0, 10).join(', ')}`);
}
