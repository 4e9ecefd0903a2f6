import type { Warehouse, WarehouseStatus } from '../api/warehouse.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import type { LogRecord, NewRecord, Place, RecordKind } from '../ingest/record.ts';
import type { MetricAnswer, MetricQuery } from '../models/metric-query.ts';
import { SluiceError } from '../sql/errors.ts';

/** A log in memory, for tests of routes: keeps what was appended; `broken` makes it refuse as a full disk would. */
export class MemoryLog implements EventLogWriter {
  readonly records: LogRecord[] = [];
  broken = false;

  append(kind: RecordKind, body: Uint8Array, receivedAt: bigint): Promise<Place> {
    return this.appendAll(kind, [{ body, receivedAt }]);
  }

  async appendAll(kind: RecordKind, records: readonly NewRecord[]): Promise<Place> {
    if (this.broken) throw new SluiceError('log_unavailable', { detail: 'no space left' });
    const first = { partition: 'log', offset: BigInt(this.records.length) };
    for (const { body, receivedAt } of records) {
      const offset = BigInt(this.records.length);
      this.records.push({ partition: 'log', offset, kind, body: Uint8Array.from(body), receivedAt });
    }
    return first;
  }

  async close(): Promise<void> {}

  /** The bodies of one kind, as text. */
  bodies(kind: RecordKind): string[] {
    return this.records.filter((record) => record.kind === kind).map(({ body }) => Buffer.from(body).toString());
  }
}

const none = null;
const unknownValue = async (): Promise<never> => {
  throw new SluiceError('value_data_insufficient');
};

/** A warehouse of fixed answers, for tests of routes. It applies campaigns at once, as the real one does within milliseconds. */
export function fixedWarehouse(log: MemoryLog, overrides: Partial<Warehouse> = {}): Warehouse {
  const campaigns = () =>
    log.bodies('command').flatMap((text) => {
      const { command, id, body } = JSON.parse(text);
      if (command !== 'campaign.put') return [];
      const { name, objective = none, category, windows, arms } = body;
      const unknown = { phone_number_id: none, template_name: none, template_language: none, margin: none };
      const times = { first_message_at: none, last_message_at: none };
      return [{ campaign_id: id, name, objective, category, registered: true, ...times, ...unknown, windows, arms }];
    });
  const status = async (): Promise<WarehouseStatus> => ({
    positions: [{ partition: 'log', applied: String(log.records.length), end: String(log.records.length), lag: '0' }],
    records_applied: log.records.length,
    records_lost: 0,
    quarantined: 0,
    unmodelled: 0,
    watermark: none,
    models: [],
    apply: { idle_ms: 5, paused: false, batch_records: 0, batch_fill: 0, gap: null },
    file_bytes: 4096,
    memory_bytes: 8192,
  });
  return {
    status,
    positions: async () => (await status()).positions,
    isBehind: async () => false,
    buildMark: async () => 'built once',
    controlSnapshot: async (at) => ({
      as_of: at,
      lag: 0,
      complete_to: at,
      cohorts: [],
      numbers: [],
      ledgers: [],
      words: [],
      used: [],
      policies: [],
      curves: [],
      baselines: null,
      established: null,
    }),
    controlNews: async () => ({ words: [], urgent: false }),
    controlBooks: async () => ({ seq: 0, latest: [], overrides: [], grants: [], returned: [] }),
    decisions: async () => [],
    people: async () => [],
    metrics: async (query: MetricQuery): Promise<MetricAnswer> => {
      if (!query.metrics.every((name) => name === 'read_rate')) {
        throw new SluiceError('query_invalid', { detail: 'no such metric', field: 'metrics' });
      }
      const value = {
        value: 0.5,
        numerator: 10,
        denominator: 20,
        low: 0.299,
        high: 0.701,
        adjusted: none,
        maturity: none,
        final: false,
      };
      const dimensions = Object.fromEntries(query.by.map((name) => [name, '=cmd|calc']));
      return {
        rows: [{ dimensions, metrics: { read_rate: value } }],
        truncated: false,
        watermark: '2026-11-21T10:00:00.000Z',
        built_at: none,
        stale: [],
      };
    },
    metricsArrow: async () => Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0),
    catalog: async () => ({ metrics: [], dimensions: [{ name: 'campaign', description: 'The campaign' }] }),
    campaigns: async () => campaigns(),
    campaign: async (id) => campaigns().findLast((campaign) => campaign.campaign_id === id) ?? none,
    experiments: async () => [],
    experiment: async () => none,
    experimentHistory: async () => none,
    experimentDesign: async () => none,
    assignedArms: async () => [],
    looksDue: async () => [],
    segmentLift: async () => none,
    unanswered: async ({ at }) => ({ at, waiting: [] }),
    messages: async () => [],
    quarantineList: async () => [],
    deadLetters: async () => [],
    quarantineReplay: async () => ({ replayed: 0, left: 0 }),
    buildModels: async () => [{ model: 'mart_message', outcome: 'ok', rows: 1, message: none }],
    copyTo: async () => undefined,
    exportTable: async () => {
      throw new SluiceError('export_invalid', { detail: 'no such table' });
    },
    rebuild: async () => ({ records: 0, seconds: 0 }),
    valueOverview: async () => ({ currencies: [], watermark: none }),
    customerHistories: unknownValue,
    customerSpend: unknownValue,
    cohortRevenue: async () => [],
    valueMark: unknownValue,
    valueFit: async () => none,
    keepValueFit: async () => undefined,
    campaignReturns: async () => [],
    namesOf: async () => [],
    reconciliationBooks: async () => ({ records: [], facts: [] }),
    reconciliationLines: async () => [],
    inactiveNames: async () => [],
    heldOn: async () => ({ tables: {}, records: [] }),
    reloadForgotten: async () => undefined,
    metricsAsOf: async () => {
      throw new SluiceError('snapshot_unknown');
    },
    takeSnapshot: async () => ({ tables: 0, rows: 0 }),
    close: async () => undefined,
    ...overrides,
  };
}
