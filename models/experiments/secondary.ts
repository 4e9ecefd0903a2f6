import { pAdjust } from '../statistics/p-adjust.ts';
import { type Pair, scoreEstimates, scoreP } from './compare.ts';
import { controlOf, type Design, variantsOf } from './design.ts';
import type { Secondary } from './document.ts';
import { type Evidence, type Outcomes, totalOf } from './evidence.ts';

const metrics: readonly (keyof Outcomes)[] = ['read', 'reply', 'click', 'conversion', 'unsubscribe', 'failure', 'negative_reply'];

/**
 * The metrics that are only looked at, over all people counted, with Benjamini-Hochberg over all of them together. They decide nothing.
 * Against a hold-out only what can happen without a message is compared.
 */
export function readSecondary(design: Design, { steps }: Evidence): Secondary[] {
  const control = controlOf(design);
  const c = totalOf(steps, control.id);
  const comparable = control.holdout ? (['conversion', 'unsubscribe'] as const) : metrics;
  const found = variantsOf(design).flatMap(({ id }) => {
    const t = totalOf(steps, id);
    return comparable
      .filter((metric) => metric !== design.metric)
      .map((metric) => {
        const pair: Pair = {
          control: { n: c.mature, x: c.outcomes[metric] },
          treatment: { n: t.mature, x: t.outcomes[metric] },
        };
        return { metric, arm: id, pair, p: pair.control.x + pair.treatment.x === 0 ? null : scoreP(pair) };
      });
  });
  const { adjusted } = pAdjust({ p: found.map(({ p }) => p), method: 'bh' });
  const side = (arm: string, { n, x }: Pair['control']) => ({ arm, n, x, value: n === 0 ? null : x / n });
  return found.map(({ metric, arm, pair, p }, index) => ({
    metric,
    arm,
    control: side(control.id, pair.control),
    treatment: side(arm, pair.treatment),
    absolute: scoreEstimates(pair, 0.95).absolute,
    p,
    p_adjusted: adjusted[index] ?? null,
  }));
}
