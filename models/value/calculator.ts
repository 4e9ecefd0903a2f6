import { z } from 'zod';
import type { Method } from '../statistics/methods.ts';
import { anyNumber } from '../statistics/numbers-json.ts';
import { checkAmounts, checkHistory, checkParams } from './check.ts';
import { prospect } from './clv.ts';
import { cohortsOfPurchases } from './cohort.ts';
import { fitDropout } from './dropout-fit.ts';
import { dropoutLikelihood } from './dropout-likelihood.ts';
import { expectedOfNewCustomer, expectedTransactions, pAlive } from './dropout-model.ts';
import { expectedSpend, fitSpend, type SpendGroups, spendLikelihood } from './gamma-gamma.ts';
import { dayNumber, microsOf, type Purchase } from './purchase.ts';
import { groupPurchases } from './purchases.ts';
import { type Rfm, rfm } from './rfm.ts';

const number = anyNumber;
const dropoutParams = z.strictObject({ r: number, alpha: number, a: number, b: number });
const spendParams = z.strictObject({ p: number, q: number, gamma: number });
const history = { frequency: number, recency: number, T: number };
const unitDays = z.number().positive().default(7).describe('Days in the unit of time');
const events = z
  .array(z.tuple([z.string(), z.iso.date(), z.number()]))
  .min(1)
  .describe('Purchases: customer, day, value');
const observed = { events, calibration_end: z.iso.date(), unit_days: unitDays };
type Observed = { events: [string, string, number][]; calibration_end: string; unit_days: number };

const method = <S extends z.ZodType>(summary: string, schema: S, run: (input: z.output<S>) => object): Method => ({
  summary,
  schema,
  run: (value) => run(value as z.output<S>),
});

