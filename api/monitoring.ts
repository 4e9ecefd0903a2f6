import type { FastifyInstance } from 'fastify';
import { fileResponse } from './responses.ts';
import { escapeLabel, type Family, renderFamilies, type Telemetry } from './telemetry.ts';
import type { Warehouse, WarehouseStatus } from './warehouse.ts';

/** `GET /metrics` for Prometheus. A warehouse that does not answer leaves its own families out, and `sluice_warehouse_up` says so. */
export function monitoringPlugin(
  app: FastifyInstance,
  { warehouse, telemetry, version }: { warehouse: Warehouse; telemetry: Telemetry; version: string },
): void {
  app.get(
    '/metrics',
    {
      config: { right: 'operate' },
      schema: {
        tags: ['operation'],
        summary: 'Counters and gauges in the Prometheus text format',
        response: { 200: fileResponse('The text', 'text/plain') },
      },
    },
    async (_request, reply) => {
      const status = await warehouse.status().catch(() => null);
      const families = [...ownFamilies(telemetry, version), ...(status === null ? [] : warehouseFamilies(status))];
      families.push(gauge('sluice_warehouse_up', 'Whether the warehouse answered', [{ value: status === null ? 0 : 1 }]));
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(renderFamilies(families));
    },
  );
}

type Samples = Family['samples'];
const counter = (name: string, help: string, samples: Samples): Family => ({ name, type: 'counter', help, samples });
const gauge = (name: string, help: string, samples: Samples): Family => ({ name, type: 'gauge', help, samples });

function ownFamilies(telemetry: Telemetry, version: string): Family[] {
  const { appended, events, webhooks } = telemetry;
  const requests = [...telemetry.requestsByLabels()];
  return [
    gauge('sluice_build_info', 'The running version', [{ labels: `version="${escapeLabel(version)}"`, value: 1 }]),
    counter(
      'sluice_http_requests_total',
      'Finished requests by route and status, webhooks apart',
      requests.map(([labels, { count }]) => ({ labels, value: count })),
    ),
    counter(
      'sluice_http_request_seconds_total',
      'Time spent on them',
      requests.map(([labels, { seconds }]) => ({ labels, value: seconds })),
    ),
    counter(
      'sluice_webhooks_total',
      'Webhook posts by outcome',
      Object.entries(webhooks).map(([outcome, value]) => ({ labels: `outcome="${outcome}"`, value })),
    ),
    counter('sluice_unauthorized_total', 'Requests refused for want of a valid token', [{ value: telemetry.refused }]),
    counter('sluice_events_total', 'First-party events by outcome', [
      { labels: 'outcome="accepted"', value: events.accepted },
      { labels: 'outcome="rejected"', value: events.rejected },
    ]),
    counter('sluice_log_records_total', 'Records made durable since start', [{ value: appended.records }]),
    counter('sluice_log_bytes_total', 'Bytes of their bodies', [{ value: appended.bytes }]),
    counter('sluice_log_failures_total', 'Appends that failed', [{ value: appended.failures }]),
    gauge('sluice_process_resident_bytes', 'Resident memory of the process', [{ value: process.memoryUsage.rss() }]),
  ];
}

function warehouseFamilies(status: WarehouseStatus): Family[] {
  return [
    gauge(
      'sluice_apply_lag_records',
      'Records in the log that the warehouse has not applied yet',
      status.positions.map(({ partition, lag }) => ({ labels: `partition="${escapeLabel(partition)}"`, value: Number(lag) })),
    ),
    gauge('sluice_quarantined_items', 'Items set aside', [{ value: status.quarantined }]),
    gauge('sluice_unmodelled_updates', 'Updates of kinds that no fact is made of', [{ value: status.unmodelled }]),
    gauge('sluice_warehouse_file_bytes', 'Size of the warehouse file', [{ value: status.file_bytes }]),
    gauge('sluice_warehouse_memory_bytes', 'Memory that the warehouse holds', [{ value: status.memory_bytes }]),
    gauge(
      'sluice_model_stale',
      '1 for a model that serves an older good table',
      status.models.map(({ model, stale }) => ({ labels: `model="${escapeLabel(model)}"`, value: stale ? 1 : 0 })),
    ),
  ];
}
