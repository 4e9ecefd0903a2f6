import type { PlatformWord } from '../../controller/evidence.ts';
import { scopeId } from '../../controller/scope.ts';
import type { CohortRow, DelayCurve, LedgerRow, NumberRow } from '../../controller/snapshot.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { hourMs, minuteMs, number, text } from './control-queries.ts';

/** Ages at which the delay curves are known, ms. */
export const curveAges: readonly number[] = [
  ...[1, 5, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 6, 12, 24, 48, 72].map((hours) => hours * hourMs),
];

/** The rows of cohort.sql, read by column: there may be ten thousand rows. */
export async function cohorts(connection: Connection, query: string): Promise<CohortRow[]> {
  const { values } = await connection.columns(query);
  const [campaigns, templates, segments, numbers, categories, ...counts] = values;
  const at = (column: number, row: number) => Number(counts[column]?.[row]);
  return (campaigns ?? []).map((campaign, row) => ({
    campaign_id: text(campaign),
    template_name: text(templates?.[row]),
    segment_id: text(segments?.[row]),
    phone_number_id: text(numbers?.[row]),
    category: text(categories?.[row]),
    sent_at: at(0, row),
    sent: at(1, row),
    delivered: at(2, row),
    events: { undeliverable: at(3, row), platform_block: at(4, row), other_failure: at(5, row), opt_out: at(6, row) },
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
  let there = 0;
  const shares = (row.counts as (number | bigint)[]).map((count) => {
    there += Number(count);
    return there / events;
  });
  return { signal: row.signal as DelayCurve['signal'], category: text(row.category), events, ages: curveAges, shares };
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
