import { z } from 'zod';
import { valueMethods } from '../value/calculator.ts';
import { betaBinomial } from './beta-binomial.ts';
import { confidenceSequence } from './confidence-sequence.ts';
import { cuped } from './cuped.ts';
import { fisherExact } from './fisher-exact.ts';
import { boundaries, groupSequential } from './group-sequential.ts';
import { guardrailEprocess } from './guardrail-eprocess.ts';
import { incrementality } from './incrementality.ts';
import { attributionLastTouch } from './last-touch.ts';
import { msprt } from './msprt.ts';
import { anyNumber } from './numbers-json.ts';
import { adjustments, pAdjust } from './p-adjust.ts';
import { rateCi } from './rate-interval.ts';
import { ratioDelta } from './ratio-delta.ts';
import { mdeProportions, powerProportions, sampleSizeMeans, sampleSizeProportions } from './sample-size.ts';
import { sequentialMultinomial } from './sequential-multinomial.ts';
import { srm } from './srm.ts';
import { stratified } from './stratified.ts';
import { twoProportion } from './two-proportion.ts';
import { welchT } from './welch-t.ts';

/** One method of the calculator: what it takes, in a sentence what it does, and the function. */
export interface Method {
  summary: string;
  schema: z.ZodType;
  /** Takes what `schema` let through. */
  run: (input: unknown) => unknown;
}

/** Ties a schema to the function that takes its output. */
function method<S extends z.ZodType>(summary: string, schema: S, run: (input: z.output<S>) => unknown): Method {
  return { summary, schema, run: (value) => run(value as z.output<S>) };
}

const number = anyNumber;
const confidence = number.optional().describe('Default 0.95');
const arm = z.strictObject({
  n: number.describe('Units randomized'),
  x: number.describe('Units with the event'),
});
const moments = z.strictObject({ n: number, mean: number, variance: number.describe('Sample variance (n - 1)') });
const meanArm = z.union([z.strictObject({ values: z.array(number) }), moments], 'is neither {values} nor {n, mean, variance}');
const lookArm = z.union([arm, moments], 'is neither {n, x} nor {n, mean, variance}');
const looks = z.array(z.strictObject({ control: lookArm, treatment: lookArm })).max(10_000);
const weights = z.array(number).max(1000);
const prior = z.strictObject({ alpha: number, beta: number });
const ratioArm = z.strictObject({
  n: number,
  sum_num: number,
  sum_den: number,
  sum_num_sq: number,
  sum_den_sq: number,
  sum_num_den: number,
});
const cupedArm = z.strictObject({
  n: number,
  sum_post: number,
  sum_pre: number,
  sum_post_sq: number,
  sum_pre_sq: number,
  sum_post_pre: number,
});
const revenueArm = arm.extend({ revenue_sum: number.optional(), revenue_sum_sq: number.optional() });
const plan = z.strictObject({
  baseline_rate: number,
  alpha: number,
  sides: z.union([z.literal(1), z.literal(2)]).optional(),
  allocation_ratio: number.optional().describe('n_treatment / n_control, default 1'),
});
const effectPlan = plan.extend({ relative_mde: number.optional(), absolute_mde: number.optional() });
const touch = z.strictObject({ id: z.string(), user: z.string(), ts: number, campaign: z.string(), status: z.string() });
const conversion = z.strictObject({ id: z.string(), user: z.string(), ts: number, revenue_minor: number });

const statistics: Record<string, Method> = {
  rate_ci: method('A rate with Wilson, Clopper-Pearson and Jeffreys intervals', arm.extend({ confidence }), rateCi),
  two_proportion: method(
    'Two proportions: score p and intervals, and the usual reference lines',
    z.strictObject({ control: arm, treatment: arm, confidence }),
    twoProportion,
  ),
  fisher_exact: method('Two proportions, exact', z.strictObject({ control: arm, treatment: arm }), fisherExact),
  welch_t: method(
    'Two means with unequal variances',
    z.strictObject({ control: meanArm, treatment: meanArm, confidence }),
    welchT,
  ),
  ratio_delta: method(
    'Two ratios of sums over users',
    z.strictObject({ control: ratioArm, treatment: ratioArm, confidence }),
    ratioDelta,
  ),
  cuped: method(
    'Two means, adjusted by a covariate from before',
    z.strictObject({ control: cupedArm, treatment: cupedArm, confidence }),
    cuped,
  ),
  srm: method(
    'Sample ratio mismatch at the end',
    z.strictObject({ observed: z.array(number).max(1000), weights, alpha: number.optional().describe('Default 0.001') }),
    srm,
  ),
  p_adjust: method(
    'p-values of a family',
    z.strictObject({ p: z.array(number.nullable()).max(100_000), method: z.enum(adjustments) }),
    pAdjust,
  ),
  beta_binomial: method(
    'Chance to win and expected loss',
    z.strictObject({ control: arm, treatment: arm, prior: prior.optional().describe('Default Beta(1, 1)'), confidence }),
    betaBinomial,
  ),
  msprt: method('Always-valid p of a difference', z.strictObject({ tau_sq: number, alpha: number, looks }), msprt),
  confidence_sequence: method(
    'Intervals of a difference that hold at every look',
    z.strictObject({ alpha: number, n_star: number.describe('Units at which it is narrowest'), looks }),
    confidenceSequence,
  ),
  sequential_multinomial: method(
    'Counts of arms against weights at every look',
    z.strictObject({
      weights,
      concentration: number,
      alpha: number,
      cumulative_counts: z.array(z.array(number).max(1000)).max(10_000),
    }),
    sequentialMultinomial,
  ),
  guardrail_eprocess: method(
    'A rate against a threshold at every look',
    z.strictObject({ threshold: number, prior: prior.optional(), alpha: number, looks: z.array(arm).max(10_000) }),
    guardrailEprocess,
  ),
  group_sequential: method(
    'Bounds for planned looks',
    z.strictObject({
      looks: number,
      alpha: number,
      boundary: z.enum(boundaries),
      information: z.array(number).max(500).optional().describe('Rising to 1; equal steps unless given'),
    }),
    groupSequential,
  ),
  sample_size_proportions: method(
    'People needed to detect a difference of rates',
    effectPlan.extend({ power: number }),
    sampleSizeProportions,
  ),
  power_proportions: method('Chance to detect a difference of rates', effectPlan.extend({ n_control: number }), powerProportions),
  mde_proportions: method(
    'Smallest difference of rates that is detected',
    plan.extend({ n_control: number, power: number }),
    mdeProportions,
  ),
  sample_size_means: method(
    'People needed to detect a difference of means',
    plan.omit({ baseline_rate: true }).extend({ sd: number, absolute_mde: number, power: number }),
    sampleSizeMeans,
  ),
  incrementality: method(
    'What a campaign caused, from a hold-out',
    z.strictObject({ holdout: revenueArm, treated: revenueArm, cost: number.optional(), confidence }),
    incrementality,
  ),
  stratified: method(
    'Two arms within strata',
    z.strictObject({ strata: z.array(z.strictObject({ control: arm, treatment: arm })).max(10_000), confidence }),
    stratified,
  ),
  attribution_last_touch: method(
    'Conversions to their last touch',
    z.strictObject({
      touches: z.array(touch).max(10_000),
      conversions: z.array(conversion).max(10_000),
      window_hours: number,
      eligible_statuses: z.array(z.string()).optional().describe('Default delivered and read'),
    }),
    attributionLastTouch,
  ),
};

/** Every method of the calculator by name. */
export const methods: ReadonlyMap<string, Method> = new Map(Object.entries({ ...statistics, ...valueMethods }));
