import { parseDocument } from 'yaml';
import { z } from 'zod';
import { grains } from '../../models/metric-query.ts';
import { lineAt, lineOfPath } from '../../models/model-file.ts';
import { SluiceError } from '../../sql/errors.ts';
import { listProjectFiles, readProjectFile } from '../../sql/files.ts';

const name = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'is not a name of a-z, 0-9, _ and -');
const localText = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) });

/** A question to the metrics layer; range, zone and (on a campaign's page) the campaign come from the page. */
const querySchema = z.strictObject({
  metrics: z.array(name).min(1),
  by: z.array(name).default([]),
  where: z.record(name, z.array(z.string()).min(1)).default({}),
  limit: z.number().int().min(1).max(10_000).default(1_000),
});
/** `auto` takes the grain that fits the range. */
const grain = z.enum(['auto', ...grains]).default('auto');

const common = { id: name, title: localText, note: localText.optional() };
const panelSchema = z.discriminatedUnion('chart', [
  /** One small line chart a rate, with its interval, and the figure for the whole range. */
  z.strictObject({
    ...common,
    chart: z.literal('rate_lines'),
    query: querySchema.extend({ by: z.array(name).max(0).default([]) }),
    grain,
  }),
  /** Counts over time as stacked bars. */
  z.strictObject({
    ...common,
    chart: z.literal('count_bars'),
    query: querySchema.extend({ by: z.array(name).max(0).default([]) }),
    grain,
  }),
  /** Counts as stages, each a share of the first. */
  z.strictObject({ ...common, chart: z.literal('funnel'), query: querySchema.extend({ by: z.array(name).max(0).default([]) }) }),
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
]);
export type Panel = z.output<typeof panelSchema>;

const dashboardSchema = z
  .strictObject({ name, title: localText, scope: z.enum(['all', 'campaign']), panels: z.array(panelSchema).min(1) })
  .superRefine(({ panels }, context) => {
    const seen = new Set<string>();
    panels.forEach((panel, index) => {
      const issue = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['panels', index, field], message });
      if (seen.has(panel.id)) issue('id', `is "${panel.id}", which another panel has`);
      seen.add(panel.id);
      if (panel.chart === 'vega_lite' && mentions(panel.spec, 'url'))
        issue('spec', 'loads data from a url; only the rows of the query can be drawn');
    });
  });
/** A dashboard, checked. */
export type Dashboard = z.output<typeof dashboardSchema>;

/**
 * Reads a dashboard from the text of its file.
 * @throws SluiceError `dashboard_invalid` with file, line and the path of the first thing that is wrong.
 */
export function parseDashboard(file: string, text: string): Dashboard {
  const document = parseDocument(text, { prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new SluiceError('dashboard_invalid', {
      file,
      line: lineAt(text, broken.pos[0]),
      detail: broken.message,
    });
  }
  const checked = dashboardSchema.safeParse(document.toJS());
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : (issue?.path ?? []);
  throw new SluiceError('dashboard_invalid', {
    file,
    line: lineOfPath(document, text, path),
    detail: `${path.length === 0 ? 'the file' : path.join('.')}: ${issue?.message ?? 'is wrong'}`,
  });
}

/** A dashboard of the folder `dashboards/`, or the error of its file: a broken one takes only its own page away. */
export type LoadedDashboard = { dashboard: Dashboard } | { error: SluiceError };

/** Reads all dashboards of the folder, by the name they carry (a broken one by its file's). */
export function loadDashboards(): Map<string, LoadedDashboard> {
  const loaded = new Map<string, LoadedDashboard>();
  for (const file of listProjectFiles('dashboards', '.yaml')) {
    try {
      const dashboard = parseDashboard(`dashboards/${file}`, readProjectFile(`dashboards/${file}`));
      loaded.set(dashboard.name, { dashboard });
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      loaded.set(file.replace('.yaml', ''), { error });
    }
  }
  return loaded;
}

function mentions(value: unknown, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === key || mentions(inner, key));
}
