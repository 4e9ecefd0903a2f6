import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { MetricDefinition } from '../../models/metric-query.ts';
import { SluiceError } from '../../sql/errors.ts';
import { type Dashboard, type LineOf, readDashboard } from './dashboard.ts';

/** One thing that is wrong in a dashboard file. */
export interface Finding {
  file: string;
  line: number;
  message: string;
}

/** What may be named: the metrics catalogue as `GET /v1/metrics/catalog` gives it. */
export interface Names {
  metrics: readonly Pick<MetricDefinition, 'name' | 'dimensions'>[];
  dimensions: readonly { name: string }[];
}

/** Checks the text of a dashboard file against the format, the catalogue and the schema of Vega-Lite; all that is wrong, by line. */
export function checkDashboard(file: string, text: string, names: Names): Finding[] {
  try {
    const { dashboard, lineOf } = readDashboard(file, text);
    return [...catalogueFindings(file, dashboard, lineOf, names), ...specFindings(file, dashboard, lineOf)].sort(
      (a, b) => a.line - b.line,
    );
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'dashboard_invalid') throw error;
    return [{ file, line: error.line ?? 1, message: error.detail ?? error.title }];
  }
}

function catalogueFindings(file: string, { panels, filters, scope }: Dashboard, lineOf: LineOf, names: Names): Finding[] {
  const metrics = new Map(names.metrics.map((metric) => [metric.name, metric]));
  const dimensions = new Set(names.dimensions.map(({ name }) => name));
  const findings: Finding[] = [];
  const find = (path: PropertyKey[], message: string) => findings.push({ file, line: lineOf(path), message });
  filters.forEach((name, at) => {
    if (!dimensions.has(name)) find(['filters', at], `there is no dimension "${name}"${nearest(name, [...dimensions])}`);
  });
  panels.forEach((panel, index) => {
    if (!('query' in panel)) return;
    const { query } = panel;
    const known = query.metrics.flatMap((name, at) => {
      const metric = metrics.get(name);
      if (metric === undefined)
        find(['panels', index, 'query', 'metrics', at], `there is no metric "${name}"${nearest(name, [...metrics.keys()])}`);
      return metric ?? [];
    });
    const cuts = [
      ...query.by.map((name, at) => ({ name, path: ['by', at] })),
      ...Object.keys(query.where).map((name) => ({ name, path: ['where', name] })),
      ...(scope === 'campaign' ? [{ name: 'campaign', path: ['metrics'] }] : []),
    ];
    for (const { name, path } of cuts) {
      const at = ['panels', index, 'query', ...path];
      if (!dimensions.has(name)) {
        find(at, `there is no dimension "${name}"${nearest(name, [...dimensions])}`);
        continue;
      }
      for (const metric of known) {
        if (!metric.dimensions.includes(name)) find(at, `"${metric.name}" cannot be cut by ${name}`);
      }
    }
  });
  return findings;
}

let schema: ValidateFunction | undefined;
/** Vega-Lite's own schema, compiled once; that takes a second or two, so only who checks pays for it. */
function vegaLiteSchema(): ValidateFunction {
  const path = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
  schema ??= new Ajv({ strict: false, validateFormats: false, allErrors: false }).compile(
    JSON.parse(readFileSync(path, 'utf8')) as object,
  );
  return schema;
}

function specFindings(file: string, { panels }: Dashboard, lineOf: LineOf): Finding[] {
  return panels.flatMap((panel, index): Finding[] => {
    if (panel.chart !== 'vega_lite') return [];
    const validate = vegaLiteSchema();
    // Colours of the theme are names with a dollar, which the schema cannot know; the data are the query's rows.
    const spec = { ...(plainColours(panel.spec) as Record<string, unknown>), data: { name: 'rows' } };
    if (validate(spec)) return [];
    const deepest = [...(validate.errors ?? [])].sort((a, b) => depth(b) - depth(a))[0];
    if (deepest === undefined) return [];
    const inside = pointer(deepest);
    const line = lineOf(['panels', index, 'spec', ...inside]);
    return [{ file, line, message: `spec${inside.map((part) => `.${String(part)}`).join('')}: ${said(deepest)}` }];
  });
}

function said({ keyword, message = 'does not fit', params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `has "${String(params['additionalProperty'])}", which Vega-Lite does not know`;
  if (keyword === 'enum') return `is none of ${(params['allowedValues'] as unknown[]).slice(0, 20).map(String).join(', ')}`;
  return message;
}

function pointer({ instancePath, keyword, params }: ErrorObject): PropertyKey[] {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return keyword === 'additionalProperties' ? [...path, String(params['additionalProperty'])] : path;
}

/** Of the many ways in which a union does not fit, the one that got furthest says most. */
function depth(error: ErrorObject): number {
  const rank = error.keyword === 'enum' || error.keyword === 'additionalProperties' ? 0.5 : 0;
  return error.instancePath.split('/').length + rank;
}

function plainColours(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith('$') ? '#000000' : value;
  if (Array.isArray(value)) return value.map(plainColours);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainColours(inner)]));
}

/** ": did you mean …" where a name is close to one that exists. */
function nearest(name: string, known: readonly string[]): string {
  const close = known.find((one) => one.includes(name) || name.includes(one)) ?? known.find((one) => distance(one, name) <= 2);
  return close === undefined ? '' : `; did you mean ${close}?`;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const kept = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(kept, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
