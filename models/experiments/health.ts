import { srmAlpha, srmConcentration } from '../statistics/choices.ts';
import { sequentialMultinomial } from '../statistics/sequential-multinomial.ts';
import type { Design } from './design.ts';
import type { HealthCheck } from './document.ts';
import { armsSeen, cumulative, type Evidence, totalOf } from './evidence.ts';

/** People in the wrong place that are left out and forgiven: one in a thousand. */
const forgiven = 0.001;
/** Of a hold-out, messages that reached somebody by other ways than this campaign do not show here; these did. */
const forgivenContacts = 0.01;

/** What must hold before any effect is worth reading. */
export function checkHealth(design: Design, { steps }: Evidence): HealthCheck[] {
  const totals = new Map(armsSeen(steps).map((arm) => [arm, totalOf(steps, arm)]));
  const people = [...totals.values()].reduce((sum, total) => sum + total.people + total.crossed, 0);
  const crossed = [...totals.values()].reduce((sum, total) => sum + total.crossed, 0);
  const known = new Map(design.arms.map((arm) => [arm.id, arm]));
  const checks: HealthCheck[] = [];
  const wrong = (code: 'zero_weight' | 'unknown_arm', isWrong: (arm: string) => boolean) => {
    const arms = [...totals].filter(([arm, total]) => isWrong(arm) && total.people > 0);
    const count = arms.reduce((sum, [, total]) => sum + total.people, 0);
    checks.push({ code, ok: count === 0, count, p: null, arm: arms[0]?.[0] ?? null });
  };
  wrong('unknown_arm', (arm) => !known.has(arm));
  wrong('zero_weight', (arm) => known.get(arm)?.weight === 0);
  checks.push({ code: 'crossed', ok: crossed <= forgiven * people, count: crossed, p: null, arm: null });
  for (const { id, holdout } of design.arms) {
    if (!holdout) continue;
    const total = totals.get(id);
    const contacted = total?.contacted ?? 0;
    checks.push({
      code: 'holdout_contacted',
      ok: contacted <= forgivenContacts * (total?.people ?? 0),
      count: contacted,
      p: null,
      arm: id,
    });
  }
  checks.push(sampleRatio(design, steps));
  return checks;
}

/** Sample ratio by the sequential test over the steps: it may be looked at all the time. */
function sampleRatio({ arms }: Design, steps: Evidence['steps']): HealthCheck {
  const weighed = arms.filter(({ weight }) => weight > 0);
  const weights = weighed.map(({ weight }) => weight);
  const sums = weighed.map(({ id }) => cumulative(steps, id).map(({ people, crossed }) => people + crossed));
  const counts = steps.map((_, step) => sums.map((sum) => sum[step] ?? 0));
  const count = counts.at(-1)?.reduce((sum, one) => sum + one, 0) ?? 0;
  if (weighed.length < 2 || count === 0) return { code: 'sample_ratio', ok: true, count, p: null, arm: null };
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const { p_always_valid } = sequentialMultinomial({
    weights: weights.map((weight) => weight / total),
    concentration: srmConcentration,
    alpha: srmAlpha,
    cumulative_counts: counts,
  });
  const p = p_always_valid.at(-1) ?? 1;
  return { code: 'sample_ratio', ok: p > srmAlpha, count, p, arm: null };
}
