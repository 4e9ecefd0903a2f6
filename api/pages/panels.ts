import type { Grain, MetricAnswer, MetricDefinition } from '../../models/metric-query.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Warehouse } from '../warehouse.ts';
import { Asker } from './asker.ts';
import { campaignSpan } from './campaign-span.ts';
import type { Dashboard, Panel } from './dashboard.ts';
import { type Filters, previousPeriod } from './filters.ts';
import { ignoredFilters, type Narrowing, panelGrain, panelQuery } from './panel-query.ts';
import { type SourceAsk, type SourceView, sources } from './sources/sources.ts';

type Of<C extends Panel['chart']> = Extract<Panel, { chart: C }>;
/** Whole-range answers; `previous` is the period before or another campaign, where it was asked for. */
interface Totals {
  total: MetricAnswer;
  previous: MetricAnswer | null;
}

/** Answers over time. `span`: the time axis that all charts of the page share, as `clockAsUtc`; null where each has its own. */
interface OverTime {
  grain: Grain;
  series: MetricAnswer;
  span: [number, number] | null;
}

/** A panel with the answers it needs; `failed` when it could not be asked, which leaves its neighbours alone. */
export type PanelData = (
  | ({ kind: 'rate_lines'; panel: Of<'rate_lines'> } & OverTime & Totals)
  | ({ kind: 'figures'; panel: Of<'figures'> } & Totals)
  | { kind: 'age_curves'; panel: Of<'age_curves'>; grain: Grain; series: MetricAnswer }
  | ({ kind: 'count_bars'; panel: Of<'count_bars'> } & OverTime)
  | { kind: 'funnel'; panel: Of<'funnel'>; total: MetricAnswer }
  | { kind: 'bars'; panel: Of<'bars'>; rows: MetricAnswer }
  | { kind: 'heat_map'; panel: Of<'heat_map'>; rows: MetricAnswer }
  | { kind: 'table'; panel: Of<'table'>; rows: MetricAnswer }
  | { kind: 'vega_lite'; panel: Of<'vega_lite'>; grain: Grain | null; rows: MetricAnswer }
  | { kind: 'failures'; panel: Of<'failures'>; failures: MetricAnswer }
  | { kind: 'text'; panel: Of<'text'> }
  | { kind: 'source'; panel: Of<'source'>; shown: SourceView }
  | { kind: 'failed'; panel: Panel; error: SluiceError }
) & {
  /** Filters of the reader that this panel cannot follow. */
  ignored: string[];
};

export interface Answered {
  panels: PanelData[];
  definitions: Map<string, MetricDefinition>;
  freshness: Freshness;
  /** The values that the page's filters offer, by dimension. */
  choices: Map<string, string[]>;
}

/** Of all answers of a page: how new the data is, when it was computed, which marts serve an older state. */
export interface Freshness {
  watermark: string | null;
  builtAt: string | null;
  stale: string[];
}

/** What the panels of a page are asked with. */
export interface PanelAsk extends Omit<SourceAsk, 'definitions'> {
  warehouse: Warehouse;
  dashboard: Dashboard;
  filters: Filters;
  /** Whether to ask what the page's filters offer: live updates leave them alone. */
  offers: boolean;
}

