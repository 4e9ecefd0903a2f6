import type { CohortMonth } from '../models/value/cohort.ts';
import type { DropoutModel } from '../models/value/dropout-model.ts';
import type { ForecastFit } from '../models/value/forecast.ts';
import type { HistoryColumns, SpendColumns } from '../models/value/history-columns.ts';
import type { RevenuePeople } from '../models/value/return.ts';

/** By what customers are told apart: month of the first purchase, campaign credited with the first order, segment at the last day. */
export const valueParts = ['all', 'cohort', 'campaign', 'segment'] as const;
export type ValuePart = (typeof valueParts)[number];

/** What the forecasts of customer value ask of the warehouse. Days are YYYY-MM-DD in UTC. */
export interface ValueWarehouse {
  /** Currencies that people have bought in up to a day, most orders first; and the newest event applied. */
  valueOverview(until: string): Promise<ValueOverview>;
  /** Equal histories counted, with what came after the calibration. */
  customerHistories(question: {
    currency: string;
    calibrationEnd: string;
    holdoutEnd: string;
    by: ValuePart;
  }): Promise<HistoryColumns>;
  customerSpend(question: { currency: string; until: string }): Promise<SpendColumns>;
  cohortRevenue(question: { currency: string; until: string; by: ValuePart }): Promise<PartRevenue[]>;
  /** A text that changes whenever the purchases up to that day do. */
  valueMark(question: { currency: string; until: string }): Promise<string>;
  valueFit(question: { currency: string; model: DropoutModel }): Promise<KeptFit | null>;
  keepValueFit(kept: KeptFit): Promise<void>;
  /** Campaigns with their costs and revenue, dearest first. `at`: ms since 1970, by which hold-outs are ripe; the answer may be as of a minute before. */
  campaignReturns(question: { campaign: string | null; at: number }): Promise<CampaignReturn[]>;
}

export interface ValueOverview {
  currencies: { currency: string; orders: number; customers: number; first_day: string; last_day: string }[];
  /** ISO 8601. */
  watermark: string | null;
}

/** Revenue of one part by cohort and month; months are counted from the year 0. */
export interface PartRevenue {
  part: string | null;
  sizes: [cohort: number, customers: number][];
  months: CohortMonth[];
}

export interface KeptFit {
  currency: string;
  /** The last day that it knows. */
  calibrationEnd: string;
  mark: string;
  /** ISO 8601. */
  fittedAt: string;
  fit: ForecastFit;
}

/** What one campaign cost and what is credited to it, in the reporting currency; money exact in micro-units. */
export interface CampaignReturn {
  campaign_id: string;
  name: string | null;
  margin: number | null;
  currency: string;
  delivered: number;
  /** Messages whose cost is not known. */
  unpriced: number;
  costMicros: bigint;
  revenueMicros: bigint;
  /** Centred sum of squares of the revenue of one delivered message. */
  squares: number;
  /** Orders credited whose value is not known in the reporting currency. */
  unvalued: number;
  /** People whose first order is credited to it. */
  customers_won: number;
  /** Of the service messages that answered its replies; and how many of them have no known price. */
  replyCostMicros: bigint;
  repliesUnpriced: number;
  /** What the customers won have brought by months since the first of them bought, all their orders; months without an order are left out. */
  wonMonths: { month: number; micros: bigint }[];
  holdouts: HoldoutOutcome[];
}

/** People of an experiment with a hold-out; those whose whole window has passed count. */
export interface HoldoutOutcome {
  experiment_id: string;
  holdout: RevenuePeople;
  treated: RevenuePeople;
  /** To be treated, whether their window has passed or not. */
  treated_assigned: number;
  /** Currencies of the revenue. */
  currencies: string[];
}
