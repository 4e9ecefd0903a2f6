import type { FastifyInstance } from 'fastify';
import { modes } from '../controller/decision.ts';
import type { ControlRoom } from './control-view.ts';
import { fileResponse } from './responses.ts';
import { escapeLabel, type Family, renderFamilies, type Telemetry } from './telemetry.ts';
import type { Warehouse, WarehouseStatus } from './warehouse.ts';

export interface MonitoringOptions {
  warehouse: Warehouse;
  control: ControlRoom;
  telemetry: Telemetry;
  version: string;
  now: () => Date;
}

/** `GET /metrics` for Prometheus. A warehouse that does not answer leaves its families empty, and `sluice_warehouse_up` says so. */
export function monitoringPlugin(app: FastifyInstance, { warehouse, control, telemetry, version, now }: MonitoringOptions): void {
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
      const families = [
        ...ownFamilies(telemetry, version),
        ...controlFamilies(control, now().getTime()),
        gauge('sluice_warehouse_up', 'Whether the warehouse answered', [{ value: status === null ? 0 : 1 }]),
        ...warehouseFamilies(status),
      ];
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(renderFamilies(families));
    },
  );
}

type Samples = Family['samples'];
export const counter = (name: string, help: string, samples: Samples): Family => ({ name, type: 'counter', help, samples });
export const gauge = (name: string, help: string, samples: Samples): Family => ({ name, type: 'gauge', help, samples });

/** What every role counts about itself. */
export function ownFamilies(telemetry: Telemetry, version: string): Family[] {
  const { appended, events, gateway, webhooks } = telemetry;
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
    counter(
      'sluice_gateway_requests_total',
      'Requests to the gateway by what became of them; forwarded ones had a right each',
      Object.entries(gateway ?? {}).map(([outcome, value]) => ({ labels: `outcome="${outcome}"`, value })),
    ),
    counter('sluice_log_records_total', 'Records made durable since start', [{ value: appended.records }]),
    counter('sluice_log_bytes_total', 'Bytes of their bodies', [{ value: appended.bytes }]),
    counter('sluice_log_failures_total', 'Appends that failed', [{ value: appended.failures }]),
    gauge('sluice_process_resident_bytes', 'Resident memory of the process', [{ value: process.memoryUsage.rss() }]),
  ];
}

function warehouseFamilies(status: WarehouseStatus | null): Family[] {
  const { positions = [], models = [], apply } = status ?? {};
  const one = (value: number | undefined) => (value === undefined ? [] : [{ value }]);
  return [
    gauge(
      'sluice_apply_lag_records',
      'Records in the log that the warehouse has not applied yet',
      positions.map(({ partition, lag }) => ({ labels: `partition="${escapeLabel(partition)}"`, value: Number(lag) })),
    ),
    counter('sluice_apply_records_total', 'Records that are in the warehouse', one(status?.records_applied)),
    counter(
      'sluice_log_lost_records_total',
      'Records that left the log unread and whose loss was accepted',
      one(status?.records_lost),
    ),
    gauge(
      'sluice_log_gap_open',
      '1 while records are missing where the warehouse stands',
      one(apply && (apply.gap === null ? 0 : 1)),
    ),
    gauge('sluice_apply_idle_seconds', 'Since the loop that applies the log last came round', one(apply && apply.idle_ms / 1000)),
    gauge('sluice_apply_batch_records', 'Records in the newest batch', one(apply?.batch_records)),
    gauge(
      'sluice_apply_batch_fill',
      'How full the newest batch was; 1 = as full as may be, so more waits',
      one(apply?.batch_fill),
    ),
    gauge('sluice_quarantined_items', 'Items set aside', one(status?.quarantined)),
    gauge('sluice_unmodelled_updates', 'Updates of kinds that no fact is made of', one(status?.unmodelled)),
    gauge('sluice_warehouse_file_bytes', 'Size of the warehouse file', one(status?.file_bytes)),
    gauge('sluice_warehouse_memory_bytes', 'Memory that the warehouse holds', one(status?.memory_bytes)),
    gauge(
      'sluice_model_stale',
      '1 for a model that serves an older good table',
      models.map(({ model, stale }) => ({ labels: `model="${escapeLabel(model)}"`, value: stale ? 1 : 0 })),
    ),
  ];
}

/** States that a scope may have, so that each has its gauge even when nothing is in it. */
const scopeStates = [...modes, 'stopped'];

function controlFamilies(control: ControlRoom, now: number): Family[] {
  const { ticks, failures, snapshot_at, snapshot_ms } = control.health();
  const views = control.brain?.views() ?? [];
  const { book } = control;
  const counters = book?.counters;
  const by = (label: string, values: Record<string, number | undefined>) =>
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ labels: `${label}="${name}"`, value }]));
  return [
    counter('sluice_control_ticks_total', 'Rounds of the controller by outcome', [
      { labels: 'outcome="done"', value: ticks },
      { labels: 'outcome="failed"', value: failures },
    ]),
    gauge(
      'sluice_control_snapshot_age_seconds',
      'Age of the counts that permits go by; while they grow old, sending rights run out by themselves',
      snapshot_at === null ? [] : [{ value: Math.max(0, now - snapshot_at) / 1000 }],
    ),
    gauge(
      'sluice_control_snapshot_seconds',
      'How long the newest counts took',
      snapshot_ms === null ? [] : [{ value: snapshot_ms / 1000 }],
    ),
    gauge(
      'sluice_control_scopes',
      'Scopes by state',
      scopeStates.map((state) => ({ labels: `state="${state}"`, value: views.filter((view) => view.state === state).length })),
    ),
    gauge('sluice_control_overrides', 'Overrides in force', [{ value: control.inForce().length }]),
    gauge(
      'sluice_control_unpermitted_sends',
      'Messages of a number seen beyond the rights granted, where it asks for permits',
      views
        .filter(({ kind, permitted }) => kind === 'number' && permitted > 0)
        .map(({ scope, seen, permitted }) => ({ labels: `scope="${escapeLabel(scope)}"`, value: Math.max(0, seen - permitted) })),
    ),
    counter(
      'sluice_permit_requests_total',
      'Requests for sending rights by outcome',
      by('outcome', {
        granted: counters && counters.requests - counters.refused,
        refused: counters?.refused,
        repeated: counters?.repeated,
      }),
    ),
    counter(
      'sluice_permit_rights_total',
      'Sending rights by what became of them',
      by('what', { granted: counters?.granted, returned: counters?.returned }),
    ),
    gauge('sluice_permit_leases', 'Leases that still count', book === null ? [] : [{ value: book.leaseCount }]),
  ];
}
