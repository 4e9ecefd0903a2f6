import { ageCurvesSpec } from '../../dashboards/charts/age-curves.ts';
import { type Chart, stillSpec, timeSpan } from '../../dashboards/charts/chart.ts';
import { countBarsSpec } from '../../dashboards/charts/count-bars.ts';
import { rateLineSpec } from '../../dashboards/charts/rate-line.ts';
import type { MetricDefinition, MetricRow } from '../../models/metric-query.ts';
import { agePoints } from './age-points.ts';
import { countBars } from './count-bars.ts';
import type { PanelData } from './panels.ts';
import { clockAsUtc, ratePoints } from './rate-points.ts';
import { tooltipTitles } from './view/tooltip.ts';
import type { Words } from './words.ts';

/** A chart of a panel, by the name of its file: empty for the only one, the metric's for one of several. */
export interface NamedChart {
  name: string;
  chart: Chart;
  description: string;
}

type Definitions = ReadonlyMap<string, MetricDefinition>;

/** The chart of one metric over time; null when no interval has enough. */
export function lineChart(
  metric: string,
  data: Extract<PanelData, { kind: 'rate_lines' }>,
  definitions: Definitions,
  words: Words,
): NamedChart | null {
  const definition = definitions.get(metric);
  const points = definition === undefined ? [] : ratePoints(data.series.rows, definition, data.grain, words);
  if (definition === undefined || points.length === 0) return null;
  const label = words.metric(metric, definition);
  const description = words.t(definition.kind === 'rate' ? 'chart.rate.description' : 'chart.line.description', {
    metric: label,
    grain: words.t(`grain.${data.grain}`),
    points: points.length,
    value: points.at(-1)?.rate ?? '',
    minimum: definition.minimum_denominator,
  });
  const instants = points.map(({ at }) => at);
  const spec = rateLineSpec(
    tooltipTitles(words, label),
    data.span === null ? timeSpan(instants, data.grain) : { grain: data.grain, domain: data.span },
    definition.direction === 'lower_is_better' ? '$warn' : '$accent',
    { unit: axisUnit(definition, points), lone: points.some(({ lone }) => lone) },
  );
  return { name: metric, chart: { spec, rows: points.map((point) => ({ ...point })) }, description };
}

function axisUnit({ unit }: MetricDefinition, points: readonly { value: number }[]) {
  if (unit === 'share' || unit === 'seconds') return unit;
  return points.every(({ value }) => value === 0) ? 'nothing' : 'number';
}

/** How far messages had come by an age; null when no cohort has enough. */
export function ageChart(
  metric: string,
  data: Extract<PanelData, { kind: 'age_curves' }>,
  definitions: Definitions,
  words: Words,
): NamedChart | null {
  const definition = definitions.get(metric);
  if (definition === undefined) return null;
  const { points, ages, cohorts } = agePoints(data.series.rows, definition, data.grain, words);
  if (points.length === 0) return null;
  const label = words.metric(metric, definition);
  const { value, interval, counts } = tooltipTitles(words, label);
  const titles = { age: words.dimension('age'), cohort: words.t('tooltip.sent'), value, interval, counts };
  return {
    name: metric,
    chart: { spec: ageCurvesSpec(titles, ages, cohorts), rows: points.map((point) => ({ ...point })) },
    description: words.t('chart.age.description', {
      metric: label,
      grain: words.t(`grain.${data.grain}`),
      cohorts: cohorts.length,
      age: points.at(-1)?.age ?? '',
      value: points.at(-1)?.rate ?? '',
    }),
  };
}

/** Counts over time; null when there are none. */
export function barsChart(
  { panel, grain, series, span: shown }: Extract<PanelData, { kind: 'count_bars' }>,
  definitions: Definitions,
  words: Words,
): NamedChart | null {
  if (series.rows.length === 0) return null;
  const metrics = panel.query.metrics.map((name) => ({ name, label: words.metric(name, definitions.get(name)) }));
  const labels = metrics.map(({ label }) => label);
  const description = words.t('chart.count.description', {
    metrics: words.list(labels),
    grain: words.t(`grain.${grain}`),
    points: series.rows.length,
  });
  const rows = countBars(series.rows, metrics, grain, words).map((bar) => ({ ...bar }));
  const whole = () =>
    timeSpan(
      rows.map(({ at }) => at),
      grain,
      { tail: true },
    );
  const span = shown === null ? whole() : { grain, domain: shown };
  return {
    name: '',
    chart: { spec: countBarsSpec(tooltipTitles(words, words.t('tooltip.what')), span, labels), rows },
    description,
  };
}

/**
 * A chart by the specification of the dashboard's file. Its rows have the dimensions (`time` as the zone's clock, written as UTC)
 * and per metric `<name>`, `<name>_numerator`, `<name>_denominator`, `<name>_low`, `<name>_high`, `<name>_final`.
 */
export function ownChart(
  { panel, rows }: Extract<PanelData, { kind: 'vega_lite' }>,
  definitions: Definitions,
  words: Words,
): NamedChart | null {
  if (rows.rows.length === 0) return null;
  const description = words.t('chart.custom.description', {
    title: words.text(panel.title),
    metrics: words.list(panel.query.metrics.map((name) => words.metric(name, definitions.get(name)))),
    points: rows.rows.length,
  });
  const spec = { width: 'container', ...panel.spec, data: { name: 'rows' } };
  return { name: '', chart: { spec, rows: rows.rows.map((row) => flatRow(row, words.zone)) }, description };
}

/** Several charts as one, side by side: a panel's image. What answers the pointer is left out, for the names of selections would meet. */
export function together(charts: NamedChart[], title: (name: string) => string): NamedChart | null {
  const [first, ...others] = charts;
  if (first === undefined || others.length === 0) return first ?? null;
  const concat = charts.map(({ name, chart: { spec, rows } }) => {
    return {
      ...stillSpec(spec),
      title: title(name),
      width: 260,
      data: { values: rows },
    };
  });
  return { name: '', chart: { spec: { concat, columns: 4, spacing: 28 }, rows: [] }, description: first.description };
}

/** All charts of a panel. */
export function chartsOf(data: PanelData, definitions: Definitions, words: Words): NamedChart[] {
  switch (data.kind) {
    case 'rate_lines':
      return data.panel.query.metrics.flatMap((metric) => lineChart(metric, data, definitions, words) ?? []);
    case 'age_curves':
      return data.panel.query.metrics.flatMap((metric) => ageChart(metric, data, definitions, words) ?? []);
    case 'count_bars':
      return [barsChart(data, definitions, words)].flatMap((chart) => chart ?? []);
    case 'vega_lite':
      return [ownChart(data, definitions, words)].flatMap((chart) => chart ?? []);
    case 'source':
      return data.shown.chart === undefined ? [] : [data.shown.chart];
    default:
      return [];
  }
}

function flatRow(row: MetricRow, zone: string): Record<string, string | number | boolean | null> {
  const flat: Record<string, string | number | boolean | null> = { ...row.dimensions };
  if (row.dimensions['time'] != null) flat['time'] = clockAsUtc(row.dimensions['time'], zone);
  for (const [name, { value, numerator, denominator, low, high, final }] of Object.entries(row.metrics)) {
    flat[name] = value;
    flat[`${name}_numerator`] = numerator;
    flat[`${name}_denominator`] = denominator;
    flat[`${name}_low`] = low;
    flat[`${name}_high`] = high;
    flat[`${name}_final`] = final;
  }
  return flat;
}
