import {
  Bool,
  type DataType,
  Field,
  Float64,
  Int64,
  Schema,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { Catalog } from './catalog.ts';
import type { MetricAnswer, MetricQuery, MetricValue } from './metric-query.ts';

type Read = (value: MetricValue) => number | bigint | boolean | null;

/** Ten columns a metric, as in CSV. */
const parts: { suffix: string; type: DataType; read: Read }[] = [
  { suffix: '', type: new Float64(), read: ({ value }) => value },
  { suffix: '_numerator', type: new Int64(), read: ({ numerator }) => BigInt(numerator) },
  { suffix: '_denominator', type: new Int64(), read: ({ denominator }) => BigInt(denominator) },
  { suffix: '_low', type: new Float64(), read: ({ low }) => low },
  { suffix: '_high', type: new Float64(), read: ({ high }) => high },
  { suffix: '_adjusted', type: new Float64(), read: ({ adjusted }) => adjusted?.value ?? null },
  { suffix: '_adjusted_low', type: new Float64(), read: ({ adjusted }) => adjusted?.low ?? null },
  { suffix: '_adjusted_high', type: new Float64(), read: ({ adjusted }) => adjusted?.high ?? null },
  { suffix: '_maturity', type: new Float64(), read: ({ maturity }) => maturity },
  { suffix: '_final', type: new Bool(), read: ({ final }) => final },
];

/**
 * An answer as one Arrow IPC stream: `time` (timestamp, UTC) if a grain was asked, the dimensions as text, then
 * `<metric>`, `<metric>_numerator` and so on. Watermark, build time, stale marts and truncation are in the schema's metadata; each
 * metric's field carries its label, description and unit.
 */
export function metricAnswerToArrow(answer: MetricAnswer, query: MetricQuery, catalog: Catalog): Uint8Array {
  const columns: { name: string; type: DataType; values: unknown[]; metadata?: Map<string, string> }[] = [];
  if (query.grain !== undefined) {
    columns.push({
      name: 'time',
      type: new TimestampMillisecond('UTC'),
      values: answer.rows.map(({ dimensions }) => (dimensions['time'] ? Date.parse(dimensions['time']) : null)),
    });
  }
  for (const name of query.by) {
    columns.push({ name, type: new Utf8(), values: answer.rows.map(({ dimensions }) => dimensions[name] ?? null) });
  }
  for (const name of query.metrics) {
    for (const { suffix, type, read } of parts) {
      const values = answer.rows.map(({ metrics }) => (metrics[name] === undefined ? null : read(metrics[name])));
      columns.push({ name: `${name}${suffix}`, type, values, ...(suffix === '' ? { metadata: describe(catalog, name) } : {}) });
    }
  }
  const fields = columns.map(({ name, type, metadata }) => new Field(name, type, true, metadata));
  const schema = new Schema(
    fields,
    new Map([
      ['watermark', answer.watermark ?? ''],
      ['built_at', answer.built_at ?? ''],
      ['stale', answer.stale.join(',')],
      ['truncated', String(answer.truncated)],
    ]),
  );
  const vectors: Record<string, Vector> = Object.fromEntries(
    columns.map(({ name, type, values }) => [name, vectorFromArray(values, type)]),
  );
  return tableToIPC(new Table(schema, vectors), 'stream');
}

function describe(catalog: Catalog, name: string): Map<string, string> {
  const metric = catalog.metrics.get(name);
  return new Map(
    metric === undefined
      ? []
      : [
          ['label', metric.label],
          ['description', metric.description],
          ['unit', metric.unit],
        ],
  );
}
