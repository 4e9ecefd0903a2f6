import { parseDocument } from 'yaml';
import { z } from 'zod';
import { SluiceError } from '../sql/errors.ts';
import { listProjectFiles, readProjectFile } from '../sql/files.ts';
import type { MetricDefinition } from './metric-query.ts';
import { lineAt, lineOfPath, type ModelFile, readModelFile } from './model-file.ts';
import { projectFolders } from './project.ts';

/** How long after a message its feedback counts; `none`: statuses only. */
export const windows = ['none', 'reply', 'optout', 'conversion'] as const;

/** Steps of a message whose delays are learned by the model delay_curve. */
export const signals = [
  'attempted',
  'delivered',
  'read',
  'replied',
  'clicked',
  'converted',
  'unsubscribed',
  'failed',
  'platform_blocked',
] as const;
export type Signal = (typeof signals)[number];

/** What a quarter hour can be cut by, apart from intervals. */
export const calendars = ['hour', 'weekday', 'hour_of_week'] as const;

/** A metric with what the compiler needs beyond the public definition. */
export interface Metric extends MetricDefinition {
  mart: string;
  window: (typeof windows)[number];
  /** The steps by whose delays the numerator and the denominator of a rate come in; null: no maturity is known. */
  arrives: { numerator: Signal; denominator: Signal } | null;
  /** Of a sum over things whose own value may be unknown: those whose value is known, and all. The sum is null when none is known. */
  known: { numerator: string; denominator: string } | null;
}

export interface Dimension {
  name: string;
  description: string;
  /** Column of the marts. */
  column: string;
  /** Where the value is looked up by that column, when it is not the column itself. */
  lookup: { model: string; key: string; column: string } | null;
  /** The part of the calendar that a time column stands for, in the reader's zone. */
  calendar: (typeof calendars)[number] | null;
}

/** What may be asked of the metrics layer. */
export interface Catalog {
  metrics: ReadonlyMap<string, Metric>;
  dimensions: ReadonlyMap<string, Dimension>;
  /** What is wrong in the user's own files: these are left out. */
  problems: readonly SluiceError[];
}

const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be a name in lower case');
const text = z.string().trim().min(1);
const parts = z
  .string()
  .regex(/^[a-z][a-z0-9_]*( [+-] [a-z][a-z0-9_]*)*$/, 'must be parts of the mart joined by " + " and " - "');

const metricSchema = z
  .strictObject({
    label: text,
    description: text,
    kind: z.enum(['rate', 'ratio', 'count']),
    numerator: parts,
    denominator: parts.optional(),
    unit: text,
    direction: z.enum(['higher_is_better', 'lower_is_better', 'neutral']),
    minimum_denominator: z.int().min(0).default(0),
    divide_by: z.int().min(1).default(1),
    window: z.enum(windows).default('none'),
    arrives: z.strictObject({ numerator: z.enum(signals), denominator: z.enum(signals) }).optional(),
    known: z.strictObject({ numerator: parts, denominator: parts }).optional(),
    dimensions: z.array(name).optional(),
  })
  .refine((metric) => (metric.kind !== 'count') === (metric.denominator !== undefined), {
    message: 'is needed by a rate or a ratio, and only there',
    path: ['denominator'],
  })
  .refine((metric) => metric.divide_by === 1 || metric.kind !== 'rate', {
    message: 'is not for a rate',
    path: ['divide_by'],
  })
  .refine((metric) => metric.arrives === undefined || metric.kind === 'rate', {
    message: 'is only for a rate',
    path: ['arrives'],
  })
  .refine((metric) => metric.known === undefined || metric.kind !== 'rate', {
    message: 'is not for a rate',
    path: ['known'],
  });
const dimensionSchema = z.strictObject({
  description: text,
  column: name,
  calendar: z.enum(calendars).optional(),
  lookup: z.strictObject({ model: name, key: name, column: name }).optional(),
});
const fileSchema = z
  .strictObject({
    mart: name.optional(),
    dimensions: z.array(name).optional(),
    metrics: z.record(name, metricSchema).optional(),
    catalog_dimensions: z.record(name, dimensionSchema).optional(),
  })
  .refine((file) => file.metrics === undefined || (file.mart !== undefined && file.dimensions !== undefined), {
    message: 'is needed beside metrics, and so are dimensions',
    path: ['mart'],
  });

