import type { PlatformWord } from '../../controller/evidence.ts';
import { type ScopeId, scopeId } from '../../controller/scope.ts';
import type { Baseline, CohortRow, ControlSnapshot, DelayCurve, LedgerRow, NumberRow } from '../../controller/snapshot.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { hourMs, minuteMs, number, text } from './control-queries.ts';

/** Ages at which the delay curves are known, ms. */
export const curveAges: readonly number[] = [
  ...[1, 5, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 6, 12, 24, 48, 72].map((hours) => hours * hourMs),
];

/** The rows of cohort.sql, read by column: there may be ten thousand rows. `countedAt` is told of those that outlive their snapshot. */
export async function cohorts(connection: Connection, query: string, countedAt?: number): Promise<CohortRow[]> {
  const { values } = await connection.columns(query);
  const [campaigns, templates, segments, variants, markets, numbers, categories, ...counts] = values;
  const at = (column: number, row: number) => Number(counts[column]?.[row]);
  return (campaigns ?? []).map((campaign, row) => ({
    campaign_id: text(campaign),
    template_name: text(templates?.[row]),
    segment_id: text(segments?.[row]),
    variant_id: text(variants?.[row]),
    market: text(markets?.[row]),
    phone_number_id: text(numbers?.[row]),
    category: text(categories?.[row]),
    sent_at: at(0, row),
    sent: at(1, row),
    held: at(2, row),
    delivered: at(3, row),
    read: at(4, row),
    replied: at(5, row),
    clicked: at(6, row),
    events: {
      undeliverable: at(7, row),
      marketing_limit: at(8, row),
      platform_block: at(9, row),
      other_failure: at(10, row),
      opt_out: at(11, row),
      complaint: at(12, row),
    },
    ...(countedAt === undefined ? {} : { counted_at: countedAt }),
  }));
}

/** A row of number.sql. */
export function numberRow(row: Row): NumberRow {
  return {
    phone_number_id: String(row.phone_number_id),
    waba_id: text(row.waba_id),
    portfolio_id: text(row.portfolio_id),
    last_feedback_at: number(row.last_feedback_at),
    seen: Number(row.seen),
    permitted: Number(row.permitted),
  };
}

/** A row of ledger.sql. */
export function ledger(row: Row): LedgerRow {
  return { portfolio_id: text(row.portfolio_id), people: Number(row.people), limit: number(row.limit_people) };
}

/** A row of curve.sql: counts by mark, to shares of what is there by each. */
export function curve(row: Row): DelayCurve {
  const events = Number(row.events);
  const shares = sharesOf(row, events);
  return { signal: row.signal as DelayCurve['signal'], category: text(row.category), events, ages: curveAges, shares };
}

/** A row of baseline.sql: counts by mark, to shares of the messages that had the chance. */
export function baseline(row: Row): Baseline {
  const messages = Number(row.messages);
  return {
    campaign_id: text(row.campaign_id),
    template_name: text(row.template_name),
    segment_id: text(row.segment_id),
    signal: row.signal as Baseline['signal'],
    hour: Number(row.hour),
    messages,
    ages: curveAges,
    shares: sharesOf(row, messages),
  };
}

function sharesOf(row: Row, whole: number): number[] {
  let there = 0;
  return (row.counts as (number | bigint)[]).map((count) => {
    there += Number(count);
    return there / whole;
  });
}

/** A row of established.sql. */
export function established(row: Row): ScopeId {
  return scopeId(row.kind as 'template' | 'number' | 'portfolio', String(row.id));
}

/** A row of word.sql. */
export function platformWord(row: Row): PlatformWord {
  const kind = row.scope as 'number' | 'template' | 'waba';
  return {
    scope: scopeId(kind, String(row.value)),
    action: row.action as PlatformWord['action'],
    code: String(row.code),
    at: Number(row.said_at),
    until: number(row.until_at),
  };
}

/** A row of policy.sql. */
export function campaignPolicy(row: Row): ControlSnapshot['policies'][number] {
  return {
    campaign_id: String(row.campaign_id),
    policy: JSON.parse(String(row.policy)) as Record<string, unknown>,
  };
}

/** Messages of one campaign ('' for none) that used rights of one permit. */
export interface UsedRow {
  permit_id: string;
  campaign_id: string;
  used: number;
}

/** A row of used.sql. */
export function usedRow(row: Row): UsedRow {
  return { permit_id: String(row.permit_id), campaign_id: String(row.campaign_id), used: Number(row.used) };
}