/** Asks the warehouse everything that the panels of a dashboard show. `campaign` narrows a dashboard of that scope. */
export async function askPanels(asked: PanelAsk): Promise<Answered> {
  const { warehouse, dashboard, filters, campaign, now } = asked;
  const catalog = await warehouse.catalog();
  const definitions = new Map(catalog.metrics.map((definition) => [definition.name, definition]));
  const narrowing: Narrowing = { filters, campaign: campaign?.campaign_id ?? null, definitions };
  const asker = new Asker(warehouse);
  const ask = (panel: Extract<Panel, { query: unknown }>, series: boolean) => asker.ask(panelQuery(panel, narrowing, series));
  const before = async (panel: Extract<Panel, { query: unknown }>) => {
    if (filters.compare === null || panel.query.range !== 'page') return null;
    if (filters.compare === 'previous')
      return asker.ask({ ...panelQuery(panel, narrowing, false), ...previousPeriod(filters, now) });
    if (campaign === null) return null;
    // Campaigns run at different times and have arms of their own: the other one is asked as a whole.
    const { variant: _, ...where } = filters.where;
    const {
      from: _from,
      to: _to,
      ...whole
    } = panelQuery(panel, { ...narrowing, filters: { ...filters, where }, campaign: filters.compare.campaign }, false);
    return asker.ask(whole);
  };

  const span = campaign === null ? null : campaignSpan(campaign, filters, now);

  const fill = async (panel: Panel): Promise<PanelData> => {
    const ignored = 'query' in panel ? ignoredFilters(panel, narrowing) : [];
    const grain = 'query' in panel ? panelGrain(panel, filters) : null;
    switch (panel.chart) {
      case 'rate_lines': {
        const [total, previous, series] = await Promise.all([ask(panel, false), before(panel), ask(panel, true)]);
        return { kind: 'rate_lines', panel, ignored, grain: grain ?? filters.grain, total, previous, series, span };
      }
      case 'figures': {
        const [total, previous] = await Promise.all([ask(panel, false), before(panel)]);
        return { kind: 'figures', panel, ignored, total, previous };
      }
      case 'age_curves':
        return { kind: 'age_curves', panel, ignored, grain: grain ?? filters.grain, series: await ask(panel, true) };
      case 'count_bars':
        return { kind: 'count_bars', panel, ignored, grain: grain ?? filters.grain, series: await ask(panel, true), span };
      case 'funnel':
        return { kind: 'funnel', panel, ignored, total: await ask(panel, false) };
      case 'bars':
        return { kind: 'bars', panel, ignored, rows: await ask(panel, false) };
      case 'heat_map':
        return { kind: 'heat_map', panel, ignored, rows: await ask(panel, false) };
      case 'table':
        return { kind: 'table', panel, ignored, rows: await ask(panel, false) };
      case 'vega_lite':
        return { kind: 'vega_lite', panel, ignored, grain, rows: await ask(panel, true) };
      case 'failures':
        return { kind: 'failures', panel, ignored, failures: await ask(panel, false) };
      case 'text':
        return { kind: 'text', panel, ignored };
      case 'source':
        return { kind: 'source', panel, ignored, shown: await sources[panel.source]({ ...asked, definitions }) };
    }
  };
  const [panels, choices] = await Promise.all([
    Promise.all(
      dashboard.panels.map((panel) =>
        fill(panel).catch((error: unknown): PanelData => {
          if (error instanceof SluiceError) return { kind: 'failed', panel, error, ignored: [] };
          throw error;
        }),
      ),
    ),
    askChoices(asker, asked),
  ]);
  return { panels, definitions, freshness: freshnessOf(asker.answers), choices };
}

const mostChoices = 100;
/**
 * The values that each filter of the page can take in its range; one that cannot be asked offers what is chosen already. Asked as a
 * panel by the same dimension asks, so that the two are one question while nothing is chosen.
 */
async function askChoices(asker: Asker, { dashboard, filters, campaign, offers }: PanelAsk): Promise<Map<string, string[]>> {
  if (!offers) return new Map();
  const choices = await Promise.all(
    dashboard.filters.map(async (name): Promise<[string, string[]]> => {
      const { zone, from, to } = filters;
      const range = to === undefined ? { from } : { from, to };
      const where: Record<string, string[]> = campaign === null ? {} : { campaign: [campaign.campaign_id] };
      const query = { metrics: ['messages_requested'], by: [name], zone, ...range, where, limit: 1_000 };
      const found = await asker.ask(query).then(
        ({ rows }) => rows.flatMap(({ dimensions }) => dimensions[name] ?? []).slice(0, mostChoices),
        (error: unknown) => {
          if (error instanceof SluiceError) return [];
          throw error;
        },
      );
      return [name, [...new Set([...found, ...(filters.where[name] ?? [])])]];
    }),
  );
  return new Map(choices);
}

function freshnessOf(answers: MetricAnswer[]): Freshness {
  const newest = (times: (string | null)[]) =>
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null;
  return {
    watermark: newest(answers.map(({ watermark }) => watermark)),
    builtAt: newest(answers.map(({ built_at }) => built_at)),
    stale: [...new Set(answers.flatMap(({ stale }) => stale))].sort(),
  };
}
