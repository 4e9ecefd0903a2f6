import { invert } from './matrix.ts';
import { minimise } from './minimise.ts';

/** A fit by maximum likelihood. */
export interface Fit<Params> {
  params: Params;
  log_likelihood: number;
  /** From the second derivatives in logarithms, times the parameter (delta method). Null where the likelihood is flat. */
  standard_errors: Params | null;
  /** False where the likelihood has no maximum inside: then the parameters mean nothing. */
  converged: boolean;
}

/** Maximizes a log-likelihood over positive parameters, in their logarithms and per customer, so that no scale is special. */
export function fitPositive<Name extends string>(
  likelihood: (params: Record<Name, number>) => { value: number; gradient: readonly number[] },
  names: readonly Name[],
  starts: readonly (readonly number[])[],
  customers: number,
): Fit<Record<Name, number>> {
  const named = (values: readonly number[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i] ?? Number.NaN])) as Record<Name, number>;
  const minimum = minimise(
    (logs) => {
      const { value, gradient } = likelihood(named(logs.map(Math.exp)));
      return { value: -value / customers, gradient: gradient.map((g) => -g / customers) };
    },
    starts.map((start) => start.map(Math.log)),
  );
  const params = minimum.at.map(Math.exp);
  const covariance = invert(minimum.hessian);
  return {
    params: named(params),
    log_likelihood: -minimum.value * customers,
    standard_errors:
      covariance === null ? null : named(params.map((value, i) => value * Math.sqrt((covariance[i]?.[i] ?? 0) / customers))),
    converged: minimum.converged,
  };
}
