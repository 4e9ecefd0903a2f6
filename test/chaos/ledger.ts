import type { Connection } from '../../sql/database.ts';

/** How a fact is named in the ledger and found in the warehouse: each row of a query is one occurrence of one id. */
const occurrences = {
  message: 'SELECT message_key AS id FROM fact_message',
  request: 'SELECT message_key AS id FROM fact_message WHERE requested_at IS NOT NULL',
  status: `SELECT message_id || ' ' || status AS id FROM fact_status`,
  inbound: 'SELECT message_id AS id FROM fact_inbound',
  order: 'SELECT event_id AS id FROM fact_conversion',
  consent: 'SELECT event_id AS id FROM fact_consent',
  // What cannot be read is set aside with its bytes; the sender has put its id into them.
  aside: `SELECT regexp_extract(decode(body), 'unreadable-[0-9]+') AS id FROM quarantine`,
} as const;

export type FactKind = keyof typeof occurrences;
/** One thing that must become exactly one fact. */
export type Fact = `${FactKind} ${string}`;

export interface Verdict {
  /** Facts of requests that were answered with 200. */
  acknowledged: number;
  /** Those of them that the warehouse holds exactly once. */
  facts: number;
  lost: Fact[];
  doubled: Fact[];
  /** In the warehouse, but never sent. */
  invented: Fact[];
  /** Sent without an answer: they may be there or not. */
  unanswered: { sent: number; found: number };
}

/**
 * Kafka may store a record twice whose acknowledgement was lost, and what cannot be read is set aside for each place where it stands:
 * here only the same place twice is a double.
 */
const asideByPlace = `SELECT id FROM (
  SELECT DISTINCT id, row_number() OVER (PARTITION BY id, log_partition, log_offset, item) AS nth
  FROM (SELECT regexp_extract(decode(body), 'unreadable-[0-9]+') AS id, log_partition, log_offset, item FROM quarantine))`;

/** The sender's own book: what it sent, and what of it was acknowledged. */
export class Ledger {
  private readonly entries = new Map<Fact, boolean>();
  private readonly occurrences: Record<FactKind, string>;

  /** @param repeats whether the log may hold a record twice, as Kafka's may */
  constructor({ repeats = false } = {}) {
    this.occurrences = repeats ? { ...occurrences, aside: asideByPlace } : occurrences;
  }

  sent(facts: readonly Fact[]): void {
    for (const fact of facts) if (!this.entries.has(fact)) this.entries.set(fact, false);
  }

  acknowledged(facts: readonly Fact[]): void {
    for (const fact of facts) this.entries.set(fact, true);
  }

  /** Holds the facts of a warehouse to the book. */
  async check(connection: Connection): Promise<Verdict> {
    const verdict: Verdict = {
      ...{ acknowledged: 0, facts: 0, lost: [], doubled: [], invented: [] },
      unanswered: { sent: 0, found: 0 },
    };
    const found = new Map<Fact, number>();
    for (const [kind, sql] of Object.entries(this.occurrences)) {
      for (const row of await connection.rows(`SELECT id, count(*) AS n FROM (${sql}) GROUP BY id`)) {
        found.set(`${kind as FactKind} ${row['id']}`, Number(row['n']));
      }
    }
    for (const [fact, acknowledged] of this.entries) {
      const times = found.get(fact) ?? 0;
      if (times > 1) verdict.doubled.push(fact);
      if (acknowledged) {
        verdict.acknowledged += 1;
        if (times === 1) verdict.facts += 1;
        if (times === 0) verdict.lost.push(fact);
      } else {
        verdict.unanswered.sent += 1;
        if (times > 0) verdict.unanswered.found += 1;
      }
    }
    for (const fact of found.keys()) if (!this.entries.has(fact)) verdict.invented.push(fact);
    return verdict;
  }
}