interface MetricFile {
  path: string;
  content: z.output<typeof fileSchema>;
  invalid: (detail: string, at: PropertyKey[]) => SluiceError;
}

/**
 * Reads the metric definitions of a folder (from the project's root) and checks them against the columns of their marts; then those of
 * the user's project folder, of which a broken file is left out and told among the `problems`.
 * @throws SluiceError `metric_invalid` with file and line of the first mistake in our own
 */
export function loadCatalog(folder = 'sql/metrics', modelFolder = 'sql/models', project: string | null = null): Catalog {
  const found: Found = { metrics: new Map(), dimensions: new Map() };
  addFiles(found, pathsOf(folder).map(readFile), [modelFolder]);
  const models = [modelFolder, ...projectFolders(project, ['models'])];
  const problems: SluiceError[] = [];
  for (const path of projectFolders(project, ['metrics']).flatMap(pathsOf)) {
    // a file with a mistake must leave nothing behind
    const next: Found = { metrics: new Map(found.metrics), dimensions: new Map(found.dimensions) };
    try {
      addFiles(next, [readFile(path)], models);
      Object.assign(found, next);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      problems.push(error);
    }
  }
  const ratesFirst = [...found.metrics].sort(([, a], [, b]) => Number(b.kind === 'rate') - Number(a.kind === 'rate'));
  return { metrics: new Map(ratesFirst), dimensions: found.dimensions, problems };
}

interface Found {
  metrics: Map<string, Metric>;
  dimensions: Map<string, Dimension>;
}

const pathsOf = (folder: string) => listProjectFiles(folder, '.yaml').map((entry) => `${folder}/${entry}`);

function addFiles({ metrics, dimensions }: Found, files: MetricFile[], modelFolders: string[]): void {
  for (const { content, invalid } of files) {
    for (const [key, { description, column, lookup, calendar }] of Object.entries(content.catalog_dimensions ?? {})) {
      if (dimensions.has(key) || key === 'time')
        throw invalid(`dimension "${key}" is defined twice`, ['catalog_dimensions', key]);
      dimensions.set(key, { name: key, description, column, lookup: lookup ?? null, calendar: calendar ?? null });
    }
  }
  for (const file of files) {
    for (const metric of metricsOf(file, dimensions, modelFolders)) {
      if (metrics.has(metric.name) || dimensions.has(metric.name)) {
        throw file.invalid(`the name "${metric.name}" is taken`, ['metrics', metric.name]);
      }
      metrics.set(metric.name, metric);
    }
  }
}

function readFile(path: string): MetricFile {
  const yaml = readProjectFile(path);
  const document = parseDocument(yaml, { prettyErrors: false });
  const wrong = (detail: string, line: number) => new SluiceError('metric_invalid', { detail, file: path, line });
  const [mistake] = document.errors;
  if (mistake !== undefined) throw wrong(mistake.message, lineAt(yaml, mistake.pos[0]));
  const invalid = (detail: string, at: PropertyKey[]) => wrong(detail, lineOfPath(document, yaml, at));
  const checked = fileSchema.safeParse(document.toJS());
  if (checked.success) return { path, content: checked.data, invalid };
  const [issue] = checked.error.issues;
  const at = issue?.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : (issue?.path ?? []);
  throw invalid(`${at.join('.') || 'the file'}: ${issue?.message}`, at);
}

