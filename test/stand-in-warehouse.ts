import type { CampaignDetail, Warehouse } from '../api/warehouse.ts';
import { loadCatalog, type Metric } from '../models/catalog.ts';
import type { Grain, MetricAnswer, MetricQuery, MetricRow, MetricValue } from '../models/metric-query.ts';
import { SluiceError } from '../sql/errors.ts';

/** Messages that share everything the pages can cut by. Counts by the names of the mart's additive parts. */
export interface Bucket {
  mart: 'funnel_15m' | 'failure_15m';
  at: string;
  dimensions: Record<string, string | null>;
  counts: Record<string, number>;
  final: boolean;
}

export interface StandIn {
  buckets: Bucket[];
  campaigns: CampaignDetail[];
  stale?: string[];
}

const catalog = loadCatalog();

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
    const asked = query.metrics.map((name) => {
      const metric = catalog.metrics.get(name);
      if (metric === undefined) throw new SluiceError('query_invalid', { detail: `there is no metric "${name}"` });
      const lacking = [...query.by, ...Object.keys(query.where)].find((dimension) => !metric.dimensions.includes(dimension));
      if (lacking !== undefined) throw new SluiceError('query_invalid', { detail: `${name} cannot be cut by "${lacking}"` });
      return metric;
    });
    const fits = ({ mart, at, dimensions }: Bucket) =>
      asked.some((metric) => metric.mart === mart) &&
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
        metrics: Object.fromEntries(asked.map((metric) => [metric.name, metricValue(metric, buckets)])),
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
    catalog: async () => ({ metrics: [...catalog.metrics.values()], dimensions: [...catalog.dimensions.values()] }),
    campaigns: async () => data.campaigns,
    campaign: async (id) => data.campaigns.find((campaign) => campaign.campaign_id === id) ?? null,
    metricsArrow: refused,
    status: refused,
    buildMark: refused,
    positions: refused,
    isBehind: refused,
    controlSnapshot: refused,
    controlNews: refused,
    controlBooks: refused,
    decisions: refused,
    people: refused,
    unanswered: refused,
    messages: async () => [],
    experiments: async () => [],
    experiment: async () => null,
    experimentHistory: refused,
    experimentDesign: refused,
    assignedArms: refused,
    looksDue: refused,
    segmentLift: refused,
    quarantineList: refused,
    deadLetters: refused,
    quarantineReplay: refused,
    buildModels: refused,
    copyTo: refused,
    exportTable: refused,
    rebuild: refused,
    valueOverview: refused,
    customerHistories: refused,
    customerSpend: refused,
    cohortRevenue: refused,
    valueMark: refused,
    valueFit: refused,
    keepValueFit: refused,
    campaignReturns: refused,
    namesOf: refused,
    reconciliationBooks: refused,
    reconciliationLines: refused,
    inactiveNames: refused,
    heldOn: refused,
    reloadForgotten: refused,
    metricsAsOf: refused,
    takeSnapshot: refused,
    close: async () => undefined,
  };
}

function metricValue({ numerator: above, denominator: below }: Metric, buckets: Bucket[]): MetricValue {
  const sum = (part: string) => buckets.reduce((total, { counts }) => total + (counts[part] ?? 0), 0);
  const final = buckets.length > 0 && buckets.every((bucket) => bucket.final);
  const none = { adjusted: null, maturity: null, final };
  const numerator = sum(above);
  if (below === null) return { value: numerator, numerator, denominator: 1, low: null, high: null, ...none };
  const denominator = sum(below);
  if (denominator === 0) return { value: null, numerator, denominator, low: null, high: null, ...none };
  // Wilson 1927: the score interval.
  const [p, z2] = [numerator / denominator, 1.959964 ** 2];
  const middle = (p + z2 / (2 * denominator)) / (1 + z2 / denominator);
  const half = (Math.sqrt(z2) / (1 + z2 / denominator)) * Math.sqrt((p * (1 - p)) / denominator + z2 / (4 * denominator ** 2));
  return { value: p, numerator, denominator, low: Math.max(0, middle - half), high: Math.min(1, middle + half), ...none };
}
