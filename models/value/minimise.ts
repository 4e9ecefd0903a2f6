import { invert } from './matrix.ts';

/** A function to minimise, with its gradient. It may give a value that is not finite where it is not defined. */
export type Objective = (at: readonly number[]) => { value: number; gradient: number[] };

export interface Minimum {
  at: number[];
  value: number;
  /** Second derivatives at the minimum. */
  hessian: number[][];
  /** True when the gradient vanished at a point that curves upwards in every direction. */
  converged: boolean;
  evaluations: number;
}

const gradientTolerance = 1e-6;
const longestStep = 2;

/**
 * The best local minimum from several starts: quasi-Newton steps (BFGS, Nocedal & Wright, Numerical Optimization, 2006, algorithm 6.1, with
 * Armijo's rule), then Newton's on differences of the gradient. Made for a handful of parameters of like scale, such as logarithms.
 * @param rough a cheap function that has its minima close to those of the objective: the long way from the starts is gone on it, and the
 *   objective is asked only from where that ends; or from the starts themselves, should that lead to no minimum
 */
export function minimise(objective: Objective, starts: readonly (readonly number[])[], rough?: Objective): Minimum {
  let evaluations = 0;
  const counted: Objective = (at) => {
    evaluations += 1;
    return objective(at);
  };
  const from = (places: readonly Start[]): Minimum => {
    const [first, ...others] = places.map((place) => descend(counted, place));
    if (first === undefined) throw new RangeError('a minimum needs a start');
    const best = others.reduce((one, other) => (other.value < one.value || Number.isNaN(one.value) ? other : one), first);
    return { ...polish(counted, best), evaluations };
  };
  if (rough !== undefined) {
    const found = from(ends(rough, starts));
    if (found.converged) return found;
  }
  return from(starts.map((at) => ({ at, inverse: null })));
}

/** Where a descent begins, and the inverse of the Hessian there where it is known. */
interface Start {
  at: readonly number[];
  inverse: number[][] | null;
}

/** Where descents from the starts end; those that end in one place only once. */
function ends(objective: Objective, starts: readonly (readonly number[])[]): Start[] {
  const places: number[][] = [];
  for (const start of starts) {
    const { at } = descend(objective, { at: start, inverse: null });
    if (!places.some((known) => largest(minus(known, at)) < samePlace)) places.push(at);
  }
  return places.map((at) => ({ at, inverse: invert(differences(objective, at)) }));
}

const samePlace = 0.01;

interface Point {
  at: number[];
  value: number;
  gradient: number[];
}

function descend(objective: Objective, start: Start): Point {
  let here: Point = { at: [...start.at], ...objective(start.at) };
  let inverse = start.inverse ?? identity(start.at.length);
  let fresh = start.inverse === null;
  for (let step = 0; step < 200 && largest(here.gradient) > gradientTolerance; step += 1) {
    let direction = inverse.map((row) => -dot(row, here.gradient));
    if (!(dot(direction, here.gradient) < 0)) {
      inverse = identity(start.at.length);
      direction = here.gradient.map((g) => -g);
    }
    const next = lineSearch(objective, here, shortened(direction));
    if (next === null) {
      if (fresh) return here;
      inverse = identity(start.at.length);
      fresh = true;
      continue;
    }
    inverse = updated(inverse, minus(next.at, here.at), minus(next.gradient, here.gradient), fresh);
    fresh = false;
    here = next;
  }
  return here;
}

/** The first point along the direction that is low enough by Armijo's rule, halving the step; null when there is none. */
function lineSearch(objective: Objective, { at, value, gradient }: Point, direction: number[]): Point | null {
  const slope = dot(direction, gradient);
  for (let length = 1; length > 1e-10; length /= 2) {
    const there = at.map((x, i) => x + length * (direction[i] ?? 0));
    const found = objective(there);
    if (found.value <= value + 1e-4 * length * slope) return { at: there, ...found };
  }
  return null;
}

/** The inverse Hessian after a step s that changed the gradient by y (Nocedal & Wright 6.17; 6.20 for its first scale). */
function updated(inverse: number[][], s: number[], y: number[], fresh: boolean): number[][] {
  const sy = dot(s, y);
  if (!(sy > 1e-14)) return inverse;
  const scaled = fresh ? inverse.map((row) => row.map((value) => (value * sy) / dot(y, y))) : inverse;
  const hy = scaled.map((row) => dot(row, y));
  const factor = (1 + dot(y, hy) / sy) / sy;
  return scaled.map((row, i) =>
    row.map((value, j) => {
      const [si = 0, sj = 0, hi = 0, hj = 0] = [s[i], s[j], hy[i], hy[j]];
      return value + factor * si * sj - (hi * sj + si * hj) / sy;
    }),
  );
}

/** Newton's steps to the end of double precision, and the Hessian there. */
function polish(objective: Objective, from: Point): Omit<Minimum, 'evaluations'> {
  let here = from;
  let hessian = differences(objective, here.at);
  for (let step = 0; step < 3; step += 1) {
    const inverse = invert(hessian);
    if (inverse === null) break;
    const direction = inverse.map((row) => -dot(row, here.gradient));
    if (largest(direction) < 1e-10 || largest(direction) > 0.5) break;
    const at = here.at.map((x, i) => x + (direction[i] ?? 0));
    const found = objective(at);
    if (!(largest(found.gradient) < largest(here.gradient))) break;
    here = { at, ...found };
    // After a step this short it is the same to as many digits.
    if (largest(direction) > 1e-6) hessian = differences(objective, at);
  }
  const converged = largest(here.gradient) < 100 * gradientTolerance && invert(hessian) !== null;
  return { at: here.at, value: here.value, hessian, converged };
}

/** The Hessian by central differences of the gradient, made symmetric. */
function differences(objective: Objective, at: readonly number[]): number[][] {
  const h = 1e-4;
  const rows = at.map((_, i) => {
    const shift = (by: number) => objective(at.map((x, j) => (i === j ? x + by : x))).gradient;
    const below = shift(-h);
    return shift(h).map((above, j) => (above - (below[j] ?? 0)) / (2 * h));
  });
  return rows.map((row, i) => row.map((value, j) => (value + (rows[j]?.[i] ?? 0)) / 2));
}

function shortened(direction: number[]): number[] {
  const factor = Math.min(1, longestStep / largest(direction));
  return direction.map((d) => d * factor);
}

const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const minus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - (b[i] ?? 0));
const largest = (a: readonly number[]) => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
