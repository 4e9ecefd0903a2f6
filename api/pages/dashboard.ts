import { parseDocument } from 'yaml';
import { z } from 'zod';
import { grains } from '../../models/metric-query.ts';
import { lineAt, lineOfPath } from '../../models/model-file.ts';
import { SluiceError } from '../../sql/errors.ts';

const name = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'is not a name of a-z, 0-9, _ and -');
const localText = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) });

/** A question to the metrics layer; range, zone, filters and (on a campaign's page) the campaign come from the page. */
const querySchema = z.strictObject({
  metrics: z.array(name).min(1),
  by: z.array(name).default([]),
  where: z.record(name, z.array(z.string()).min(1)).default({}),
  limit: z.number().int().min(1).max(10_000).default(1_000),
  /** `page`: the range of the page. `all`: all of time, for marts that show how things stand. */
  range: z.enum(['page', 'all']).default('page'),
});
const whole = querySchema.extend({ by: z.array(name).max(0).default([]) });
/** `auto` takes the grain that fits the range. */
const grain = z.enum(['auto', ...grains]).default('auto');

/** What Sluice shows beyond metrics: each is filled by a source of `api/pages/sources/`. */
export const sourceNames = [
  'brake_history',
  'campaign_returns',
  'catalogue',
  'cohort_value',
  'customer_forecast',
  'freshness',
  'lineage',
  'model_runs',
  'quarantine',
  'segment_lift',
  'unanswered',
] as const;
export type SourceName = (typeof sourceNames)[number];

const common = {
  id: name,
  title: localText,
  note: localText.optional(),
  /** Of twelve columns on a wide screen; what the chart takes by itself unless told. */
  width: z.number().int().min(3).max(12).optional(),
};
const panelSchema = z.discriminatedUnion('chart', [
  /** A large figure a metric over the whole range, with its interval; beside the previous period where that is asked for. */
  z.strictObject({ ...common, chart: z.literal('figures'), query: whole }),
  /** One small line chart a metric, with its interval where it has one, and the figure for the whole range. */
  z.strictObject({ ...common, chart: z.literal('rate_lines'), query: whole, grain }),
  /** One small chart a metric by `age`: a line for the messages of each day, week or month. */
  z.strictObject({ ...common, chart: z.literal('age_curves'), query: querySchema.extend({ by: z.tuple([z.literal('age')]) }) }),
  /** Counts over time as stacked bars. */
  z.strictObject({ ...common, chart: z.literal('count_bars'), query: whole, grain }),
  /** Counts as stages, each a share of the first. */
  z.strictObject({ ...common, chart: z.literal('funnel'), query: whole }),
  /** One metric by one dimension as bars from zero, with interval and n. */
  z.strictObject({
    ...common,
    chart: z.literal('bars'),
    query: querySchema.extend({ metrics: z.array(name).length(1), by: z.array(name).length(1) }),
  }),
  /** One metric over two dimensions (rows, columns), or over `hour_of_week` alone. */
  z.strictObject({
    ...common,
    chart: z.literal('heat_map'),
    query: querySchema.extend({ metrics: z.array(name).length(1), by: z.array(name).min(1).max(2) }),
  }),
  /** A row a value of the one dimension, a column a metric. */
  z.strictObject({ ...common, chart: z.literal('table'), query: querySchema.extend({ by: z.array(name).length(1) }) }),
  /** A count by `error_code`, grouped by the class of each code, with what it means. */
  z.strictObject({
    ...common,
    chart: z.literal('failures'),
    query: querySchema.extend({ metrics: z.array(name).length(1), by: z.tuple([z.literal('error_code')]) }),
  }),
  /** A Vega-Lite specification of one's own; the rows are its data. */
  z.strictObject({
    ...common,
    chart: z.literal('vega_lite'),
    query: querySchema,
    grain: z.enum(['auto', ...grains]).optional(),
    spec: z.record(z.string(), z.unknown()),
  }),
  /** Words: paragraphs parted by an empty line. */
  z.strictObject({ ...common, chart: z.literal('text'), text: localText }),
  /** What is no metric: lists, forecasts, the works. */
  z.strictObject({ ...common, chart: z.literal('source'), source: z.enum(sourceNames) }),
]);
export type Panel = z.output<typeof panelSchema>;
/** A panel that asks the metrics layer. */
export type QueryPanel = Extract<Panel, { query: unknown }>;

const dashboardSchema = z
  .strictObject({
    name,
    title: localText,
    note: localText.optional(),
    /** `campaign`: shown for one campaign, which narrows every query. */
    scope: z.enum(['all', 'campaign']),
    /** Place in the navigation, smallest first; without one it comes after those that have one. */
    order: z.number().int().default(1_000),
    /** `now`: it shows how things stand, so it has no time range. */
    time: z.enum(['range', 'now']).default('range'),
    /** Dimensions that the reader may narrow the page by. */
    filters: z.array(name).max(6).default([]),
    panels: z.array(panelSchema).min(1).max(40),
  })
  .superRefine(({ panels }, context) => {
    const seen = new Set<string>();
    panels.forEach((panel, index) => {
      const issue = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['panels', index, field], message });
      if (seen.has(panel.id)) issue('id', `is "${panel.id}", which another panel has`);
      seen.add(panel.id);
      if (panel.chart === 'heat_map' && panel.query.by.length === 1 && panel.query.by[0] !== 'hour_of_week')
        issue('query', 'by: names one dimension that is not hour_of_week; a heat map has rows and columns');
      if (panel.chart === 'vega_lite' && mentions(panel.spec, 'url'))
        issue('spec', 'loads data from a url; only the rows of the query can be drawn');
    });
  });
/** A dashboard, checked. */
export type Dashboard = z.output<typeof dashboardSchema>;

/** Where in a dashboard's text a path such as `panels.0.chart` stands; 1 where it cannot be found. */
export type LineOf = (path: PropertyKey[]) => number;

/**
 * Reads a dashboard from the text of its file.
 * @throws SluiceError `dashboard_invalid` with file, line and the path of the first thing that is wrong.
 */
export function parseDashboard(file: string, text: string): Dashboard {
  return readDashboard(file, text).dashboard;
}

/** The same, with the way back from a path to its line, for those who check further. */
export function readDashboard(file: string, text: string): { dashboard: Dashboard; lineOf: LineOf } {
  const document = parseDocument(text, { prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new SluiceError('dashboard_invalid', {
      file,
      line: lineAt(text, broken.pos[0]),
      detail: broken.message,
    });
  }
  const lineOf: LineOf = (path) => lineOfPath(document, text, path);
  const checked = dashboardSchema.safeParse(document.toJS());
  if (checked.success) return { dashboard: checked.data, lineOf };
  const issue = checked.error.issues[0];
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : (issue?.path ?? []);
  throw new SluiceError('dashboard_invalid', {
    file,
    line: lineOf(path),
    detail: `${path.length === 0 ? 'the file' : path.join('.')}: ${issue?.message ?? 'is wrong'}`,
  });
}

function mentions(value: unknown, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === key || mentions(inner, key));
}
