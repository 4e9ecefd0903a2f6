import { srmAlpha, srmConcentration } from '../statistics/choices.ts';
import { sequentialMultinomial } from '../statistics/sequential-multinomial.ts';
import { type SrmCell, srmDrillDown } from '../statistics/srm-drill-down.ts';
import type { Design } from './design.ts';
import type { HealthCheck, RatioSuspect } from './document.ts';
import { armsSeen, cumulative, type Evidence, type StratumCell, totalOf } from './evidence.ts';

/** People in the wrong place that are left out and forgiven: one in a thousand. */
const forgiven = 0.001;
/** Of a hold-out, messages that reached somebody by other ways than this campaign do not show here; these did. */
const forgivenContacts = 0.01;

/** What must hold before any effect is worth reading. */
export function checkHealth(design: Design, { steps, strata }: Evidence): HealthCheck[] {
  const totals = new Map(armsSeen(steps).map((arm) => [arm, totalOf(steps, arm)]));
  const people = [...totals.values()].reduce((sum, total) => sum + total.people + total.crossed, 0);
  const crossed = [...totals.values()].reduce((sum, total) => sum + total.crossed, 0);
  const known = new Map(design.arms.map((arm) => [arm.id, arm]));
  const checks: HealthCheck[] = [];
  const wrong = (code: 'zero_weight' | 'unknown_arm', isWrong: (arm: string) => boolean) => {
    const arms = [...totals].filter(([arm, total]) => isWrong(arm) && total.people > 0);
    const count = arms.reduce((sum, [, total]) => sum + total.people, 0);
    checks.push({ code, ok: count === 0, count, p: null, arm: arms[0]?.[0] ?? null, suspects: [] });
  };
  wrong('unknown_arm', (arm) => !known.has(arm));
  wrong('zero_weight', (arm) => known.get(arm)?.weight === 0);
  checks.push({ code: 'crossed', ok: crossed <= forgiven * people, count: crossed, p: null, arm: null, suspects: [] });
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
      suspects: [],
    });
  }
  if (design.weights_known !== false) checks.push(sampleRatio(design, steps, strata ?? []));
  return checks;
}

/** Sample ratio by the sequential test over the steps: it may be looked at all the time. */
function sampleRatio({ arms }: Design, steps: Evidence['steps'], strata: readonly StratumCell[]): HealthCheck {
  const weighed = arms.filter(({ weight }) => weight > 0);
  const weights = weighed.map(({ weight }) => weight);
  const sums = weighed.map(({ id }) => cumulative(steps, id).map(({ people, crossed }) => people + crossed));
  const counts = steps.map((_, step) => sums.map((sum) => sum[step] ?? 0));
  const count = counts.at(-1)?.reduce((sum, one) => sum + one, 0) ?? 0;
  const check = { code: 'sample_ratio', count, arm: null } as const;
  if (weighed.length < 2 || count === 0) return { ...check, ok: true, p: null, suspects: [] };
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const { p_always_valid } = sequentialMultinomial({
    weights: weights.map((weight) => weight / total),
    concentration: srmConcentration,
    alpha: srmAlpha,
    cumulative_counts: counts,
  });
  const p = p_always_valid.at(-1) ?? 1;
  const ok = p > srmAlpha;
  const of = { arms: weighed.map(({ id }) => id), weights };
  return { ...check, ok, p, suspects: ok ? [] : suspectsOf(of, steps, strata) };
}

/** At most so many are worth a look. */
const mostSuspects = 5;

/** The markets, segments and days whose shares are off by themselves. */
function suspectsOf(
  { arms, weights }: { arms: readonly string[]; weights: readonly number[] },
  steps: Evidence['steps'],
  strata: readonly StratumCell[],
): RatioSuspect[] {
  const cells = new Map<string, SrmCell & { of: Pick<RatioSuspect, 'dimension' | 'value'> }>();
  const add = (dimension: RatioSuspect['dimension'], value: string | null, arm: string, people: number) => {
    const key = `${dimension} ${value ?? '\0'}`;
    const cell = cells.get(key) ?? { dimension, value: key, observed: arms.map(() => 0), of: { dimension, value } };
    cells.set(key, { ...cell, observed: cell.observed.map((count, at) => count + (arms[at] === arm ? people : 0)) });
  };
  for (const { market, segment, arm_id, people } of strata) {
    add('market', market, arm_id, people);
    add('segment', segment, arm_id, people);
  }
  for (const { at, arms: parts } of steps) {
    const day = new Date(at).toISOString().slice(0, 10);
    for (const { arm_id, people, crossed } of parts) add('day', day, arm_id, people + crossed);
  }
  const named = [...cells.values()];
  return srmDrillDown({ cells: named.filter(({ observed }) => observed.some((count) => count > 0)), weights, alpha: srmAlpha })
    .filter(({ p }) => p < srmAlpha)
    .slice(0, mostSuspects)
    .flatMap(({ value, observed, p, explains }) => {
      const of = cells.get(value)?.of;
      return of === undefined ? [] : { ...of, people: observed.reduce((sum, one) => sum + one, 0), p, explains };
    });
}
