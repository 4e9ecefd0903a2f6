import type { MetricDefinition, MetricRow } from '../../../models/metric-query.ts';
import { drillOf } from '../drill.ts';
import { type Filters, filterParams } from '../filters.ts';
import type { PanelData } from '../panels.ts';
import { toldError } from '../told-error.ts';
import type { Words } from '../words.ts';
import { AgeCurves } from './age-curves.tsx';
import { Bars } from './bars.tsx';
import { CountBars } from './count-bars.tsx';
import { CustomChart } from './custom-chart.tsx';
import { Failures } from './failures.tsx';
import { type FileLink, Plot } from './figure.tsx';
import { Figures } from './figures.tsx';
import { Funnel } from './funnel.tsx';
import { HeatMap } from './heat-map.tsx';
import { PanelFoot } from './panel-foot.tsx';
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
  /** The path of the page's content; the panel's files lie under it. */
  base: string;
  /** On the page of one campaign: which. */
  campaign: string | null;
}

/** One panel of a dashboard: its heading, its note, what it shows, how new that is, and the ways to take it along. */
export function PanelSection(props: PanelProps) {
  const { data, words } = props;
  const { panel } = data;
  const heading = `panel-${panel.id}`;
  const width = panel.width === undefined ? '' : ` span-${panel.width}`;
  return (
    <section class={`panel chart-${panel.chart}${width}`} aria-labelledby={heading} data-key={panel.id}>
      <h2 id={heading}>{words.text(panel.title)}</h2>
      {panel.note === undefined ? null : <p class="quiet">{words.text(panel.note)}</p>}
      <PanelBody {...props} />
      <PanelFoot {...props} link={fileLink(props)} />
    </section>
  );
}

function fileLink({ data, filters, words, base }: PanelProps): FileLink {
  return (file, change = { scheme: 'light' }) =>
    `${base}/${data.panel.id}.${file}${filterParams({ ...filters, sort: null }, { lang: words.language, ...(file.endsWith('svg') ? change : {}) })}`;
}

function PanelBody(props: PanelProps) {
  const { data, definitions, members, filters, words, campaign } = props;
  const link = fileLink(props);
  const drill = 'query' in data.panel ? drillOf(data.panel, { filters, campaign, definitions }) : () => null;
  const against = rivalName(filters, members);
  switch (data.kind) {
    case 'rate_lines':
      return <RateLines data={data} definitions={definitions} link={link} words={words} drill={drill} against={against} />;
    case 'age_curves':
      return <AgeCurves data={data} definitions={definitions} link={link} words={words} />;
    case 'figures':
      return <Figures data={data} definitions={definitions} words={words} drill={drill} against={against} />;
    case 'count_bars':
      return <CountBars data={data} definitions={definitions} link={link} words={words} />;
    case 'funnel':
      return <Funnel data={data} definitions={definitions} words={words} drill={drill} />;
    case 'vega_lite':
      return <CustomChart data={data} definitions={definitions} link={link} words={words} />;
    case 'bars': {
      const [dimension = ''] = data.panel.query.by;
      return (
        <Bars data={data} definitions={definitions} member={(id) => memberOf(members, dimension, id, words)} words={words} />
      );
    }
    case 'heat_map':
      return (
        <HeatMap
          data={data}
          definitions={definitions}
          member={(dimension, id) => memberOf(members, dimension, id, words)}
          words={words}
        />
      );
    case 'failures':
      return <Failures data={data} words={words} drill={drill} />;
    case 'text':
      return (
        <>
          {words
            .text(data.panel.text)
            .split(/\n\s*\n/)
            .map((paragraph) => (
              <p key={paragraph}>{paragraph.trim()}</p>
            ))}
        </>
      );
    case 'source': {
      const { chart, view } = data.shown;
      return (
        <>
          {chart === undefined ? null : (
            <Plot chart={chart.chart} description={chart.description} size="small" words={words} image={{ link, file: 'svg' }} />
          )}
          {view}
        </>
      );
    }
    case 'failed': {
      const { title, detail, detailLanguage, mend } = toldError(data.error, words.language);
      const said = detailLanguage === words.language ? detail : <span lang={detailLanguage}>{detail}</span>;
      return (
        <div class="problem" role="alert">
          <p>
            <strong>{words.t('panel.failed')}.</strong> {detail === undefined ? title : words.labelled(title, '')}
            {said}. {mend}
          </p>
        </div>
      );
    }
    case 'table': {
      const { panel } = data;
      const dimension = panel.query.by[0] ?? '';
      const known = members[dimension] ?? new Map<string, Member>();
      const metric = filters.sort?.startsWith(`${panel.id}.`) ? filters.sort.slice(panel.id.length + 1) : null;
      const by = metric !== null && panel.query.metrics.includes(metric) ? metric : null;
      const kept = filters.where[dimension];
      const listed = kept === undefined ? known : new Map([...known].filter(([id]) => kept.includes(id)));
      const rows = arrangeRows(data.rows.rows, dimension, listed, by);
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
            member={(id) => memberOf(members, dimension, id, words)}
            drill={drill}
            sort={{ by, href: (name) => filterParams(filters, { sort: `${panel.id}.${name}` }) }}
          />
          {data.rows.truncated ? <p class="quiet">{words.t('table.truncated', { n: rows.length })}</p> : null}
          <Legend words={words} />
        </>
      );
    }
  }
}

/** The campaign that this one is compared with, by name; null for the period before. */
function rivalName({ compare }: Filters, members: Members): string | null {
  if (compare === null || compare === 'previous') return null;
  return members['campaign']?.get(compare.campaign)?.label ?? compare.campaign;
}

/** How a value of a dimension is called: by what the page knows of it, else by the language, else as it is. */
function memberOf(members: Members, dimension: string, id: string | null, words: Words): Member {
  if (id === null) return { label: unknownLabel(dimension, words) };
  const known = members[dimension]?.get(id);
  if (known !== undefined) return known;
  if (dimension === 'weekday') return { label: words.weekday(Number(id)) };
  return { label: words.member(dimension, id) };
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
