/** What may be asked of the metrics layer, and what it answers. Names are checked against the catalogue; no SQL comes in. */
export const grains = ['quarter_hour', 'hour', 'day', 'week', 'month'] as const;
export type Grain = (typeof grains)[number];

export interface MetricQuery {
  /** Names of the catalogue, in the order wanted. */
  metrics: string[];
  /** Dimensions to cut by. */
  by: string[];
  /** Adds the dimension `time`, the start of the interval in `zone`. */
  grain?: Grain;
  /** Half-open range over the message's time. */
  from?: Date;
  to?: Date;
  /** IANA zone in which intervals are cut; UTC unless told. */
  zone: string;
  /** Per dimension the values to keep. */
  where: Record<string, string[]>;
  /** Most rows to answer; `truncated` tells when there were more. */
  limit: number;
}

export interface MetricValue {
  /** The raw value; null where it is undefined (no denominator). */
  value: number | null;
  numerator: number;
  denominator: number;
  /** Wilson score interval at 95 % for rates; null for counts and where it is undefined. */
  low: number | null;
  high: number | null;
  /** Of a rate: corrected for feedback that has not arrived yet. Null where nothing is expected yet, or no delays are known. */
  adjusted: { value: number; low: number; high: number } | null;
  /** Of a rate: share of the feedback expected by now, 0 to 1; null where no delays are known. */
  maturity: number | null;
  /** True when every message behind it is past its window plus 7 days. */
  final: boolean;
}

/** Dimensions by name (null = not known), metrics by name; `time` is ISO 8601 in UTC. */
export interface MetricRow {
  dimensions: Record<string, string | null>;
  metrics: Record<string, MetricValue>;
}

export interface MetricAnswer {
  rows: MetricRow[];
  truncated: boolean;
  /** Newest event time in the marts, ISO 8601; null when they are empty. */
  watermark: string | null;
  /** When the marts were built, ISO 8601. */
  built_at: string | null;
  /** Names of marts that keep an older good table because a build or audit failed. */
  stale: string[];
}

/** One metric as the catalogue shows it. */
export interface MetricDefinition {
  name: string;
  label: string;
  description: string;
  /** `rate`: a share of the denominator, with an interval. `ratio`: so much per unit of the denominator. */
  kind: 'rate' | 'ratio' | 'count';
  /** Additive parts of the mart. */
  numerator: string;
  denominator: string | null;
  unit: string;
  /** Of an amount of money: the reporting currency, ISO 4217, once it is known. */
  currency?: string;
  direction: 'higher_is_better' | 'lower_is_better' | 'neutral';
  minimum_denominator: number;
  /** The value is the numerator (over the denominator) divided by this: 1,000,000 for money, whose parts are micro-units. */
  divide_by: number;
  dimensions: string[];
}
