import type { CountBar } from '../../dashboards/charts/count-bars.ts';
import type { Grain, MetricRow } from '../../models/metric-query.ts';
import { clockAsUtc } from './rate-points.ts';
import type { Words } from './words.ts';

const hours: Record<Grain, number> = { quarter_hour: 0.25, hour: 1, day: 24, week: 168, month: 672 };

/** The parts of the bars: one a time and metric. A bar takes 86 % of its interval. */
export function countBars(rows: MetricRow[], metrics: { name: string; label: string }[], grain: Grain, words: Words): CountBar[] {
  return rows.flatMap((row) => {
    const iso = row.dimensions['time'];
    if (iso == null) return [];
    const at = clockAsUtc(iso, words.zone);
    const until = new Date(Date.parse(at) + hours[grain] * 3_600_000 * 0.86).toISOString();
    let top = 0;
    return metrics.map(({ name, label }) => {
      const count = row.metrics[name]?.value ?? 0;
      const bottom = top;
      top += count;
      return { at, until, series: label, bottom, top, time: words.bucket(iso, grain), text: words.count(count) };
    });
  });
}
