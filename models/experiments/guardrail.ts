import { guardrailAlpha, guardrailPrior } from '../statistics/choices.ts';
import { guardrailEprocess } from '../statistics/guardrail-eprocess.ts';
import { type Design, defaultGuardrails } from './design.ts';
import type { GuardrailReading } from './document.ts';
import { cumulative, type Evidence } from './evidence.ts';

/**
 * Each guardrail in each arm that sends, over all people assigned so far, whether their window has passed or not: who has not opted
 * out yet counts as one who did not, so an alarm is never too early.
 */
export function readGuardrails(design: Design, { steps }: Evidence): GuardrailReading[] {
  const guardrails = design.plan?.guardrails ?? defaultGuardrails;
  return design.arms
    .filter(({ holdout }) => !holdout)
    .flatMap(({ id }) => {
      const sums = cumulative(steps, id);
      const last = sums.at(-1);
      return guardrails.map(({ metric, limit }): GuardrailReading => {
        const n = last?.people ?? 0;
        const x = last?.so_far[metric] ?? 0;
        const reading = { metric, arm: id, limit, n, x, rate: n === 0 ? null : x / n };
        const looks = sums.map((sum) => ({ n: sum.people, x: sum.so_far[metric] }));
        // A rate that was never above its limit needs no mathematics.
        if (looks.every((look) => look.x <= limit * look.n)) return { ...reading, p: 1, alarm: false };
        const { p_always_valid } = guardrailEprocess({
          threshold: limit,
          prior: guardrailPrior(limit),
          alpha: guardrailAlpha,
          looks,
        });
        const p = p_always_valid.at(-1) ?? 1;
        return { ...reading, p, alarm: p <= guardrailAlpha };
      });
    });
}
