import type { Grain, MetricAnswer, MetricDefinition } from '../../models/metric-query.ts';
import { SluiceError } from '../../sql/errors.ts';
import type { Warehouse } from '../warehouse.ts';
import { Asker } from './asker.ts';
import type { Dashboard, Panel } from './dashboard.ts';
import type { Filters } from './filters.ts';

type Of<C extends Panel['chart']> = Extract<Panel, { chart: C }>;

/** A panel with the answers it needs; `failed` when it could not be asked, which leaves its neighbours alone. */
export type PanelData =
  | { kind: 'rate_lines'; panel: Of<'rate_lines'>; grain: Grain; total: MetricAnswer; series: MetricAnswer }
  | { kind: 'count_bars'; panel: Of<'count_bars'>; grain: Grain; series: MetricAnswer }
  | { kind: 'funnel'; panel: Of<'funnel'>; total: MetricAnswer }
  | { kind: 'table'; panel: Of<'table'>; rows: MetricAnswer }
  | { kind: 'vega_lite'; panel: Of<'vega_lite'>; grain: Grain | null; rows: MetricAnswer }
  | { kind: 'failures'; panel: Of<'failures'>; failures: MetricAnswer }
  | { kind: 'failed'; panel: Panel; error: SluiceError };

export interface Answered {
  panels: PanelData[];
  definitions: Map<string, MetricDefinition>;
  freshness: Freshness;
}

/** Of all answers of a page: how new the data is, when it was computed, which marts serve an older state. */
export interface Freshness {
  watermark: string | null;
  builtAt: string | null;
  stale: string[];
}

/** Asks the warehouse everything that the panels of a dashboard show. `campaign` narrows a dashboard of that scope. */
export async function askPanels(
  warehouse: Warehouse,
  dashboard: Dashboard,
  filters: Filters,
  campaign: string | null,
): Promise<Answered> {
  const asker = new Asker(warehouse);
  const ask = (query: Panel['query'], grain?: Grain): Promise<MetricAnswer> => {
    return asker.ask({
      metrics: query.metrics,
      by: query.by,
      zone: filters.zone,
      from: filters.from,
      where: campaign === null ? query.where : { ...query.where, campaign: [campaign] },
      limit: query.limit,
      ...(filters.to === undefined ? {} : { to: filters.to }),
      ...(grain === undefined ? {} : { grain }),
    });
  };
  const fill = async (panel: Panel): Promise<PanelData> => {
    const chosen = 'grain' in panel && panel.grain !== undefined ? panel.grain : null;
    const grain = chosen === 'auto' ? filters.grain : chosen;
    switch (panel.chart) {
      case 'rate_lines': {
        const [total, series] = await Promise.all([ask(panel.query), ask(panel.query, grain ?? filters.grain)]);
        return { kind: 'rate_lines', panel, grain: grain ?? filters.grain, total, series };
      }
      case 'count_bars':
        return {
          kind: 'count_bars',
          panel,
          grain: grain ?? filters.grain,
          series: await ask(panel.query, grain ?? filters.grain),
        };
      case 'funnel':
        return { kind: 'funnel', panel, total: await ask(panel.query) };
      case 'table':
        return { kind: 'table', panel, rows: await ask(panel.query) };
      case 'vega_lite':
        return { kind: 'vega_lite', panel, grain, rows: await ask(panel.query, grain ?? undefined) };
      case 'failures':
        return { kind: 'failures', panel, failures: await ask(panel.query) };
    }
  };
  const [catalog, panels] = await Promise.all([
    warehouse.catalog(),
    Promise.all(
      dashboard.panels.map((panel) =>
        fill(panel).catch((error: unknown): PanelData => {
          if (error instanceof SluiceError) return { kind: 'failed', panel, error };
          throw error;
        }),
      ),
    ),
  ]);
  return {
    panels,
    definitions: new Map(catalog.metrics.map((definition) => [definition.name, definition])),
    freshness: freshnessOf(asker.answers),
  };
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
