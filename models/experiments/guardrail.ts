import { guardrailAlpha, guardrailPrior } from '../statistics/choices.ts';
import { guardrailEprocess } from '../statistics/guardrail-eprocess.ts';
import { controlOf, type Design, defaultGuardrails, type ExperimentArm, type Guardrail } from './design.ts';
import type { GuardrailReading } from './document.ts';
import { type ArmStep, cumulative, type Evidence } from './evidence.ts';

/**
 * Each guardrail in each arm that sends, over all people assigned so far, whether their window has passed or not: who has not opted
 * out yet counts as one who did not, so an alarm is never too early.
 */
export function readGuardrails(design: Design, { steps }: Evidence): GuardrailReading[] {
  const guardrails = design.plan?.guardrails ?? defaultGuardrails;
  const control = controlOf(design);
  return design.arms
    .filter(({ holdout }) => !holdout)
    .flatMap((arm) => {
      const sums = cumulative(steps, arm.id);
      return guardrails.flatMap((guardrail) => {
        if (guardrail.limit !== undefined) return againstLimit(arm, sums, guardrail.metric, guardrail.limit);
        if (guardrail.margin === undefined || arm.id === control.id || control.holdout) return [];
        return againstControl(design, { control, arm }, steps, guardrail.metric, guardrail.margin);
      });
    });
}

function againstLimit(
  { id }: ExperimentArm,
  sums: readonly ArmStep[],
  metric: Guardrail['metric'],
  limit: number,
): GuardrailReading {
  const last = sums.at(-1);
  const [n, x] = [last?.people ?? 0, last?.so_far[metric] ?? 0];
  const looks = sums.map((sum) => ({ n: sum.people, x: sum.so_far[metric] }));
  return { metric, arm: id, limit, margin: null, control: null, n, x, rate: n === 0 ? null : x / n, ...judged(looks, limit) };
}

/**
 * Non-inferiority to the control. Whoever opts out is in the arm with the chance w_t p_t / (w_t p_t + w_c p_c), where w are the
 * weights: people are independent of each other and put into arms by chance. So "p_t is at most (1 + margin) p_c" says that among all
 * who opt out the share of the arm is at most w_t (1 + margin) / (w_t (1 + margin) + w_c), whatever the rates are; the e-process for one rate
 * tests that at every message.
 * Source of the conditioning: J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson series",
 * Biometrika 31 (1940) 313-323; exact here because the arm is drawn for each person.
 */
function againstControl(
  { longest_delay_hours }: Design,
  { control, arm }: { control: ExperimentArm; arm: ExperimentArm },
  steps: Evidence['steps'],
  metric: Guardrail['metric'],
  margin: number,
): GuardrailReading {
  // Arms that are sent to at different hours have had different time so far; then only whole windows count.
  const late = longest_delay_hours > 0;
  const people = (sum: ArmStep | undefined) => (late ? sum?.mature : sum?.people) ?? 0;
  const events = (sum: ArmStep | undefined) => (late ? sum?.outcomes[metric] : sum?.so_far[metric]) ?? 0;
  const [c, t] = [cumulative(steps, control.id), cumulative(steps, arm.id)];
  const looks = steps.map((_, index) => ({ n: events(c[index]) + events(t[index]), x: events(t[index]) }));
  const share = (arm.weight * (1 + margin)) / (arm.weight * (1 + margin) + control.weight);
  const [n, x, of, among] = [people(t.at(-1)), events(t.at(-1)), events(c.at(-1)), people(c.at(-1))];
  return {
    metric,
    arm: arm.id,
    limit: among === 0 ? null : Math.min(1, (of / among) * (1 + margin)),
    margin,
    control: { arm: control.id, n: among, x: of },
    n,
    x,
    rate: n === 0 ? null : x / n,
    ...(share > 0 && share < 1 ? judged(looks, share) : { p: 1, alarm: false }),
  };
}

function judged(looks: readonly { n: number; x: number }[], threshold: number): Pick<GuardrailReading, 'p' | 'alarm'> {
  // A rate that was never above its limit needs no mathematics.
  if (looks.every(({ n, x }) => x <= threshold * n)) return { p: 1, alarm: false };
  const { p_always_valid } = guardrailEprocess({ threshold, prior: guardrailPrior(threshold), alpha: guardrailAlpha, looks });
  const p = p_always_valid.at(-1) ?? 1;
  return { p, alarm: p <= guardrailAlpha };
}
