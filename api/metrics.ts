import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { MetricAnswer, MetricQuery, MetricRow, MetricValue } from '../models/metric-query.ts';
import { SluiceError } from '../sql/errors.ts';
import { type Cell, toCsv } from './csv.ts';
import { chooseMediaType } from './media-type.ts';
import { metricParams } from './metric-params.ts';
import { problems } from './responses.ts';
import { snapshotAt } from './snapshots.ts';
import type { ZodInput } from './typed.ts';
import type { Warehouse } from './warehouse.ts';

const number = z.number().nullable();
const metricValue = z.object({
  value: number.describe('Raw; null where there is no denominator'),
  numerator: z.number(),
  denominator: z.number(),
  low: number.describe('95 % interval of a rate'),
  high: number,
  adjusted: z
    .object({ value: z.number(), low: z.number(), high: z.number() })
    .nullable()
    .describe('Corrected for feedback still to come'),
  maturity: number.describe('Share of the feedback expected by now'),
  final: z.boolean().describe('Every message is past its window plus 7 days'),
});
const metricsAnswer = z.object({
  rows: z
    .array(z.record(z.string(), z.union([metricValue, z.string().nullable()])))
    .describe('Dimensions as text beside metrics by name'),
  truncated: z.boolean(),
  watermark: z.string().nullable().describe('Newest event time in the numbers'),
  built_at: z.string().nullable(),
  stale: z.array(z.string()).describe('Tables that keep an older good state because a build failed'),
});

const formats = ['application/json', 'text/csv', 'application/vnd.apache.arrow.stream'] as const;

/** `GET /v1/metrics` in three formats, and the catalogue of what can be asked. */
export function metricsPlugin(app: FastifyInstance, { warehouse, dataDir }: { warehouse: Warehouse; dataDir: string }): void {
  const typed = app.withTypeProvider<ZodInput>();

  typed.get(
    '/v1/metrics',
    {
      schema: {
        tags: ['metrics'],
        summary: 'Metrics by dimension and time, as JSON, CSV or an Arrow stream (by Accept)',
        description:
          'In CSV and Arrow a metric becomes columns: `read_rate`, `read_rate_numerator`, `read_rate_denominator`, `read_rate_low`, `read_rate_high` and so on. Text cells of CSV that a spreadsheet would take for a formula begin with an apostrophe.',
        querystring: metricParams,
        response: {
          200: {
            description: 'The rows',
            content: {
              'application/json': { schema: metricsAnswer },
              'text/csv': { schema: z.string() },
              'application/vnd.apache.arrow.stream': { schema: z.string() },
            },
          },
          ...problems('query_invalid', 'not_acceptable', 'snapshot_unknown', 'warehouse_busy'),
        },
      },
    },
    async (request, reply) => {
      const { asOf, ...query } = request.query;
      const format = chooseMediaType(request.headers.accept, formats);
      if (format === null) throw new SluiceError('not_acceptable', { detail: `offered: ${formats.join(', ')}` });
      reply.header('vary', 'Accept').header('cache-control', 'private, no-cache');
      if (asOf !== undefined && format === 'application/vnd.apache.arrow.stream') {
        throw new SluiceError('not_acceptable', { detail: 'with as_of: application/json, text/csv' });
      }
      if (format === 'application/vnd.apache.arrow.stream') {
        const bytes = await warehouse.metricsArrow(query);
        return cached(request, reply, [format, bytes], () => reply.type(format).send(Buffer.from(bytes)));
      }
      const snapshot = asOf === undefined ? null : await snapshotAt(dataDir, asOf);
      if (snapshot !== null) reply.header('x-snapshot-taken-at', snapshot.takenAt.toISOString());
      const answer = snapshot === null ? await warehouse.metrics(query) : await warehouse.metricsAsOf(query, snapshot);
      return cached(request, reply, [format, request.url, answer.watermark, answer.built_at], () =>
        format === 'text/csv'
          ? reply.type('text/csv; charset=utf-8; header=present').send(answerCsv(query, answer))
          : reply.send({ ...answer, rows: answer.rows.map(flatRow) }),
      );
    },
  );

  typed.get(
    '/v1/metrics/catalog',
    {
      schema: {
        tags: ['metrics'],
        summary: 'What can be asked: metrics with their definitions, and dimensions',
        response: {
          200: z.object({
            metrics: z.array(z.object({ name: z.string(), label: z.string(), description: z.string() }).loose()),
            dimensions: z.array(z.object({ name: z.string(), description: z.string() })),
          }),
        },
      },
    },
    () => warehouse.catalog(),
  );
}

/** Sets an ETag made of these parts and answers 304 when the client has it already. */
function cached(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: (string | Uint8Array | null)[],
  send: () => FastifyReply,
): FastifyReply {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part ?? 'null').update('\0');
  const etag = `W/"${hash.digest('base64url').slice(0, 22)}"`;
  reply.header('etag', etag);
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim());
  return known.includes(etag) ? reply.status(304).send() : send();
}

/** Dimensions and metrics side by side, as the interface promises. */
export function flatRow({ dimensions, metrics }: MetricRow): Record<string, string | null | MetricValue> {
  return { ...dimensions, ...metrics };
}

const parts: [suffix: string, of: (value: MetricValue) => Cell][] = [
  ['', ({ value }) => value],
  ['_numerator', ({ numerator }) => numerator],
  ['_denominator', ({ denominator }) => denominator],
  ['_low', ({ low }) => low],
  ['_high', ({ high }) => high],
  ['_adjusted', ({ adjusted }) => adjusted?.value ?? null],
  ['_adjusted_low', ({ adjusted }) => adjusted?.low ?? null],
  ['_adjusted_high', ({ adjusted }) => adjusted?.high ?? null],
  ['_maturity', ({ maturity }) => maturity],
  ['_final', ({ final }) => final],
];

/** The rows as CSV: time (if a grain was asked), dimensions, then ten columns a metric. */
export function answerCsv(query: MetricQuery, { rows }: MetricAnswer): string {
  const dimensions = [...(query.grain === undefined ? [] : ['time']), ...query.by];
  const header = [...dimensions, ...query.metrics.flatMap((metric) => parts.map(([suffix]) => `${metric}${suffix}`))];
  const cells = rows.map((row) => [
    ...dimensions.map((name) => row.dimensions[name] ?? null),
    ...query.metrics.flatMap((metric) => {
      const value = row.metrics[metric];
      return parts.map(([, of]) => (value === undefined ? null : of(value)));
    }),
  ]);
  return toCsv(header, cells);
}
