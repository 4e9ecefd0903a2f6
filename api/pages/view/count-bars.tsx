import { timeSpan } from '../../../dashboards/charts/chart.ts';
import { countBarsSpec } from '../../../dashboards/charts/count-bars.ts';
import type { MetricDefinition } from '../../../models/metric-query.ts';
import { countBars } from '../count-bars.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Behind, Plot } from './figure.tsx';
import { MetricTable } from './table.tsx';
import { tooltipTitles } from './tooltip.ts';

interface Props {
  data: Extract<PanelData, { kind: 'count_bars' }>;
  definitions: Map<string, MetricDefinition>;
  words: Words;
}

/** Counts over time as stacked bars, with their table behind. */
export function CountBars({ data, definitions, words }: Props) {
  const { panel, grain, series } = data;
  if (series.rows.length === 0) return <p class="quiet">{words.t('panel.none')}</p>;
  const metrics = panel.query.metrics.map((name) => ({ name, label: words.metric(name, definitions.get(name)) }));
  const labels = metrics.map(({ label }) => label);
  const description = words.t('chart.count.description', {
    metrics: words.list(labels),
    grain: words.t(`grain.${grain}`),
    points: words.count(series.rows.length),
  });
  const rows = countBars(series.rows, metrics, grain, words).map((bar) => ({ ...bar }));
  const span = timeSpan(
    rows.map(({ at }) => at),
    grain,
    { tail: true },
  );
  const spec = countBarsSpec(tooltipTitles(words, words.t('tooltip.what')), span, labels);
  return (
    <>
      <Plot chart={{ spec, rows }} description={description} size="large" />
      <Behind words={words}>
        <MetricTable
          title={words.text(panel.title)}
          words={words}
          rows={series.rows}
          metrics={panel.query.metrics}
          definitions={definitions}
          dimension="time"
          member={(id) => ({ label: id === null ? words.t('dimension.unknown') : words.bucket(id, grain) })}
        />
      </Behind>
    </>
  );
}
