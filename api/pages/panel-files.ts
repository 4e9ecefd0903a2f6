import { SluiceError } from '../../sql/errors.ts';
import { toCsv } from '../csv.ts';
import { answerCsv } from '../metrics.ts';
import type { WorkerPool } from '../worker-pool.ts';
import { chartsOf, together } from './charts.ts';
import type { Panel } from './dashboard.ts';
import { panelQuery } from './panel-query.ts';
import { askPanels, type PanelAsk, type PanelData } from './panels.ts';

/** A file of one panel. */
export interface PanelFile {
  type: string;
  bytes: Uint8Array;
  name: string;
}

/** Panels whose table is cut by time; the others are asked over the whole range. */
const overTime: readonly Panel['chart'][] = ['rate_lines', 'age_curves', 'count_bars', 'vega_lite'];

/**
 * What a panel shows, as a file: `<panel>.csv`, `.arrow` and `.parquet` by the very query that the panel asks, `<panel>.svg` or
 * `<panel>.<metric>.svg` as the server draws it.
 * @throws SluiceError `not_found` for a panel or file that there is none of
 */
export async function panelFile(
  asked: PanelAsk,
  file: string,
  { pool, scheme }: { pool: WorkerPool | null; scheme: 'light' | 'dark' },
): Promise<PanelFile> {
  const { dashboard, warehouse, filters, campaign, words } = asked;
  const [id = '', ...rest] = file.split('.');
  const ending = rest.at(-1) ?? '';
  const panel = dashboard.panels.find((one) => one.id === id);
  const none = () => new SluiceError('not_found', { detail: `"${dashboard.name}" has no file ${file}` });
  if (panel === undefined) throw none();
  const name = `${dashboard.name}-${id}.${ending}`;

  if (ending === 'svg') {
    const [data, definitions] = await answeredPanel(asked, panel);
    const charts = chartsOf(data, definitions, words);
    const whole = () => together(charts, (metric) => words.metric(metric, definitions.get(metric)));
    const chart = rest.length > 1 ? charts.find((one) => one.name === rest[0]) : (whole() ?? undefined);
    if (chart === undefined || pool === null) throw none();
    const svg = await pool.run('drawChart', {
      chart: chart.chart,
      scheme,
      language: words.language,
      width: rest.length > 1 ? 360 : 760,
    });
    return { type: 'image/svg+xml; charset=utf-8', bytes: Buffer.from(svg), name };
  }
  if (panel.chart === 'source') {
    const [data] = await answeredPanel(asked, panel);
    if (ending !== 'csv' || data.kind !== 'source' || data.shown.table === undefined) throw none();
    const { header, rows } = data.shown.table;
    return { type: 'text/csv; charset=utf-8; header=present', bytes: Buffer.from(toCsv(header, rows)), name };
  }
  if (!('query' in panel)) throw none();
  const { metrics } = await warehouse.catalog();
  const definitions = new Map(metrics.map((definition) => [definition.name, definition]));
  const query = panelQuery(
    panel,
    { filters, campaign: campaign?.campaign_id ?? null, definitions },
    overTime.includes(panel.chart),
  );
  switch (ending) {
    case 'csv':
      return {
        type: 'text/csv; charset=utf-8; header=present',
        bytes: Buffer.from(answerCsv(query, await warehouse.metrics(query))),
        name,
      };
    case 'arrow':
      return { type: 'application/vnd.apache.arrow.stream', bytes: await warehouse.metricsArrow(query), name };
    case 'parquet': {
      if (pool === null) throw none();
      const arrow = await warehouse.metricsArrow(query);
      return { type: 'application/vnd.apache.parquet', bytes: await pool.run('arrowToParquet', arrow), name };
    }
    default:
      throw none();
  }
}

/** One panel alone, answered. */
async function answeredPanel(
  asked: PanelAsk,
  panel: Panel,
): Promise<[PanelData, Awaited<ReturnType<typeof askPanels>>['definitions']]> {
  const { panels, definitions } = await askPanels({ ...asked, dashboard: { ...asked.dashboard, filters: [], panels: [panel] } });
  const [data] = panels;
  if (data === undefined) throw new SluiceError('internal', { detail: `panel ${panel.id} gave nothing` });
  if (data.kind === 'failed') throw data.error;
  return [data, definitions];
}
