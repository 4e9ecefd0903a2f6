import type { RatePoint } from '../../dashboards/charts/rate-line.ts';
import type { Grain, MetricDefinition, MetricRow } from '../../models/metric-query.ts';
import { wallClock } from './filters.ts';
import type { Words } from './words.ts';

/**
 * The points of one metric, in order of time; what has no interval of its own is its own ends. Intervals with fewer messages than the metric's minimum are left out. Where
 * final and open points meet, the later run begins with the last point of the earlier one, so that the line stays whole.
 */
export function ratePoints(rows: MetricRow[], definition: MetricDefinition, grain: Grain, words: Words): RatePoint[] {
  const shown = rows
    .flatMap((row) => {
      const at = row.dimensions['time'];
      const rate = row.metrics[definition.name];
      if (at == null || rate === undefined || rate.value === null) return [];
      if (definition.denominator !== null && rate.denominator < definition.minimum_denominator) return [];
      return [{ at, value: rate.value, low: rate.low ?? rate.value, high: rate.high ?? rate.value, rate }];
    })
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

  const points: RatePoint[] = [];
  let run = 0;
  for (const { at, value, low, high, rate } of shown) {
    const point: RatePoint = {
      at: clockAsUtc(at, words.zone),
      value,
      low,
      high,
      run,
      open: !rate.final,
      lone: false,
      time: words.bucket(at, grain),
      rate: words.figure(value, definition),
      interval: rate.low === null ? '–' : words.interval(low, high, value),
      counts:
        definition.kind === 'count'
          ? '–'
          : words.t('rate.of', { numerator: words.count(rate.numerator), denominator: words.count(rate.denominator) }),
      state: words.t(rate.final ? 'rate.final' : 'rate.open'),
    };
    const previous = points.at(-1);
    if (previous !== undefined && previous.open !== point.open) {
      run += 1;
      points.push({ ...previous, run, open: point.open });
    }
    points.push({ ...point, run });
  }
  const sizes = new Map<number, number>();
  for (const point of points) sizes.set(point.run, (sizes.get(point.run) ?? 0) + 1);
  return points.map((point) => ({ ...point, lone: sizes.get(point.run) === 1 }));
}

/** What a clock in the zone shows at an instant, written as UTC: Vega draws local or UTC time only. */
export function clockAsUtc(iso: string, zone: string): string {
  return `${wallClock(new Date(iso), zone)}Z`;
}
