import { loadCatalog, type Metric, partsOf } from '../../models/catalog.ts';
import { type ColumnLineage, columnLineage } from '../../models/column-lineage.ts';
import type { ModelColumn } from '../../models/model-file.ts';
import type { Model } from '../../models/model-graph.ts';
import { loadModels, ModelRunner } from '../../models/runner.ts';
import { Database } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';
import { migrate } from '../../sql/migrate.ts';

/** What one file came to. */
export interface FileResult {
  file: string;
  outcome: string;
  message: string | null;
}

/**
 * Reads and links every model and metric file, then builds all models with their audits on an empty warehouse in memory.
 * @param seedFolder folder with the user's own rate cards, exchange rates and so on; they are checked as well
 */
export async function testModels(seedFolder: string | null): Promise<FileResult[]> {
  const database = await Database.open({ path: ':memory:', memoryMb: 512, threads: 2 });
  try {
    const connection = await database.connect();
    await migrate(connection);
    const built = await new ModelRunner(loadModels(), seedFolder).build(connection, { full: true, now: new Date() });
    connection.close();
    const results = built.map(({ model, outcome, message }) => ({ file: `sql/models/${model}.sql`, outcome, message }));
    return [...results, ...metricFiles()];
  } finally {
    database.close();
  }
}

function metricFiles(): FileResult[] {
  try {
    loadCatalog();
    return [{ file: 'sql/metrics', outcome: 'ok', message: null }];
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return [{ file: error.file ?? 'sql/metrics', outcome: error.code, message: error.message }];
  }
}

/** From which columns each column of each model comes, asked on an empty warehouse in memory. */
async function lineageOfColumns(project: string | null): Promise<Map<string, ColumnLineage>> {
  const database = await Database.open({ path: ':memory:', memoryMb: 512, threads: 2 });
  try {
    const connection = await database.connect();
    await migrate(connection);
    const loaded = loadModels('sql/models', project);
    const built = await new ModelRunner(loaded).build(connection, { full: true, now: new Date() });
    const good = new Set(built.filter(({ outcome }) => outcome === 'ok').map(({ model }) => model));
    const found = await columnLineage(
      connection,
      (await loaded).models.filter(({ name }) => good.has(name)),
    );
    connection.close();
    return found;
  } finally {
    database.close();
  }
}

/**
 * Models and metrics as one Markdown page: what each is, its columns with units, what it reads, what is checked.
 * @param withColumns whether it also tells of each column and metric from which columns it comes, which takes some seconds
 */
export async function modelDocs(project: string | null, withColumns = false): Promise<string> {
  const { models, problems } = await loadModels('sql/models', project);
  const { metrics, dimensions } = loadCatalog('sql/metrics', 'sql/models', project);
  const sources = withColumns ? await lineageOfColumns(project) : null;
  const parts = [
    '# Models and metrics\n',
    '## How models hang together\n',
    lineage(models),
    '\n## Models\n',
    ...models.map((model) => describeModel(model, models, [...metrics.values()], sources?.get(model.name) ?? null)),
  ];
  for (const { name, error } of problems) parts.push(`### ${name}\n\n**Broken:** ${error.message}\n`);
  parts.push(
    '## Metrics\n',
    markdownTable(
      ['metric', 'unit', 'made of', ...(sources === null ? [] : ['computed from, besides']), 'least denominator', 'description'],
      [...metrics.values()].map((metric) => [
        metric.name,
        metric.unit,
        `${metric.mart}: ${metric.denominator === null ? metric.numerator : `${metric.numerator} / ${metric.denominator}`}`,
        ...(sources === null ? [] : [metricSources(metric, sources.get(metric.mart))]),
        String(metric.minimum_denominator),
        metric.description,
      ]),
    ),
    '\n## Dimensions\n',
    markdownTable(
      ['dimension', 'description'],
      [...dimensions.values()].map(({ name, description }) => [name, description]),
    ),
  );
  return `${parts.join('\n')}\n`;
}

/** What is read for the parts of a metric, besides what all rows of its mart depend on. */
function metricSources({ numerator, denominator, known }: Metric, lineage: ColumnLineage | undefined): string {
  const expressions = [numerator, denominator, known?.numerator, known?.denominator].filter((text) => typeof text === 'string');
  const columns = expressions.flatMap((expression) => partsOf(expression).map(({ column }) => column));
  return [...new Set(columns.flatMap((column) => lineage?.columns.get(column) ?? []))].sort().join(', ');
}

function describeModel(
  model: Model,
  models: readonly Model[],
  metrics: readonly Metric[],
  sources: ColumnLineage | null,
): string {
  const readers = models.filter(({ upstream }) => upstream.includes(model.name)).map(({ name }) => name);
  const asked = metrics.filter(({ mart }) => mart === model.name).map(({ name }) => name);
  const about = [
    `${model.layer}, ${model.kind}. One row: ${model.grain}.`,
    model.upstream.length + model.reads.length > 0 ? `Reads ${[...model.upstream, ...model.reads].join(', ')}.` : '',
    readers.length > 0 ? `Read by ${readers.join(', ')}.` : '',
    asked.length > 0 ? `Metrics: ${asked.join(', ')}.` : '',
    sources === null || sources.rows.length === 0 ? '' : `All rows depend on ${sources.rows.join(', ')}.`,
    model.audits.length > 0 ? `Audits: ${model.audits.map(({ name }) => name).join(', ')}.` : '',
  ];
  const columns = Object.entries(model.columns).map(([name, { description, unit }]: [string, ModelColumn]) => [
    name,
    unit ?? '',
    description,
    ...(sources === null ? [] : [(sources.columns.get(name) ?? []).join(', ')]),
  ]);
  const header = ['column', 'unit', 'meaning', ...(sources === null ? [] : ['computed from, besides'])];
  return `### ${model.name}\n\n${model.description}\n\n${about.filter((text) => text !== '').join(' ')}\n\n${markdownTable(header, columns)}`;
}

/** The graph in Mermaid's notation, which GitHub and others draw. */
function lineage(models: Model[]): string {
  const edges = models.flatMap((model) => [...model.reads, ...model.upstream].map((source) => `  ${source} --> ${model.name}`));
  return ['```mermaid', 'graph LR', ...edges, '```'].join('\n');
}

function markdownTable(header: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n').concat('\n');
}
