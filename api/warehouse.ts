import type { Decision } from '../controller/decision.ts';
import type { PermitContact, PersonFacts } from '../controller/permit.ts';
import type { ControlBooks, ControlNews, ControlReading, DecisionQuery } from '../controller/snapshot.ts';
import type { DeadLetter } from '../ingest/kafka/dead-letters.ts';
import type { Design } from '../models/experiments/design.ts';
import type { Verdict } from '../models/experiments/document.ts';
import type { LookDue } from '../models/experiments/look.ts';
import type { SegmentLift, SegmentMetric } from '../models/experiments/segment-lift.ts';
import type { MetricAnswer, MetricDefinition, MetricQuery } from '../models/metric-query.ts';
import type { MessageWarehouse } from './message-desk.ts';
import type { PrivacyWarehouse } from './privacy-warehouse.ts';
import type { ReconciliationWarehouse } from './reconciliation.ts';
import type { ServiceWarehouse } from './service-desk.ts';
import type { ValueWarehouse } from './value-warehouse.ts';

/**
 * What the HTTP thread may ask of the thread that owns the warehouse. Arguments and answers are plain values (structured clone).
 * Errors come back as SluiceError with their code.
 */
export interface Warehouse extends ValueWarehouse, ServiceWarehouse, MessageWarehouse, PrivacyWarehouse, ReconciliationWarehouse {
  /** What the marts say as of the last build of the models that is over, or a little newer. */
  metrics(query: MetricQuery): Promise<MetricAnswer>;
  /** The same answer as one Arrow IPC stream, columns flattened: dimensions, then `<metric>`, `<metric>_numerator`, ... */
  metricsArrow(query: MetricQuery): Promise<Uint8Array>;
  /** A text that changes whenever the models were built: as long as it stays, so do all metrics but for what is final. Cheap. */
  buildMark(): Promise<string>;
  /** The same of a snapshot's folder, as of when it was taken. */
  metricsAsOf(query: MetricQuery, snapshot: { folder: string; takenAt: Date }): Promise<MetricAnswer>;
  /** Writes the marts as Parquet files into an existing folder, all as of one moment. */
  takeSnapshot(folder: string): Promise<{ tables: number; rows: number }>;
  catalog(): Promise<{ metrics: MetricDefinition[]; dimensions: { name: string; description: string }[] }>;
  /** Campaigns registered or seen in facts, newest activity first. */
  campaigns(): Promise<CampaignSummary[]>;
  campaign(id: string): Promise<CampaignDetail | null>;
  status(): Promise<WarehouseStatus>;
  /** How far each log partition is applied: cheap, for those who ask often. */
  positions(): Promise<WarehouseStatus['positions']>;
  /** Whether much more waits to become facts than one batch. */
  isBehind(): Promise<boolean>;
  /** Counts for the controller, at its own time (milliseconds since 1970). `baselines` names those that the asker has. */
  controlSnapshot(at: number, baselines?: string): Promise<ControlReading>;
  /** What should not wait for the next snapshot. */
  controlNews(at: number): Promise<ControlNews>;
  /** What the controller must know when it starts; to be asked once the log is applied to its end. */
  controlBooks(at: number): Promise<ControlBooks>;
  /** The trail, newest first. */
  decisions(query: DecisionQuery): Promise<Decision[]>;
  /** What is known of the people of a list, in its order; messages are looked for in so many hours. People nobody has told of have no consent. */
  people(contacts: readonly PermitContact[], at: number, lookBackHours: number): Promise<PersonFacts[]>;
  /** What is to be said of every experiment at a time (milliseconds since 1970), in short; those that began last first. */
  experiments(at: number): Promise<Verdict[]>;
  experiment(id: string, at: number): Promise<Verdict | null>;
  /** What was said at each look, oldest first. */
  experimentHistory(id: string): Promise<PastVerdict[] | null>;
  /** As it was registered last, ahead of the models, and when the first person was assigned. */
  experimentDesign(id: string): Promise<{ design: Design; startedAt: number | null } | null>;
  /** Who of these contacts is in the experiment already. */
  assignedArms(id: string, aliases: readonly string[]): Promise<AssignedArm[]>;
  /** Looks that say something new, to be recorded. */
  looksDue(at: number): Promise<LookDue[]>;
  segmentLift(id: string, metric: SegmentMetric, at: number): Promise<SegmentLift | null>;
  quarantineList(limit: number): Promise<QuarantineRow[]>;
  /** What was set aside behind these places of partitions, in order: at least one item when there is any, about `bytes` of bodies. */
  deadLetters(after: Readonly<Record<string, { offset: string; item: number }>>, bytes: number): Promise<DeadLetter[]>;
  /** Tries the quarantined items again; those that pass become facts. */
  quarantineReplay(): Promise<{ replayed: number; left: number }>;
  buildModels(full: boolean): Promise<{ model: string; outcome: string; rows: number | null; message: string | null }[]>;
  /** A consistent copy of the warehouse file at `path`, taken while it runs. */
  copyTo(path: string): Promise<void>;
  /** Writes one table to a file; format csv, parquet or arrow. */
  exportTable(table: string, format: 'csv' | 'parquet' | 'arrow', path: string): Promise<{ rows: number }>;
  /** Makes the warehouse anew from archive and log beside the serving one, then swaps. */
  rebuild(): Promise<{ records: number; seconds: number }>;
  close(): Promise<void>;
}

/** A contact by its surrogate, and the arm it was put into first. */
export interface AssignedArm {
  contact_alias: string;
  arm_id: string;
  assigned_at: number;
}

/** What was said at one look. */
export interface PastVerdict {
  look: number;
  design_hash: string;
  verdict: Verdict;
}

export interface CampaignSummary {
  campaign_id: string;
  name: string | null;
  objective: string | null;
  category: string | null;
  registered: boolean;
  first_message_at: string | null;
  last_message_at: string | null;
}

export interface CampaignDetail extends CampaignSummary {
  phone_number_id: string | null;
  template_name: string | null;
  template_language: string | null;
  margin: number | null;
  windows: { reply_hours: number; optout_hours: number; conversion_days: number };
  arms: { id: string; name: string | null; weight: number; holdout: boolean }[];
}

export interface WarehouseStatus {
  /** Per log partition: next offset to apply, end of the log, and the difference. */
  positions: { partition: string; applied: string; end: string; lag: string }[];
  /** Records that are in the warehouse; what is lost is not among them. */
  records_applied: number;
  /** Records that left the log unread and whose loss was accepted. */
  records_lost: number;
  quarantined: number;
  unmodelled: number;
  /** Newest event time applied, ISO 8601. */
  watermark: string | null;
  models: { model: string; outcome: string; finished_at: string | null; stale: boolean; message: string | null }[];
  /** The loop that applies the log: when it last came round, and how full its newest batch was (1 = as full as may be), and what is missing where it stands. */
  apply: { idle_ms: number; paused: boolean; batch_records: number; batch_fill: number; gap: string | null };
  file_bytes: number;
  memory_bytes: number;
}

export interface QuarantineRow {
  partition: string;
  offset: string;
  item: number;
  kind: string;
  received_at: string;
  reason: string;
  detail: string;
  /** The first 500 characters of the bytes as text. */
  excerpt: string;
}
