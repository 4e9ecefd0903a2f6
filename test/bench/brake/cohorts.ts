import type { CohortRow, ControlSnapshot } from '../../../controller/snapshot.ts';
import { hour, minute } from '../../../simulator/emission.ts';
import { type Crowd, type FeedbackKind, kinds } from '../../../simulator/scenario/crowd.ts';
import type { Lane } from '../../../simulator/scenario/scenario.ts';
import { accountOf } from '../../../simulator/scenario/scenarios.ts';

const quarter = 15 * minute;
const bit = Object.fromEntries(kinds.map((kind, i) => [kind, 1 << i])) as Record<FeedbackKind, number>;
const harms = new Set<FeedbackKind>([
  'undeliverable',
  'marketing_limit',
  'platform_block',
  'other_failure',
  'opt_out',
  'complaint',
]);
const proofs = new Set<FeedbackKind>(['delivered', 'read', 'reply', 'click']);

/** The counts that the warehouse would hand to the controller, kept as feedback comes. Copies of a feedback count once. */
export class Cohorts {
  private readonly minutes: Map<number, CohortRow>[];
  private readonly quarters: Map<number, CohortRow>[];
  /** By message: its rows, and what is known of it. */
  private readonly rowsOf: [CohortRow, CohortRow][] = [];
  private readonly known: number[] = [];
  private readonly numbers: Map<string, { sent: number; lastFeedbackAt: number }>;

  constructor(private readonly crowd: Crowd) {
    const { lanes } = crowd.setting;
    this.minutes = lanes.map(() => new Map());
    this.quarters = lanes.map(() => new Map());
    this.numbers = new Map(lanes.map(({ number }) => [number, { sent: 0, lastFeedbackAt: crowd.startAt }]));
    lanes.forEach((lane, index) => {
      if (!lane.fresh) this.yesterday(lane, index);
    });
  }

  /** An hour of the day before, as usual as can be. */
  private yesterday({ usual, perSecond }: Lane, index: number): void {
    const row = this.row(this.quarters, index, this.crowd.startAt - 20 * hour, quarter);
    const sent = Math.round(perSecond * 3600);
    const { undeliverable, marketingLimit, platformBlock, otherFailure, read, reply, click, optOut, complaint } = usual;
    const came = 0.98 * (1 - undeliverable - marketingLimit - platformBlock - otherFailure);
    const of = (share: number) => Math.round(sent * share);
    row.events = {
      undeliverable: of(undeliverable),
      marketing_limit: of(marketingLimit),
      platform_block: of(platformBlock),
      other_failure: of(otherFailure),
      opt_out: of(came * optOut),
      complaint: of(came * complaint),
    };
    Object.assign(row, {
      sent,
      delivered: of(came),
      read: of(came * read),
      replied: of(came * reply),
      clicked: of(came * click),
    });
  }

  /** Went out: the sender says so, by its own clock. */
  sent(lane: number, first: number, count: number): void {
    const { crowd } = this;
    for (let message = first; message < first + count; message++) {
      const at = (crowd.sentAt[message] as number) + (crowd.setting.trouble.skew ?? 0);
      const rows: [CohortRow, CohortRow] = [this.row(this.minutes, lane, at, minute), this.row(this.quarters, lane, at, quarter)];
      for (const row of rows) row.sent++;
      this.rowsOf[message] = rows;
      this.known[message] = 0;
    }
    const number = this.numbers.get((crowd.setting.lanes[lane] as Lane).number);
    if (number !== undefined) number.sent += count;
  }

  hear(told: readonly number[]): void {
    for (const one of told) {
      const message = one >> 4;
      const kind = kinds[one & 15] as FeedbackKind;
      const before = this.known[message] as number;
      if ((before & bit[kind]) !== 0) continue;
      this.known[message] = before | bit[kind];
      for (const row of this.rowsOf[message] as [CohortRow, CohortRow]) count(row, kind, before);
      if (proofs.has(kind) && (before & bit.delivered) === 0)
        this.known[message] = (this.known[message] as number) | bit.delivered;
      const lane = this.crowd.setting.lanes[this.crowd.laneOf[message] as number] as Lane;
      const number = this.numbers.get(lane.number);
      if (number !== undefined) number.lastFeedbackAt = this.crowd.now;
    }
  }

  snapshot(rest: Pick<ControlSnapshot, 'used' | 'baselines' | 'established'>): ControlSnapshot {
    const { crowd } = this;
    const { now, setting } = crowd;
    const minuteFrom = Math.floor((now - 2 * hour) / quarter) * quarter;
    const cohorts: CohortRow[] = [];
    for (const rows of this.quarters) for (const row of rows.values()) if (row.sent_at < minuteFrom) take(cohorts, row);
    for (const rows of this.minutes) {
      for (const [at, row] of rows) {
        if (row.sent_at < minuteFrom) rows.delete(at);
        else take(cohorts, row);
      }
    }
    const people = (setting.limit?.used ?? 0) + this.rowsOf.length;
    return {
      as_of: now,
      lag: 0,
      complete_to: now,
      cohorts,
      numbers: [...this.numbers].map(([phone_number_id, { sent, lastFeedbackAt }]) => ({
        phone_number_id,
        waba_id: accountOf.waba,
        portfolio_id: accountOf.portfolio,
        last_feedback_at: lastFeedbackAt,
        seen: sent,
        permitted: sent,
      })),
      ledgers: [{ portfolio_id: accountOf.portfolio, people, limit: setting.limit?.people ?? null }],
      words: [...crowd.judge.said(now)].map(({ scope, id, word }) => ({
        scope: `${scope}:${id}`,
        action: word === 'paused' ? 'stop' : 'no_growth',
        code: word === 'paused' ? 'template_paused' : `${scope}_flagged`,
        at: now,
        until: null,
      })),
      policies: [],
      curves: [],
      ...rest,
    };
  }

  private row(rows: Map<number, CohortRow>[], index: number, at: number, span: number): CohortRow {
    const sent_at = Math.floor(at / span) * span;
    const own = rows[index] as Map<number, CohortRow>;
    const known = own.get(sent_at);
    if (known !== undefined) return known;
    const { campaign, template, segment, variant, market, number } = this.crowd.setting.lanes[index] as Lane;
    const row: CohortRow = {
      campaign_id: campaign,
      template_name: template,
      segment_id: segment,
      variant_id: variant,
      market,
      phone_number_id: number,
      category: 'marketing',
      sent_at,
      sent: 0,
      held: 0,
      delivered: 0,
      read: 0,
      replied: 0,
      clicked: 0,
      events: { undeliverable: 0, marketing_limit: 0, platform_block: 0, other_failure: 0, opt_out: 0, complaint: 0 },
    };
    own.set(sent_at, row);
    return row;
  }
}

function take(cohorts: CohortRow[], row: CohortRow): void {
  if (row.sent + row.held > 0) cohorts.push(row);
}

function count(row: CohortRow, kind: FeedbackKind, before: number): void {
  if (harms.has(kind)) row.events[kind as keyof CohortRow['events']]++;
  if (proofs.has(kind) && (before & bit.delivered) === 0) row.delivered++;
  if (kind === 'read') row.read++;
  else if (kind === 'click') row.clicked++;
  else if ((kind === 'reply' || kind === 'complaint') && (before & (bit.reply | bit.complaint)) === 0) row.replied++;
  else if (kind === 'held' && (before & bit.released) === 0) {
    row.held++;
    row.sent--;
  } else if (kind === 'released' && (before & bit.held) !== 0) {
    row.held--;
    row.sent++;
  } else if (kind === 'refused') row.sent--;
}
