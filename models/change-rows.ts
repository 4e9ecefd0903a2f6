import type { Connection } from '../sql/database.ts';
import { type Lane, planLanes, sectionOf } from './lanes.ts';
import type { MessageHistory } from './message-history.ts';

/**
 * The change rows that one run uses. They are claimed before the models read the facts, and taken away when all models that
 * need them are done: a run that dies in between is repeated, which gives the same rows.
 */
export class ChangeRows {
  private lanes: Lane[] | null = null;
  private contacts: TouchedContacts | null = null;
  private contactsAreWaiting = false;
  /** True when tail lanes, or rows emitted after the lanes were claimed, were left for a later run. */
  pending = false;

  constructor(
    private readonly connection: Connection,
    private readonly now: Date,
    private readonly tailLanes: number,
    private readonly history: MessageHistory,
  ) {}

  /** Empty tables, so that a full build of a model finds the names it knows, and the time of the run. */
  async prepare(): Promise<void> {
    await this.connection.exec(`
      SET VARIABLE as_of = epoch_ms(${BigInt(this.now.getTime())}::BIGINT);
      CREATE OR REPLACE TEMP TABLE claimed_message (seq BIGINT, bucket_at TIMESTAMP, campaign_id VARCHAR);
      CREATE OR REPLACE TEMP TABLE claimed_contact (seq BIGINT, alias_id VARCHAR, changed_at TIMESTAMP);
      CREATE OR REPLACE TEMP TABLE claimed_experiment (seq BIGINT, experiment_id VARCHAR, assigned_hour TIMESTAMP);
      CREATE OR REPLACE TEMP TABLE touched_experiment (experiment_id VARCHAR, assigned_hour TIMESTAMP);
      CREATE OR REPLACE TEMP TABLE touched_message (bucket_at TIMESTAMP, campaign_id VARCHAR);
      CREATE OR REPLACE TEMP TABLE touched_contact (alias_id VARCHAR, changed_at TIMESTAMP, whole BOOLEAN)`);
  }

  /** Claims all change rows for a table that is built from all facts, and takes none away: audits allow for those that come later. */
  async claimSeen(): Promise<void> {
    await this.connection.exec(`
      INSERT INTO claimed_message SELECT seq, bucket_at, campaign_id FROM changed_message;
      INSERT INTO claimed_contact SELECT seq, alias_id, changed_at FROM changed_contact;
      INSERT INTO claimed_experiment SELECT seq, experiment_id, assigned_hour FROM changed_experiment`);
  }

  /** The lanes of touched buckets of this run; claimed on the first call. */
  async messageLanes(): Promise<Lane[]> {
    if (this.lanes !== null) return this.lanes;
    const { connection } = this;
    const buckets = await touchedBuckets(connection);
    const section = buckets.length === 0 ? 0 : sectionOf(await this.history.read(connection));
    this.lanes = planLanes(buckets, this.now.getTime(), section, this.tailLanes);
    this.pending ||= planLanes(buckets, this.now.getTime(), section, Number.POSITIVE_INFINITY).length > this.lanes.length;
    for (const lane of this.lanes) {
      await connection.run(
        `INSERT INTO claimed_message SELECT seq, bucket_at, campaign_id FROM changed_message
         WHERE bucket_at >= epoch_ms($1::BIGINT) AND bucket_at < epoch_ms($2::BIGINT)`,
        [BigInt(lane.from), BigInt(lane.to)],
      );
    }
    return this.lanes;
  }

  /** Fills touched_message with the keys of one lane and sets the bounds of the scan. */
  async touchLane(lane: Lane): Promise<void> {
    await this.connection.exec(`
      SET VARIABLE from_at = epoch_ms(${BigInt(lane.from)}::BIGINT);
      SET VARIABLE to_at = epoch_ms(${BigInt(lane.to)}::BIGINT);
      CREATE OR REPLACE TEMP TABLE touched_message AS
        SELECT DISTINCT bucket_at, campaign_id FROM claimed_message
        WHERE bucket_at >= getvariable('from_at') AND bucket_at < getvariable('to_at')`);
  }

  /** Takes the bounds off the scans; a model may set its own in a `variable` section. */
  async touchAllTime(): Promise<void> {
    await this.connection.exec(`SET VARIABLE from_at = TIMESTAMP '-infinity'; SET VARIABLE to_at = TIMESTAMP 'infinity'`);
  }

