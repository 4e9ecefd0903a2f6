import type { MetricDefinition, MetricRow } from '../../../models/metric-query.ts';
import type { PanelData } from '../panels.ts';
import { clockAsUtc } from '../rate-points.ts';
import type { Words } from '../words.ts';
import { Behind, Plot } from './figure.tsx';
import { MetricTable } from './table.tsx';

interface Props {
  data: Extract<PanelData, { kind: 'vega_lite' }>;
  definitions: Map<string, MetricDefinition>;
  words: Words;
}

/**
 * A chart by a Vega-Lite specification of the dashboard's file. Its rows have the dimensions (`time` as the zone's clock, written
 * as UTC) and per metric `<name>`, `<name>_numerator`, `<name>_denominator`, `<name>_low`, `<name>_high`, `<name>_final`.
 */
export function CustomChart({ data, definitions, words }: Props) {
  const { panel, rows, grain } = data;
  if (rows.rows.length === 0) return <p class="quiet">{words.t('panel.none')}</p>;
  const title = words.text(panel.title);
  const description = words.t('chart.custom.description', {
    title,
    metrics: words.list(panel.query.metrics.map((name) => words.metric(name, definitions.get(name)))),
    points: words.count(rows.rows.length),
  });
  const spec = { width: 'container', ...panel.spec, data: { name: 'rows' } };
  const dimension = grain === null ? (panel.query.by[0] ?? 'time') : 'time';
  return (
    <>
      <Plot chart={{ spec, rows: rows.rows.map((row) => flatRow(row, words.zone)) }} description={description} size="large" />
      <Behind words={words}>
        <MetricTable
          title={title}
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
