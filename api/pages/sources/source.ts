import type { VNode } from 'preact';
import type { MetricDefinition } from '../../../models/metric-query.ts';
import type { ControlRoom } from '../../control-view.ts';
import type { Cell } from '../../csv.ts';
import type { Forecaster } from '../../forecaster.ts';
import type { Role } from '../../roles.ts';
import type { CampaignDetail, Warehouse } from '../../warehouse.ts';
import type { NamedChart } from '../charts.ts';
import type { Filters } from '../filters.ts';
import type { Words } from '../words.ts';

/** What a source may ask. */
export interface SourceAsk {
  warehouse: Warehouse;
  control: ControlRoom;
  /** Absent where there is no pool: forecasts then say so. */
  forecaster: Forecaster | null;
  filters: Filters;
  words: Words;
  now: Date;
  role: Role;
  /** On the page of one campaign: which. */
  campaign: CampaignDetail | null;
  definitions: ReadonlyMap<string, MetricDefinition>;
}

/** What a source shows: markup, a chart above it where there is one, and the same as a table to take along. */
export interface SourceView {
  view: VNode;
  chart?: NamedChart;
  table?: { header: string[]; rows: Cell[][] };
}

export type Source = (ask: SourceAsk) => Promise<SourceView>;
