import type { CohortRow, ControlSnapshot, DelayCurve, LedgerRow, NumberRow } from '../../controller/snapshot.ts';
import type { Connection, Row } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { hourMs, leaseOver, minuteMs, number, platformWord, setInstants, text } from './control-queries.ts';

const file = (name: string) => readProjectFile(`sql/control/${name}.sql`);
const ofPart = (name: string, part: 'old' | 'young') => file(name).replaceAll('{{part}}', part);
const sql = {
  account: file('account'),
  firstPermit: file('first_permit'),
  old: [ofPart('group', 'old'), ofPart('written', 'old')],
  young: [ofPart('group', 'young'), ofPart('written', 'young')],
  cohort: file('cohort'),
  number: file('number'),
  ledger: file('ledger'),
  word: file('word'),
  used: file('used'),
  policy: file('policy'),
  curve: file('curve'),
} as const;

/** Messages whose feedback is still awaited: 72 hours. */
const horizonMs = 72 * hourMs;
/** The newest part of the horizon is read anew each time. */
const youngMs = 2 * hourMs;
const quarterMs = 15 * minuteMs;

/** Ages at which the delay curves are known, ms. */
export const curveAges: readonly number[] = [
  ...[1, 5, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 6, 12, 24, 48, 72].map((hours) => hours * hourMs),
];

/** What a costly part was read for, when, and for how long, by both clocks. */
interface Reading {
  at: number;
  endedMs: number;
  costMs: number;
}

/**
 * Reads the controller's counts, each snapshot in one transaction, on a connection of its own: what is costly and changes slowly is
 * kept there in temporary tables and read again now and then.
 */
export class ControlSnapshots {
  private old: (Reading & { youngFrom: number }) | null = null;
  private learned: (Reading & { curves: DelayCurve[] }) | null = null;
  private busy: Promise<unknown> = Promise.resolve();

  /** @param elapsed milliseconds of a clock that only goes forward; rests are measured by it */
  constructor(
    private readonly connection: Connection,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  /** @param lagOf how many records of the log are not below these positions */
  read(at: number, lagOf: (applied: ReadonlyMap<string, bigint>) => number): Promise<ControlSnapshot> {
    const next = this.busy.then(() => this.connection.transaction(() => this.readAll(at, lagOf)));
    this.busy = next.catch(() => undefined);
    return next;
  }

  private async readAll(at: number, lagOf: (applied: ReadonlyMap<string, bigint>) => number): Promise<ControlSnapshot> {
    const { connection } = this;
    const positions = await connection.rows('SELECT log_partition, next_offset FROM ingest_position');
    const lag = lagOf(new Map(positions.map((row) => [String(row.log_partition), row.next_offset as bigint])));
    await setInstants(connection, {
      control_at: at,
      minute_from: Math.floor((at - youngMs) / minuteMs) * minuteMs,
      lease_over: leaseOver(at),
      // The longest lease is an hour.
      lease_from: leaseOver(at) - hourMs,
    });
    await connection.exec(sql.account);
    await this.readOld(at);
    // Clocks of senders may run ahead.
    await setInstants(connection, { young_to: at + hourMs });
    for (const script of sql.young) await connection.exec(script);
    return {
      as_of: at,
      lag,
      cohorts: (await connection.rows(sql.cohort)).map(cohort),
      numbers: (await connection.rows(sql.number)).map(numberRow),
      ledgers: (await connection.rows(sql.ledger)).map(ledger),
      words: (await connection.rows(sql.word)).map(platformWord),
      used: (await connection.rows(sql.used)).map((row) => ({ permit_id: String(row.permit_id), used: Number(row.used) })),
      policies: (await connection.rows(sql.policy)).map((row) => ({
        campaign_id: String(row.campaign_id),
        policy: JSON.parse(String(row.policy)) as Record<string, unknown>,
      })),
      curves: await this.curves(at),
    };
  }

  /** Reads the older part of the horizon when it has rested: 20 times its cost, at most 10 s, but never less than 4 times its cost. */
  private async readOld(at: number): Promise<void> {
    const { old } = this;
    const started = this.elapsed();
    if (old !== null) {
      const rest = Math.max(4 * old.costMs, Math.min(20 * old.costMs, 10_000));
      const near = at >= old.at && at < old.at + youngMs;
      if (near && started < old.endedMs + rest) return;
    }
    this.old = null;
    const youngFrom = Math.floor((at - youngMs) / quarterMs) * quarterMs;
    await setInstants(this.connection, {
      old_from: at - horizonMs,
      old_to: youngFrom,
      old_day: at - 24 * hourMs,
      young_from: youngFrom,
      young_day: youngFrom,
    });
    await this.connection.exec(sql.firstPermit);
    for (const script of sql.old) await this.connection.exec(script);
    const endedMs = this.elapsed();
    this.old = { at, youngFrom, endedMs, costMs: endedMs - started };
  }

  /** The delay curves, learned again after an hour by the controller's clock, and after 20 times their cost. */
  private async curves(at: number): Promise<DelayCurve[]> {
    const { learned } = this;
    const started = this.elapsed();
    if (learned !== null && at >= learned.at && at < learned.at + hourMs) return learned.curves;
    if (learned !== null && started < learned.endedMs + 20 * learned.costMs) return learned.curves;
    await setInstants(this.connection, { curve_from: at - 30 * 24 * hourMs, curve_to: at - horizonMs });
    await this.connection.exec(`SET VARIABLE curve_marks = [${curveAges.map((age) => `${age}::BIGINT`).join(', ')}]`);
    const curves = (await this.connection.rows(sql.curve)).map(curve);
    const endedMs = this.elapsed();
    this.learned = { at, curves, endedMs, costMs: endedMs - started };
    return curves;
  }

  close(): Promise<void> {
    return this.busy.then(() => this.connection.close());
  }
}

function cohort(row: Row): CohortRow {
  return {
    campaign_id: text(row.campaign_id),
    template_name: text(row.template_name),
    segment_id: text(row.segment_id),
    phone_number_id: text(row.phone_number_id),
    category: text(row.category),
    sent_at: Number(row.sent_at),
    sent: Number(row.sent),
    delivered: Number(row.delivered),
    events: {
      undeliverable: Number(row.undeliverable),
      platform_block: Number(row.platform_block),
      other_failure: Number(row.other_failure),
      opt_out: Number(row.opt_out),
    },
  };
}

function numberRow(row: Row): NumberRow {
  return {
    phone_number_id: String(row.phone_number_id),
    waba_id: text(row.waba_id),
    portfolio_id: text(row.portfolio_id),
    last_feedback_at: number(row.last_feedback_at),
    seen: Number(row.seen),
    permitted: Number(row.permitted),
  };
}

function ledger(row: Row): LedgerRow {
  return { portfolio_id: text(row.portfolio_id), people: Number(row.people), limit: number(row.limit_people) };
}

/** Counts by mark, to shares of what is there by each. */
function curve(row: Row): DelayCurve {
  const events = Number(row.events);
  let there = 0;
  const shares = (row.counts as (number | bigint)[]).map((count) => {
    there += Number(count);
    return there / events;
  });
  return { signal: row.signal as DelayCurve['signal'], category: text(row.category), events, ages: curveAges, shares };
}
