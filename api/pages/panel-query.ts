import type { Grain, MetricDefinition, MetricQuery } from '../../models/metric-query.ts';
import type { QueryPanel } from './dashboard.ts';
import type { Filters } from './filters.ts';

/** What narrows the queries of a page. */
export interface Narrowing {
  filters: Filters;
  /** On the page of one campaign: which. */
  campaign: string | null;
  definitions: ReadonlyMap<string, MetricDefinition>;
}

/** The dimensions of the reader's filters that every metric of a panel knows, and those that one does not. */
function appliedFilters({ query }: QueryPanel, { filters, definitions }: Narrowing): { applied: string[]; ignored: string[] } {
  const knows = (name: string) => query.metrics.every((metric) => definitions.get(metric)?.dimensions.includes(name) ?? true);
  const names = Object.keys(filters.where);
  return { applied: names.filter(knows), ignored: names.filter((name) => !knows(name)) };
}

/** Filters of the reader that a panel cannot follow. */
export function ignoredFilters(panel: QueryPanel, narrowing: Narrowing): string[] {
  return appliedFilters(panel, narrowing).ignored;
}

/** The panel's question as it is asked: over the whole range, or cut by `series`. Page, export and API ask the same. */
export function panelQuery(panel: QueryPanel, narrowing: Narrowing, series: boolean): MetricQuery {
  const { query } = panel;
  const { filters, campaign } = narrowing;
  const where: Record<string, string[]> = { ...query.where };
  for (const name of appliedFilters(panel, narrowing).applied) {
    const kept = filters.where[name] ?? [];
    const given = where[name];
    where[name] = given === undefined ? kept : kept.filter((value) => given.includes(value));
  }
  if (campaign !== null) where['campaign'] = [campaign];
  const grain = panelGrain(panel, filters);
  return {
    metrics: query.metrics,
    by: query.by,
    zone: filters.zone,
    where,
    limit: query.limit,
    ...(query.range === 'all' ? {} : { from: filters.from }),
    ...(query.range === 'all' || filters.to === undefined ? {} : { to: filters.to }),
    ...(series && grain !== null ? { grain } : {}),
  };
}

/** By what a panel cuts time; null where it does not. */
export function panelGrain(panel: QueryPanel, filters: Pick<Filters, 'grain' | 'cohort'>): Grain | null {
  if (panel.chart === 'age_curves') return filters.cohort;
  const chosen = 'grain' in panel && panel.grain !== undefined ? panel.grain : null;
  return chosen === 'auto' ? filters.grain : chosen;
}

/** The query as the parameters of `GET /v1/metrics`. */
export function apiParams({ metrics, by, grain, from, to, zone, where, limit }: MetricQuery): string {
  const escaped = (text: string) => text.replace(/[\\,|]/g, '\\$&');
  const params = new URLSearchParams({ metrics: metrics.join(',') });
  if (by.length > 0) params.set('by', by.join(','));
  if (grain !== undefined) params.set('grain', grain);
  if (from !== undefined) params.set('from', from.toISOString());
  if (to !== undefined) params.set('to', to.toISOString());
  if (zone !== 'UTC') params.set('zone', zone);
  for (const [name, values] of Object.entries(where)) params.append('where', `${name}:${values.map(escaped).join('|')}`);
  params.set('limit', String(limit));
  return params.toString();
}