  /**
   * How many aliases of people have changed; claimed on the first call, into touched_contact. With a limit on tail lanes, people wait
   * for their turn among them.
   */
  async touchContacts(): Promise<TouchedContacts> {
    if (this.contacts !== null) return this.contacts;
    if (await this.contactsWait()) {
      this.contactsAreWaiting = true;
      this.contacts = { contact: 0, identity: 0 };
      return this.contacts;
    }
    await this.connection.exec('INSERT INTO claimed_contact SELECT seq, alias_id, changed_at FROM changed_contact');
    return this.touchClaimed();
  }

  /** Adds the rows of an `emit` section to a change table, and to what this run uses where its claim has been made already. */
  async emit(table: string, sql: string): Promise<void> {
    const { connection } = this;
    await connection.exec(`CREATE OR REPLACE TEMP TABLE emitted AS SELECT nextval('change_seq') AS seq, e.* FROM (${sql}) AS e`);
    await connection.exec(`INSERT INTO ${table} BY NAME SELECT * FROM emitted`);
    if (table === 'changed_message' && this.lanes !== null) this.pending ||= (await countOf(connection, 'emitted')) > 0;
    if (table === 'changed_contact' && this.contacts !== null && !this.contactsAreWaiting) {
      await connection.exec('INSERT INTO claimed_contact BY NAME SELECT * FROM emitted');
      await this.touchClaimed();
    }
  }

  /** How many hours of assignment have changed; claimed by each model that needs them, into touched_experiment. */
  async touchExperiments(): Promise<number> {
    await this.connection.exec(`
      INSERT INTO claimed_experiment
        SELECT seq, experiment_id, assigned_hour FROM changed_experiment WHERE seq NOT IN (SELECT seq FROM claimed_experiment);
      CREATE OR REPLACE TEMP TABLE touched_experiment AS SELECT DISTINCT experiment_id, assigned_hour FROM claimed_experiment`);
    return countOf(this.connection, 'touched_experiment');
  }

  private async touchClaimed(): Promise<TouchedContacts> {
    await this.connection.exec(`CREATE OR REPLACE TEMP TABLE touched_contact AS
      SELECT alias_id, min(changed_at) AS changed_at, bool_or(changed_at IS NULL) AS whole FROM claimed_contact GROUP BY alias_id`);
    const [row] = await this.connection.rows(
      'SELECT count(*) AS contact, count(*) FILTER (WHERE whole) AS identity FROM touched_contact',
    );
    this.contacts = { contact: Number(row?.contact), identity: Number(row?.identity) };
    return this.contacts;
  }

  /** Takes away the rows that this run used. */
  async release(): Promise<void> {
    for (const kind of ['message', 'contact', 'experiment']) {
      if ((await countOf(this.connection, `claimed_${kind}`)) === 0) continue;
      await this.connection.exec(`DELETE FROM changed_${kind} WHERE seq IN (SELECT seq FROM claimed_${kind})`);
    }
  }

  private async contactsWait(): Promise<boolean> {
    if (!Number.isFinite(this.tailLanes)) return false;
    const [row] = await this.connection.rows('SELECT min(seq) AS seq FROM changed_contact');
    if (typeof row?.seq !== 'bigint') return false;
    const oldest = row.seq;
    const { connection } = this;
    const section = sectionOf(await this.history.read(connection));
    const waiting = planLanes(await touchedBuckets(connection), this.now.getTime(), section, Number.POSITIVE_INFINITY);
    const waits = waiting.some((lane) => lane.to <= this.now.getTime() - recentMs && lane.oldest < oldest);
    this.pending ||= waits;
    return waits;
  }
}

const recentMs = 3 * 3_600_000;

/** How many aliases were touched, and of how many it may have changed whom they stand for. */
export interface TouchedContacts {
  contact: number;
  identity: number;
}

async function touchedBuckets(connection: Connection): Promise<{ at: number; seq: bigint }[]> {
  const rows = await connection.rows(
    'SELECT epoch_ms(bucket_at) AS at, min(seq) AS seq FROM changed_message GROUP BY bucket_at ORDER BY bucket_at',
  );
  return rows.map(({ at, seq }) => ({ at: Number(at), seq: seq as bigint }));
}

async function countOf(connection: Connection, table: string): Promise<number> {
  const [row] = await connection.rows(`SELECT count(*) AS n FROM ${table}`);
  return Number(row?.n);
}
