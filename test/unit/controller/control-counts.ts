import type { CohortDay, Evidence, Override } from '../../../controller/evidence.ts';
import { eachSignal } from '../../../controller/scope-state.ts';
import type { CohortRow, ControlSnapshot } from '../../../controller/snapshot.ts';

/** Counts as the warehouse hands them to the controller, for one stream of one campaign unless said otherwise. */
export const noon = Date.UTC(2026, 10, 26, 12);
export const minute = 60_000;
export const hour = 60 * minute;
export const stream = 'stream:autumn/autumn_sale/vip';
export const campaign = 'campaign:autumn';
export const number = 'number:555';
export const segment = 'segment:vip';
export const template = 'template:autumn_sale';

type Events = CohortRow['events'];
export const none: Events = {
  undeliverable: 0,
  marketing_limit: 0,
  platform_block: 0,
  other_failure: 0,
  opt_out: 0,
  complaint: 0,
};
export const undeliverable = (count: number): Events => ({ ...none, undeliverable: count });

export function sends(parts: Partial<CohortRow> & Pick<CohortRow, 'sent' | 'sent_at'>): CohortRow {
  return {
    campaign_id: 'autumn',
    template_name: 'autumn_sale',
    segment_id: 'vip',
    variant_id: null,
    market: null,
    phone_number_id: '555',
    category: 'marketing',
    held: 0,
    delivered: 0,
    read: 0,
    replied: 0,
    clicked: 0,
    events: none,
    ...parts,
  };
}

export function snapshot(asOf: number, cohorts: CohortRow[], parts: Partial<ControlSnapshot> = {}): ControlSnapshot {
  const own = { phone_number_id: '555', waba_id: 'w', portfolio_id: 'p', last_feedback_at: asOf, seen: 0, permitted: 0 };
  return {
    as_of: asOf,
    lag: 0,
    complete_to: asOf,
    cohorts,
    numbers: [own],
    ledgers: [],
    words: [],
    used: [],
    policies: [],
    curves: [],
    baselines: null,
    established: null,
    ...parts,
  };
}

/** One day of a scope: `exposure` settled messages, of which some were undeliverable. */
export function day(of: { sent?: number; matured?: number; events?: number; exposure?: number; day?: string }): CohortDay {
  const { sent = 0, matured = 0, events = 0, exposure = 0 } = of;
  const signals = { ...eachSignal(() => ({ events: 0, exposure: 0 })), undeliverable: { events, exposure } };
  return { day: of.day ?? '2026-11-26', sent, matured, signals };
}

/** Fresh evidence of the stream; what is out follows from the days. */
export function evidence(cohorts: CohortDay[], parts: Partial<Evidence> = {}): Evidence {
  const sum = (of: 'sent' | 'matured') => cohorts.reduce((all, one) => all + one[of], 0);
  return {
    scope: stream,
    as_of: noon,
    watermark: noon,
    cohorts,
    out: { since: null, sent: sum('sent'), matured: sum('matured'), slowest: sum('matured') },
    without: [],
    held: 0,
    novel: false,
    accused: null,
    suspected: null,
    baseline: null,
    seen: 0,
    permitted: 0,
    words: [],
    overrides: [],
    contradictions: [],
    ...parts,
  };
}

export function override(parts: Partial<Override> & Pick<Override, 'action'>): Override {
  return {
    override_id: 'o1',
    scope: stream,
    window: null,
    per_second: null,
    reason: 'as agreed',
    actor: 'ops',
    at: noon,
    until: null,
    ...parts,
  };
}
