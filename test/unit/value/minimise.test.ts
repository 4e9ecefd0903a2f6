import { describe, expect, it } from 'vitest';
import { digamma } from '../../../models/value/digamma.ts';
import { expectedPurchases } from '../../../models/value/dropout-model.ts';
import { invert } from '../../../models/value/matrix.ts';
import { minimise, type Objective } from '../../../models/value/minimise.ts';

/** 100 (y - x^2)^2 + (1 - x)^2: a curved valley with its minimum 0 at (1, 1), and the Hessian (802, -400; -400, 200) there. */
const rosenbrock: Objective = ([x = 0, y = 0]) => ({
  value: 100 * (y - x * x) ** 2 + (1 - x) ** 2,
  gradient: [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)],
});

describe('minimise', () => {
  it('finds the end of the curved valley of Rosenbrock, and how it curves there', () => {
    const found = minimise(rosenbrock, [[-1.2, 1]]);
    expect(found.converged).toBe(true);
    expect(found.at.map((x) => x.toFixed(6))).toEqual(['1.000000', '1.000000']);
    expect(found.hessian.flat().map(Math.round)).toEqual([802, -400, -400, 200]);
    expect(found.evaluations).toBeLessThan(200);
  });

  it('takes the best of several starts', () => {
    // (x^2 - 1)^2 + x / 2: minima near -1 and 1, the left one lower.
    const twoWells: Objective = ([x = 0]) => ({ value: (x * x - 1) ** 2 + x / 2, gradient: [4 * x * (x * x - 1) + 0.5] });
    expect(minimise(twoWells, [[0.9]]).at[0]).toBeGreaterThan(0.9);
    expect(minimise(twoWells, [[0.9], [-1.5]]).at[0]).toBeLessThan(-1);
  });

  it('goes the long way on a rough function, and asks the function itself only near the end', () => {
    // The valley moved by a hundredth: its end is near, and the walk from (-1.2, 1) is over before the function is asked.
    const rough: Objective = ([x = 0, y = 0]) => rosenbrock([x - 0.01, y - 0.01]);
    const found = minimise(rosenbrock, [[-1.2, 1]], rough);
    expect(found.at.map((x) => x.toFixed(6))).toEqual(['1.000000', '1.000000']);
    expect(found.evaluations).toBeLessThan(40);
  });

  it('begins at the starts where the rough function leads to no minimum', () => {
    const slope: Objective = ([x = 0]) => ({ value: x, gradient: [1] });
    const root: Objective = ([x = 0]) => ({ value: x - Math.log(x), gradient: [1 - 1 / x] });
    expect(minimise(root, [[0.01]], slope).at[0]).toBeCloseTo(1, 8);
  });

  it('does not claim a minimum of a slope without end', () => {
    const slope: Objective = ([x = 0]) => ({ value: -x, gradient: [-1] });
    expect(minimise(slope, [[0]]).converged).toBe(false);
    const flattening: Objective = ([x = 0]) => ({ value: Math.exp(-x), gradient: [-Math.exp(-x)] });
    expect(minimise(flattening, [[0]]).at[0]).toBeGreaterThan(5);
  });

  it('gets past points where the function is not defined', () => {
    const root: Objective = ([x = 0]) => ({ value: x - Math.log(x), gradient: [1 - 1 / x] });
    expect(minimise(root, [[0.01]]).at[0]).toBeCloseTo(1, 8);
  });
});

describe('the parts of a fit', () => {
  it('invert a matrix, or tell that it is not positive definite', () => {
    // (4 2; 2 3) has the determinant 8.
    expect(
      invert([
        [4, 2],
        [2, 3],
      ])
        ?.flat()
        .map((x) => x.toFixed(12)),
    ).toEqual([3 / 8, -2 / 8, -2 / 8, 4 / 8].map((x) => x.toFixed(12)));
    expect(
      invert([
        [1, 2],
        [2, 1],
      ]),
    ).toBeNull();
    expect(invert([[0]])).toBeNull();
  });

  it('know the digamma function: -gamma at 1, -gamma - 2 ln 2 at 1/2, and H(n-1) - gamma', () => {
    const gamma = 0.5772156649015329;
    expect(digamma(1)).toBeCloseTo(-gamma, 13);
    expect(digamma(0.5)).toBeCloseTo(-gamma - 2 * Math.LN2, 13);
    expect(digamma(5)).toBeCloseTo(1 + 1 / 2 + 1 / 3 + 1 / 4 - gamma, 13);
    expect(digamma(1e6)).toBeCloseTo(Math.log(1e6) - 0.5e-6, 12);
  });

  it('end for any horizon', () => {
    for (const t of [Number.MIN_VALUE, 1e-300, 1e9, 1e300]) expect(expectedPurchases(2, 5, 0.8, 2, t)).toBeGreaterThanOrEqual(0);
    expect(expectedPurchases(1e6, 1e-3, 1, 1, 1e6)).toBeGreaterThan(1);
  });
});