/** Customer value, one purchase list or one customer at a time: inputs, answers and refusals as in test/goldens/ltv.json. */
export const valueMethods: Readonly<Record<string, Method>> = {
  rfm: method(
    'Frequency, recency, age and value of each customer',
    z.strictObject({ ...observed, holdout_end: z.iso.date().optional() }),
    (input) => {
      const rows = histories(input, input.holdout_end);
      const all = [...rows.values()];
      const sum = (of: (row: Rfm) => number) => all.reduce((total, row) => total + of(row), 0);
      return {
        customers: rows.size,
        total_frequency: sum(({ frequency }) => frequency),
        customers_with_repeat: sum(({ frequency }) => Number(frequency > 0)),
        total_holdout_transactions: sum(({ holdout_transactions }) => holdout_transactions),
        rows: Object.fromEntries(rows),
      };
    },
  ),

  bgnbd_fit: method('BG/NBD by maximum likelihood', z.strictObject(observed), (input) =>
    fitDropout('bgnbd', groupPurchases(histories(input).values())),
  ),

  gamma_gamma_fit: method('Gamma-Gamma by maximum likelihood', z.strictObject(observed), (input) =>
    fitSpend(spendGroups(histories(input).values())),
  ),

  bgnbd_loglik: method(
    'Log-likelihood of BG/NBD at given parameters',
    z.strictObject({ ...observed, params: dropoutParams }),
    ({ params, ...input }) => {
      checkParams(params);
      return { log_likelihood: dropoutLikelihood('bgnbd', groupPurchases(histories(input).values()))(params).value };
    },
  ),

  gamma_gamma_loglik: method(
    'Log-likelihood of Gamma-Gamma at given parameters',
    z.strictObject({ ...observed, params: spendParams }),
    ({ params, ...input }) => {
      checkParams(params);
      return { log_likelihood: spendLikelihood(params, spendGroups(histories(input).values())).value };
    },
  ),

  bgnbd_predict: method(
    'Chance that a customer is still one, and purchases to expect',
    z.strictObject({ params: dropoutParams, ...history, horizon: number }),
    ({ params, horizon, ...one }) => {
      checkHistory(one);
      checkAmounts({ horizon });
      checkParams(params);
      return {
        p_alive: pAlive('bgnbd', params, one),
        expected_transactions: expectedTransactions('bgnbd', params, one, horizon),
      };
    },
  ),

  bgnbd_expected_population: method(
    'Repeat purchases to expect of a new customer',
    z.strictObject({ params: dropoutParams, t: number }),
    ({ params, t }) => {
      checkAmounts({ t });
      checkParams(params);
      return { expected_transactions: expectedOfNewCustomer('bgnbd', params, t) };
    },
  ),

  bgnbd_total: method(
    'Purchases to expect of all customers, beside those that came',
    z.strictObject({ ...observed, params: dropoutParams, horizon: number }),
    ({ params, horizon, ...input }) => {
      checkAmounts({ horizon });
      checkParams(params);
      let [expected, alive, actual] = [0, 0, 0];
      for (const one of histories(input, dayNumber(input.calibration_end) + horizon * input.unit_days).values()) {
        expected += expectedTransactions('bgnbd', params, one, horizon);
        alive += pAlive('bgnbd', params, one);
        actual += one.holdout_transactions;
      }
      return { expected_transactions_total: expected, p_alive_total: alive, actual_holdout_transactions: actual };
    },
  ),

  gamma_gamma_predict: method(
    'Mean purchase to expect of a customer',
    z.strictObject({ params: spendParams, frequency: number, monetary_value: number }),
    ({ params, frequency, monetary_value }) => {
      checkAmounts({ frequency, monetary_value });
      checkParams(params);
      return { expected_average_value: expectedSpend(params, frequency, frequency * monetary_value) };
    },
  ),

  clv: method(
    'Discounted value to come of a customer',
    z.strictObject({
      bgnbd: dropoutParams,
      gamma_gamma: spendParams,
      ...history,
      monetary_value: number,
      steps: z.int().min(1).max(1200),
      step_units: z.number().positive(),
      discount_rate_per_step: z.number().gt(-1),
    }),
    (input) => {
      const { frequency, recency, T, monetary_value } = input;
      checkHistory({ frequency, recency, T });
      checkAmounts({ monetary_value });
      checkParams(input.bgnbd);
      checkParams(input.gamma_gamma);
      const mean = expectedSpend(input.gamma_gamma, frequency, frequency * monetary_value);
      const outlook = { steps: input.steps, stepUnits: input.step_units, discountRate: input.discount_rate_per_step };
      const { transactions, discounted } = prospect('bgnbd', input.bgnbd, { frequency, recency, T }, outlook);
      return {
        expected_average_value: mean,
        clv: mean === null ? null : mean * discounted,
        undiscounted: mean === null ? null : mean * transactions,
      };
    },
  ),

  cohort_ltv: method('Cumulative revenue per customer by month of the first purchase', z.strictObject({ events }), (input) => ({
    cohorts: cohortsOfPurchases(purchasesOf(input.events)),
  })),
};

function purchasesOf(rows: readonly [string, string, number][]): Purchase[] {
  return rows.map(([customer, day, value]) => ({ customer, day: dayNumber(day), micros: microsOf(value) }));
}

function histories({ events: rows, calibration_end, unit_days }: Observed, holdoutEnd?: string | number): Map<string, Rfm> {
  return rfm(purchasesOf(rows), {
    calibrationEnd: dayNumber(calibration_end),
    unitDays: unit_days,
    ...(holdoutEnd === undefined ? {} : { holdoutEnd: typeof holdoutEnd === 'number' ? holdoutEnd : dayNumber(holdoutEnd) }),
  });
}

function spendGroups(rows: Iterable<Rfm>): SpendGroups {
  const repeated = [...rows].filter(({ frequency }) => frequency > 0);
  return {
    frequency: repeated.map(({ frequency }) => frequency),
    spend: repeated.map(({ frequency, monetary_value }) => frequency * monetary_value),
    customers: repeated.map(() => 1),
  };
}
