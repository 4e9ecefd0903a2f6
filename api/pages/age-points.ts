import type { AgePoint } from '../../dashboards/charts/age-curves.ts';
import type { Grain, MetricDefinition, MetricRow } from '../../models/metric-query.ts';
import { compareMembers } from './dimension-order.ts';
import type { Words } from './words.ts';

/** Most cohorts that one chart draws: the newest. */
const mostCohorts = 7;

/** An age as the reader writes it. */
export const ageLabel = (minutes: string, words: Words): string => words.duration(60 * Number(minutes));

/** A cohort as the reader writes it: by its first day, or its month. */
const cohortLabel = (time: string, grain: Grain, words: Words): string => words.bucket(time, grain === 'month' ? 'month' : 'day');

export interface AgePoints {
  points: AgePoint[];
  /** In order: of ages the youngest first, of cohorts the oldest. */
  ages: string[];
  cohorts: string[];
}

/** The points of one metric by cohort and age; those of fewer messages than it needs are left out, and so are all but the newest cohorts. */
export function agePoints(rows: readonly MetricRow[], definition: MetricDefinition, grain: Grain, words: Words): AgePoints {
  const found = rows.flatMap(({ dimensions, metrics }) => {
    const { time, age } = dimensions;
    const rate = metrics[definition.name];
    if (time == null || age == null || rate === undefined || rate.value === null) return [];
    return rate.denominator < definition.minimum_denominator ? [] : [{ time, age, rate, value: rate.value }];
  });
  const times = [...new Set(found.map(({ time }) => time))].sort().slice(-mostCohorts);
  const kept = found.filter(({ time }) => times.includes(time));
  const ages = [...new Set(kept.map(({ age }) => age))].sort(compareMembers);
  const points = times.flatMap((time) =>
    kept
      .filter((one) => one.time === time)
      .sort((a, b) => compareMembers(a.age, b.age))
      .map(
        ({ age, value, rate }): AgePoint => ({
          age: ageLabel(age, words),
          cohort: cohortLabel(time, grain, words),
          value,
          rate: words.percent(value),
          interval: rate.low === null || rate.high === null ? '–' : words.interval(rate.low, rate.high, value),
          counts: words.t('rate.of', { numerator: words.count(rate.numerator), denominator: words.count(rate.denominator) }),
        }),
      ),
  );
  return { points, ages: ages.map((age) => ageLabel(age, words)), cohorts: times.map((time) => cohortLabel(time, grain, words)) };
}
