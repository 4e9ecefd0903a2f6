import type { MetricDefinition } from '../../models/metric-query.ts';
import { messageCounts, messageDimensions } from '../message-desk.ts';
import type { QueryPanel } from './dashboard.ts';
import { filterParams } from './filters.ts';
import { type Narrowing, panelQuery } from './panel-query.ts';

/** The address of the messages that a metric counts, of one value of a dimension where one is named; null where they cannot be listed. */
export type Drill = (metric: string, of?: { dimension: string; value: string | null }) => string | null;

/** The drill of a panel: with the filters, and of the campaign, that the panel asks by. */
export function drillOf(panel: QueryPanel, narrowing: Narrowing): Drill {
  const { filters, definitions } = narrowing;
  const { where } = panelQuery(panel, narrowing, false);
  return (metric, of) => {
    const counts = countedMessages(definitions.get(metric));
    if (counts === null || panel.query.range === 'all' || of?.value === null) return null;
    const kept: Record<string, string[]> = of === undefined ? where : { ...where, [of.dimension]: [of.value] };
    if (!Object.keys(kept).every((name) => messageDimensions.some((known) => known === name))) return null;
    return `/messages/${counts}${filterParams({ ...filters, sort: null, compare: null, where: kept })}`;
  };
}

/** What part of the funnel a metric counts; null for what is not of messages. */
function countedMessages(definition: MetricDefinition | undefined): string | null {
  if (definition === undefined || definition.kind === 'ratio' || !definition.dimensions.includes('variant')) return null;
  return messageCounts.find((name) => name === definition.numerator) ?? null;
}
