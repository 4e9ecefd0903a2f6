import type { MetricDefinition } from '../../../models/metric-query.ts';
import { barsChart } from '../charts.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Behind, type FileLink, Plot } from './figure.tsx';
import { MetricTable } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'count_bars' }>;
  definitions: Map<string, MetricDefinition>;
  link: FileLink;
  words: Words;
}

/** Counts over time as stacked bars, with their table behind. */
export function CountBars({ data, definitions, link, words }: Props) {
  const { panel, grain, series } = data;
  const drawn = barsChart(data, definitions, words);
  if (drawn === null) return <p class="quiet">{words.t('panel.none')}</p>;
  return (
    <>
      <Plot chart={drawn.chart} description={drawn.description} size="large" words={words} image={{ link, file: 'svg' }} />
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
