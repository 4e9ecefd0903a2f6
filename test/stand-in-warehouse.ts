import type { CampaignDetail, Warehouse } from '../api/warehouse.ts';
import type { Grain, MetricAnswer, MetricDefinition, MetricQuery, MetricRow, MetricValue } from '../models/metric-query.ts';
import { SluiceError } from '../sql/errors.ts';

/** Messages that share everything the pages can cut by. Counts by the names of the metrics. */
export interface Bucket {
  at: string;
  dimensions: Record<string, string | null>;
  counts: Record<string, number>;
  final: boolean;
}

export interface StandIn {
  buckets: Bucket[];
  campaigns: CampaignDetail[];
  failures: Record<string, { error_code: number | null; title: string | null; messages: number }[]>;
  stale?: string[];
}

const counts = ['requested', 'attempted', 'delivered', 'read', 'replied', 'clicked', 'converted', 'unsubscribed', 'failed'];
const rates: [name: string, numerator: string, denominator: string][] = [
  ['delivery_rate', 'delivered', 'attempted'],
  ['read_rate', 'read', 'delivered'],
  ['reply_rate', 'replied', 'delivered'],
  ['click_rate', 'clicked', 'delivered'],
  ['conversion_rate', 'converted', 'delivered'],
  ['unsubscribe_rate', 'unsubscribed', 'delivered'],
  ['failure_rate', 'failed', 'attempted'],
];
const dimensions = ['campaign', 'variant', 'segment', 'market', 'template', 'phone_number'];

const definition = (name: string, numerator: string, denominator: string | null): MetricDefinition => ({
  name,
  label: name,
  description: `the definition of ${name}`,
  kind: denominator === null ? 'count' : 'rate',
  numerator,
  denominator,
  unit: denominator === null ? 'messages' : 'share',
  direction: /failure|unsubscribe/.test(name) ? 'lower_is_better' : 'higher_is_better',
  minimum_denominator: denominator === null ? 0 : 30,
  dimensions,
});
export const standInDefinitions: MetricDefinition[] = [
  ...counts.map((name) => definition(name, name, null)),
  ...rates.map(([name, numerator, denominator]) => definition(name, numerator, denominator)),
];

const hour = 3_600_000;
/** Start of the interval; zones other than UTC are cut by their offset of the day, which is enough for tests. */
function intervalStart(at: number, grain: Grain): number {
  if (grain === 'quarter_hour') return Math.floor(at / (hour / 4)) * (hour / 4);
  return Math.floor(at / (grain === 'hour' ? hour : 24 * hour)) * (grain === 'hour' ? hour : 24 * hour);
}

/** A warehouse in memory that answers what pages ask, from rows that a test wrote. What pages never ask is refused. */
export function standInWarehouse(data: StandIn): Warehouse {
  const refused = async (): Promise<never> => {
    throw new SluiceError('internal', { detail: 'pages have no business here' });
  };
  const metrics = async (query: MetricQuery): Promise<MetricAnswer> => {
    for (const name of query.metrics) {
      if (!standInDefinitions.some((known) => known.name === name)) {
        throw new SluiceError('query_invalid', { detail: `there is no metric "${name}"`, field: 'metrics' });
      }
    }
    const fits = ({ at, dimensions }: Bucket) =>
      (query.from === undefined || new Date(at) >= query.from) &&
      (query.to === undefined || new Date(at) < query.to) &&
      Object.entries(query.where).every(([name, values]) => values.includes(dimensions[name] ?? ''));
    const groups = new Map<string, { dimensions: Record<string, string | null>; buckets: Bucket[] }>();
    for (const bucket of data.buckets.filter(fits)) {
      const key: Record<string, string | null> = Object.fromEntries(
        query.by.map((name) => [name, bucket.dimensions[name] ?? null]),
      );
      if (query.grain !== undefined) key['time'] = new Date(intervalStart(Date.parse(bucket.at), query.grain)).toISOString();
      const text = JSON.stringify(key);
      const group = groups.get(text) ?? { dimensions: key, buckets: [] };
      group.buckets.push(bucket);
      groups.set(text, group);
    }
    const grouped = query.by.length > 0 || query.grain !== undefined;
    if (!grouped && groups.size === 0) groups.set('', { dimensions: {}, buckets: [] });
    const rows = [...groups.values()].map(
      ({ dimensions, buckets }): MetricRow => ({
        dimensions,
        metrics: Object.fromEntries(query.metrics.map((name) => [name, metricValue(name, buckets)])),
      }),
    );
    rows.sort((a, b) => String(a.dimensions['time'] ?? '').localeCompare(String(b.dimensions['time'] ?? '')));
    return {
      rows: rows.slice(0, query.limit),
      truncated: rows.length > query.limit,
      watermark:
        data.buckets
          .map(({ at }) => at)
          .sort()
          .at(-1) ?? null,
      built_at: data.buckets.length === 0 ? null : '2026-11-21T12:00:05.000Z',
      stale: data.stale ?? [],
    };
  };
  return {
    metrics,
    catalog: async () => ({ metrics: standInDefinitions, dimensions: dimensions.map((name) => ({ name, description: name })) }),
    campaigns: async () => data.campaigns,
    campaign: async (id) => data.campaigns.find((campaign) => campaign.campaign_id === id) ?? null,
    failures: async (id) => data.failures[id] ?? [],
    metricsArrow: refused,
    status: refused,
    quarantineList: refused,
    quarantineReplay: refused,
    buildModels: refused,
    copyTo: refused,
    exportTable: refused,
    rebuild: refused,
    close: async () => undefined,
  };
}

function metricValue(name: string, buckets: Bucket[]): MetricValue {
  const sum = (part: string) => buckets.reduce((total, { counts }) => total + (counts[part] ?? 0), 0);
  const final = buckets.length > 0 && buckets.every((bucket) => bucket.final);
  const none = { adjusted: null, maturity: null, final };
  const rate = rates.find(([rateName]) => rateName === name);
  if (rate === undefined) return { value: sum(name), numerator: sum(name), denominator: 0, low: null, high: null, ...none };
  const [numerator, denominator] = [sum(rate[1]), sum(rate[2])];
  if (denominator === 0) return { value: null, numerator, denominator, low: null, high: null, ...none };
  // Wilson 1927: the score interval.
  const [p, z2] = [numerator / denominator, 1.959964 ** 2];
  const middle = (p + z2 / (2 * denominator)) / (1 + z2 / denominator);
  const half = (Math.sqrt(z2) / (1 + z2 / denominator)) * Math.sqrt((p * (1 - p)) / denominator + z2 / (4 * denominator ** 2));
  return { value: p, numerator, denominator, low: Math.max(0, middle - half), high: Math.min(1, middle + half), ...none };
}
