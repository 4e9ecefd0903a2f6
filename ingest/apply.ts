import type { Connection } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';
import { distinctStatuses } from './distinct-status.ts';
import { applyKeyedFacts } from './keyed-fact.ts';
import { KnownAliases } from './known-alias.ts';
import type { LogRecord, Positions } from './record.ts';
import { Stage } from './stage.ts';
import type { Decoded } from './staged.ts';

/**
 * The only writer of facts. A batch of decoded records and the log positions behind it are committed in one transaction, so a
 * restart reads its position from the warehouse and nothing is lost or counted twice.
 */
export class Apply {
  private readonly known = new KnownAliases();

  private constructor(
    private readonly connection: Connection,
    private readonly stage: Stage,
    private readonly smallTable: bigint,
  ) {}

  /**
   * Prepares the connection, which must be apply's alone.
   * @param smallTable while there are fewer messages than this, all lanes are one; tests put in 0
   */
  static async on(connection: Connection, { smallTable = 1_000_000n } = {}): Promise<Apply> {
    const stage = await Stage.create(connection);
    await connection.exec(sql.scratch);
    await connection.exec(sql.patch);
    return new Apply(connection, stage, smallTable);
  }

  /** Per log partition the offset of the first record that is not in the warehouse. */
  async positions(): Promise<Map<string, bigint>> {
    const rows = await this.connection.rows('SELECT log_partition, next_offset FROM ingest_position');
    return new Map(rows.map((row) => [String(row.log_partition), row.next_offset as bigint]));
  }

  /**
   * Commits what the records below `positions` decode to.
   * The caller hands in records from the current positions on, without holes.
   * `again` names records that were applied before and are tried anew: what was quarantined of them is replaced.
   */
  async commit(
    decoded: Decoded,
    positions: Positions,
    again: readonly Pick<LogRecord, 'partition' | 'offset'>[] = [],
  ): Promise<void> {
    const rows = { ...this.known.without(decoded), status: distinctStatuses(decoded.status) };
    await this.connection.transaction(async () => {
      const filled = await this.stage.fill(rows);
      if (filled.has('status')) await this.appendStatuses();
      await applyKeyedFacts(this.connection, filled);
      if (filled.has('status') || filled.has('send') || filled.has('inbound') || filled.has('click')) await this.mergeMessages();
      for (const { partition, offset } of again) await this.connection.runPrepared(sql.replayed, [partition, offset]);
      if (filled.has('quarantine')) await this.connection.exec(sql.quarantine);
      for (const [partition, offset] of positions) {
        await this.connection.runPrepared(sql.position, [partition, offset]);
      }
    });
    this.known.learn(rows);
  }

  private async appendStatuses(): Promise<void> {
    await this.eachLane('SELECT occurred_at FROM stage_status', sql.status);
  }

  private async mergeMessages(): Promise<void> {
    const { connection } = this;
    await connection.exec(sql.clear);
    if ((await connection.rows(sql.oddities)).length > 0) {
      await connection.exec(sql.unplaced);
      if (await this.any('unplaced')) await this.placeUnplaced();
      await connection.exec(sql.adopt);
    }
    await connection.exec(sql.fold);
    await this.eachLane('SELECT opened_at FROM fold', sql.merge, sql.write);
  }

  /** Looks near the batch's own time first; the whole table is read only for what is not found there. */
  private async placeUnplaced(): Promise<void> {
    const { connection } = this;
    const [seen] = await connection.rows('SELECT epoch_us(min(seen_at)) AS first, epoch_us(max(seen_at)) AS last FROM patch');
    await this.setLane((seen?.first as bigint) - hour, (seen?.last as bigint) + hour);
    await connection.exec(sql.lookup);
    if (await this.any('unplaced')) {
      await this.setLane(minTime, maxTime);
      await connection.exec(sql.lookup);
      if ((await connection.run(sql.learn)) > 0) await connection.exec(sql.lookup);
    }
    await connection.exec(sql.place);
  }

  private async any(table: string): Promise<boolean> {
    return (await this.connection.rows(`SELECT 1 FROM ${table} LIMIT 1`)).length > 0;
  }

  /** Runs the scripts once a lane of time that the instants fall into, with the lane's bounds as literals. */
  private async eachLane(instants: string, ...scripts: string[]): Promise<void> {
    await this.connection.exec(
      `CREATE OR REPLACE TEMP TABLE lane_instant AS SELECT column0 AS instant FROM (${instants}) AS t(column0)`,
    );
    let lanes = await this.lanes('1 hour');
    if (lanes.length > mostLanes) lanes = await this.lanes('1 day');
    if (lanes.length > 1 && (await this.isSmall())) lanes = await this.lanes('36500 days');
    for (const lane of lanes) {
      await this.setLane(lane.from, lane.to);
      for (const script of scripts) await this.connection.exec(script);
    }
  }

  /** A lane costs 30 ms and more before its first row: to read a small table whole is cheaper than a second lane. */
  private async isSmall(): Promise<boolean> {
    const [table] = await this.connection.rows(
      `SELECT estimated_size AS size FROM duckdb_tables() WHERE table_name = 'fact_message' AND NOT temporary`,
    );
    return (table?.size as bigint) < this.smallTable;
  }

  private async lanes(gap: '1 hour' | '1 day' | '36500 days'): Promise<{ from: bigint; to: bigint }[]> {
    await this.connection.exec(`SET VARIABLE lane_gap = INTERVAL '${gap}'`);
    const rows = await this.connection.rows(`SELECT epoch_us(lane_from) AS f, epoch_us(lane_to) AS t FROM (${sql.lanes})`);
    return rows.map((row) => ({ from: row.f as bigint, to: row.t as bigint }));
  }

  private async setLane(from: bigint, to: bigint): Promise<void> {
    await this.connection.exec(
      `SET VARIABLE lane_from = make_timestamp(${from}::BIGINT); SET VARIABLE lane_to = make_timestamp(${to}::BIGINT)`,
    );
  }
}

const hour = 3_600_000_000n;
const minTime = -9_000_000_000_000_000n;
const maxTime = 250_000_000_000_000_000n;
const mostLanes = 24;

const file = (name: string) => readProjectFile(`sql/apply/${name}.sql`);
const sql = {
  status: file('status'),
  scratch: file('message_scratch'),
  patch: file('message_patch'),
  clear: file('message_clear'),
  oddities: file('message_oddities'),
  unplaced: file('message_unplaced'),
  lookup: file('message_lookup'),
  learn: file('message_learn'),
  place: file('message_place'),
  adopt: file('message_adopt'),
  fold: file('message_fold'),
  merge: file('message_merge'),
  write: file('message_write'),
  quarantine: file('quarantine'),
  replayed: file('replayed'),
  position: file('position'),
  lanes: file('lanes').replace(/;\s*$/, ''),
} as const;
