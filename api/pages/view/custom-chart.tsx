import type { MetricDefinition } from '../../../models/metric-query.ts';
import { ownChart } from '../charts.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { Behind, type FileLink, Plot } from './figure.tsx';
import { MetricTable } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'vega_lite' }>;
  definitions: Map<string, MetricDefinition>;
  link: FileLink;
  words: Words;
}

/** A chart by a Vega-Lite specification of the dashboard's file, with its table behind. */
export function CustomChart({ data, definitions, link, words }: Props) {
  const { panel, rows, grain } = data;
  const drawn = ownChart(data, definitions, words);
  if (drawn === null) return <p class="quiet">{words.t('panel.none')}</p>;
  const dimension = grain === null ? (panel.query.by[0] ?? 'time') : 'time';
  return (
    <>
      <Plot chart={drawn.chart} description={drawn.description} size="large" words={words} image={{ link, file: 'svg' }} />
      <Behind words={words}>
        <MetricTable
          title={words.text(panel.title)}
          words={words}
          rows={rows.rows}
          metrics={panel.query.metrics}
          definitions={definitions}
          dimension={dimension}
          member={(id) => ({ label: id === null ? words.t('dimension.unknown') : grain === null ? id : words.bucket(id, grain) })}
        />
      </Behind>
    </>
  );
}