function metricsOf({ content, invalid }: MetricFile, dimensions: Map<string, Dimension>, modelFolders: string[]): Metric[] {
  if (content.metrics === undefined || content.mart === undefined) return [];
  const { mart } = content;
  const model = modelFolders.map((folder) => readMart(folder, mart)).find((found) => found !== null) ?? null;
  if (model === null) throw invalid(`there is no model "${mart}"`, ['mart']);
  for (const column of ['bucket_at', 'last_event_at']) {
    if (!(column in model.columns))
      throw invalid(`"${mart}" has no column "${column}", which every mart of metrics has`, ['mart']);
  }
  const checkDimensions = (names: string[], at: PropertyKey[]) => {
    for (const [index, key] of names.entries()) {
      const dimension = dimensions.get(key);
      if (dimension === undefined)
        throw invalid(`there is no dimension "${key}"; there are ${list(dimensions.keys())}`, [...at, index]);
      if (!(dimension.column in model.columns)) throw invalid(`"${mart}" has no column "${dimension.column}"`, [...at, index]);
    }
    return names;
  };
  const common = checkDimensions(content.dimensions ?? [], ['dimensions']);
  const additive = Object.keys(model.columns).filter((column) => isAdditive(model, column));
  return Object.entries(content.metrics).map(
    ([key, { minimum_denominator, denominator, arrives, known, dimensions: own, ...rest }]) => {
      if (arrives !== undefined && !('category' in model.columns)) {
        throw invalid(`"${mart}" has no column "category", by which delays are learned`, ['metrics', key, 'arrives']);
      }
      const expressions: [string | undefined, string[]][] = [
        [rest.numerator, ['numerator']],
        [denominator, ['denominator']],
        [known?.numerator, ['known', 'numerator']],
        [known?.denominator, ['known', 'denominator']],
      ];
      for (const [expression, side] of expressions) {
        for (const part of partsOf(expression ?? '')) {
          if (additive.includes(part.column)) continue;
          throw invalid(`"${mart}" has no additive part "${part.column}"; there are ${list(additive)}`, [
            'metrics',
            key,
            ...side,
          ]);
        }
      }
      return {
        ...rest,
        name: key,
        mart,
        denominator: denominator ?? null,
        arrives: arrives ?? null,
        known: known ?? null,
        minimum_denominator,
        dimensions: own === undefined ? common : checkDimensions(own, ['metrics', key, 'dimensions']),
      };
    },
  );
}

/** A column is additive when it counts something: it has a unit, and the unit is not a time. */
function isAdditive(model: ModelFile, column: string): boolean {
  const unit = model.columns[column]?.unit;
  return unit !== undefined && unit !== 'UTC';
}

function readMart(folder: string, mart: string): ModelFile | null {
  const entry = `${mart}.sql`;
  if (!listProjectFiles(folder, '.sql').includes(entry)) return null;
  return readModelFile(`${folder}/${entry}`, mart);
}

/** The columns of an expression such as `failed + dropped - refused`, with their signs. */
export function partsOf(expression: string): { column: string; sign: 1 | -1 }[] {
  let sign: 1 | -1 = 1;
  const found: { column: string; sign: 1 | -1 }[] = [];
  for (const token of expression.split(' ').filter((word) => word !== '')) {
    if (token === '+' || token === '-') sign = token === '+' ? 1 : -1;
    else found.push({ column: token, sign });
  }
  return found;
}

/** Names for a message: `a, b, c`. */
export function list(names: Iterable<string>): string {
  return [...names].join(', ');
}

/** Definitions that stay good: a reload that meets a mistake keeps the last good ones. */
export class LiveCatalog {
  private good: Catalog;
  /** The mistake of the last reload; null when all is well. */
  problem: SluiceError | null = null;

  /** @throws SluiceError `metric_invalid` when there is no good definition to begin with */
  constructor(
    private readonly folder = 'sql/metrics',
    private readonly modelFolder = 'sql/models',
    private readonly project: string | null = null,
  ) {
    this.good = loadCatalog(folder, modelFolder, project);
  }

  get current(): Catalog {
    return this.good;
  }

  /** Reads the files again. */
  reload(): SluiceError | null {
    try {
      this.good = loadCatalog(this.folder, this.modelFolder, this.project);
      this.problem = null;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.problem = error;
    }
    return this.problem;
  }
}

/** The catalogue as plain values, for the endpoint and the pages; amounts with the currency in which they are added up, where it is known. */
export function describeCatalog(
  catalog: Catalog,
  currency: string | null = null,
): {
  metrics: MetricDefinition[];
  dimensions: { name: string; description: string }[];
} {
  return {
    metrics: [...catalog.metrics.values()].map(
      ({ mart: _mart, window: _window, arrives: _arrives, known: _known, ...definition }) =>
        currency !== null && definition.unit.includes('currency') ? { ...definition, currency } : definition,
    ),
    dimensions: [...catalog.dimensions.values()].map(({ name: key, description }) => ({ name: key, description })),
  };
}
