import type { MetricDefinition, MetricRow } from '../../../models/metric-query.ts';
import { type Filters, filterParams } from '../filters.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import { CountBars } from './count-bars.tsx';
import { CustomChart } from './custom-chart.tsx';
import { Failures } from './failures.tsx';
import { Funnel } from './funnel.tsx';
import { Legend } from './rate.tsx';
import { RateLines } from './rate-lines.tsx';
import { type Member, MetricTable } from './table.tsx';

/** Names for the values of a dimension, in the order in which a table lists them; those without messages are listed too. */
export type Members = Record<string, ReadonlyMap<string, Member>>;

export interface PanelProps {
  data: PanelData;
  definitions: Map<string, MetricDefinition>;
  members: Members;
  filters: Filters;
  words: Words;
}

/** One panel of a dashboard: its heading, its note, and what it shows. */
export function PanelSection(props: PanelProps) {
  const { panel } = props.data;
  const heading = `panel-${panel.id}`;
  return (
    <section class={`panel ${panel.chart}`} aria-labelledby={heading} data-key={panel.id}>
      <h2 id={heading}>{props.words.text(panel.title)}</h2>
      {panel.note === undefined ? null : <p class="quiet">{props.words.text(panel.note)}</p>}
      <PanelBody {...props} />
    </section>
  );
}

function PanelBody({ data, definitions, members, filters, words }: PanelProps) {
  switch (data.kind) {
    case 'rate_lines':
      return <RateLines data={data} definitions={definitions} words={words} />;
    case 'count_bars':
      return <CountBars data={data} definitions={definitions} words={words} />;
    case 'funnel':
      return <Funnel data={data} definitions={definitions} words={words} />;
    case 'vega_lite':
      return <CustomChart data={data} definitions={definitions} words={words} />;
    case 'failures':
      return <Failures data={data} words={words} />;
    case 'failed':
      return (
        <div class="problem" role="alert">
          <p>
            <strong>{words.t('panel.failed')}.</strong> {data.error.title}
            {data.error.detail === undefined ? '' : `: ${data.error.detail}`}. {data.error.mend}
          </p>
        </div>
      );
    case 'table': {
      const { panel } = data;
      const dimension = panel.query.by[0] ?? '';
      const known = members[dimension] ?? new Map<string, Member>();
      const metric = filters.sort?.startsWith(`${panel.id}.`) ? filters.sort.slice(panel.id.length + 1) : null;
      const by = metric !== null && panel.query.metrics.includes(metric) ? metric : null;
      const rows = arrangeRows(data.rows.rows, dimension, known, by);
      if (rows.length === 0) return <p class="quiet">{words.t('panel.none')}</p>;
      return (
        <>
          <MetricTable
            title={words.text(panel.title)}
            words={words}
            rows={rows}
            metrics={panel.query.metrics}
            definitions={definitions}
            dimension={dimension}
            member={(id) => (id === null ? { label: unknownLabel(dimension, words) } : (known.get(id) ?? { label: id }))}
            sort={{ by, href: (name) => filterParams(filters, { sort: `${panel.id}.${name}` }) }}
          />
          {data.rows.truncated ? <p class="quiet">{words.t('table.truncated', { n: words.count(rows.length) })}</p> : null}
          <Legend words={words} />
        </>
      );
    }
  }
}

function unknownLabel(dimension: string, { t }: Words): string {
  return t(dimension === 'campaign' ? 'campaign.none' : 'dimension.unknown');
}

/**
 * Rows in the order of the known members (those without messages included), the others after them as they came; or by one
 * metric, largest first and undefined last.
 */
export function arrangeRows(
  rows: MetricRow[],
  dimension: string,
  known: ReadonlyMap<string, Member>,
  by: string | null,
): MetricRow[] {
  const found = new Map(rows.map((row) => [row.dimensions[dimension] ?? null, row]));
  const listed = [...known.keys()].map((id): MetricRow => found.get(id) ?? { dimensions: { [dimension]: id }, metrics: {} });
  const others = rows.filter((row) => {
    const id = row.dimensions[dimension] ?? null;
    return id === null || !known.has(id);
  });
  const all = [...listed, ...others];
  if (by === null) return all;
  const rank = (row: MetricRow) => row.metrics[by]?.value ?? Number.NEGATIVE_INFINITY;
  return all.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}
