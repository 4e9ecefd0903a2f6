import { invert } from './matrix.ts';
import { minimise, type Objective } from './minimise.ts';

/** A fit by maximum likelihood. */
export interface Fit<Params> {
  params: Params;
  log_likelihood: number;
  /** From the second derivatives in logarithms, times the parameter (delta method). Null where the likelihood is flat. */
  standard_errors: Params | null;
  /** False where the likelihood has no maximum inside: then the parameters mean nothing. */
  converged: boolean;
}

/** The log-likelihood of so many customers, with its gradient by the logarithms of the parameters. */
export interface Sample<Name extends string> {
  likelihood: (params: Record<Name, number>) => { value: number; gradient: readonly number[] };
  customers: number;
}

/**
 * Maximizes a log-likelihood over positive parameters, in their logarithms and per customer, so that no scale is special.
 * @param some of many customers: the starts are followed with these, and only their end with all
 */
export function fitPositive<Name extends string>(
  all: Sample<Name>,
  names: readonly Name[],
  starts: readonly (readonly number[])[],
  some: Sample<Name> | null = null,
): Fit<Record<Name, number>> {
  const { customers } = all;
  const named = (values: readonly number[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i] ?? Number.NaN])) as Record<Name, number>;
  const objective =
    ({ likelihood, customers: n }: Sample<Name>): Objective =>
    (logs) => {
      const { value, gradient } = likelihood(named(logs.map(Math.exp)));
      return { value: -value / n, gradient: gradient.map((g) => -g / n) };
    };
  const logs = starts.map((start) => start.map(Math.log));
  const minimum = minimise(objective(all), logs, some === null ? undefined : objective(some));
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
