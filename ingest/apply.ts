import type { Connection } from '../sql/database.ts';
import { readProjectFile } from '../sql/files.ts';
import { distinctStatuses } from './distinct-status.ts';
import { countOf, KeyedFacts } from './keyed-fact.ts';
import { KnownAliases } from './known-alias.ts';
import { type Lane, lanesOf } from './lane.ts';
import type { LogRecord, Positions } from './record.ts';
import { Stage } from './stage.ts';
import type { Decoded, StagedTable } from './staged.ts';

/** The warehouse does not stand where the writer believed; `stored` is where it does. */
export class PositionMoved extends Error {
  constructor(readonly stored: Map<string, bigint>) {
    super('the warehouse stands at other positions than its writer believed');
  }
}

/** Messages of a campaign that a batch touched, and how many of them failed by it; of a campaign that nobody told of, null. */
export interface Harm {
  campaign_id: string | null;
  touched: number;
  failed: number;
}

function toPositions(rows: readonly Record<string, unknown>[]): Map<string, bigint> {
  return new Map(rows.map((row) => [String(row['log_partition']), row['next_offset'] as bigint]));
}

/**
 * The only writer of facts. A batch of decoded records and the log positions behind it are committed in one transaction, so a
 * restart reads its position from the warehouse and nothing is lost or counted twice.
 */
export class Apply {
  private readonly known = new KnownAliases();
  private batches = 0;
  /** While the table is small, all lanes are one. */
  private small: boolean | null = null;

  private constructor(
    private readonly connection: Connection,
    private readonly stage: Stage,
    private readonly keyed: KeyedFacts,
    private readonly smallTable: bigint,
  ) {}

  /**
   * Prepares the connection, which must be apply's alone.
   * @param smallTable while there are fewer messages than this, all lanes are one; tests put in 0
   */
  static async on(connection: Connection, { smallTable = 1_000_000n } = {}): Promise<Apply> {
    const stage = await Stage.create(connection);
    const keyed = await KeyedFacts.create(connection);
    await connection.exec(sql.scratch);
    await connection.exec(sql.patch);
    await connection.run(emptyTable('fold', sql.fold));
    await connection.run(emptyTable('merged', sql.merge));
    return new Apply(connection, stage, keyed, smallTable);
  }

  /** Per log partition the offset of the first record that is not in the warehouse. */
  async positions(): Promise<Map<string, bigint>> {
    return toPositions(await this.connection.script(sql.fence));
  }

  /**
   * Commits what the records below `positions` decode to. Takes the rows: `decoded` is empty afterwards, committed or not, so whoever
   * tries again decodes the records again. (Kept until the commit ends, a batch moves to the old space of V8's heap.)
   * The caller hands in records from the current positions on, without holes.
   * `again` names records that were applied before and are tried anew: what was quarantined of them is replaced.
   * `from` is where the caller believes the warehouse to stand: the fence.
   * @returns the harm that the batch told of, campaigns more than once where it reaches far back
   * @throws PositionMoved when it stands elsewhere, for instance because a commit whose answer was lost did happen; nothing is written
   */
  async commit(
    decoded: Decoded,
    positions: Positions,
    again: readonly Pick<LogRecord, 'partition' | 'offset'>[] = [],
    from?: Positions,
  ): Promise<Harm[]> {
    const { connection } = this;
    const rows = { ...this.known.without(decoded), status: distinctStatuses(decoded.status) };
    const told = new Map(Object.entries(decoded).map(([table, list]) => [table, list.length]));
    const harm: Harm[] = [];
    await connection.transaction(async () => {
      if (from !== undefined) await this.fence(from);
      const position = [...positions].map(([log_partition, next_offset]) => ({ log_partition, next_offset }));
      const filled = await this.stage.fill({ ...rows, position });
      for (const list of [rows.status, ...Object.values(decoded)]) list.length = 0;
      let statuses = 0;
      if (filled.has('status')) {
        await this.eachLane('stage_status', async () => {
          statuses += countOf(await connection.script(sql.status));
        });
      }
      const grown = await this.keyed.merge(filled);
      await this.count(told, [{ table: 'fact_status', stage: 'status', added: statuses }, ...grown]);
      if (filled.has('record_count')) await connection.script(sql.recordCount);
      if (filled.has('status') || filled.has('send') || filled.has('inbound') || filled.has('click'))
        harm.push(...(await this.mergeMessages()));
      for (const { partition, offset } of again) await connection.script(sql.replayed, { partition, record_offset: offset });
      if (filled.has('quarantine')) await connection.script(sql.quarantine);
      if (position.length > 0) await connection.script(sql.position);
      await this.stage.clear(filled);
    });
    this.known.learn(rows);
    this.batches += 1;
    // Tables grow: plans are made anew after 1, 2, 4, 8 … batches.
    if (Number.isInteger(Math.log2(this.batches))) {
      connection.planAnew();
      this.small = null;
    }
    return harm;
  }

  /** Keeps the books of what was told and what of it was a copy, by which the facts can be checked. */
  private async count(
    told: ReadonlyMap<string, number>,
    grown: readonly { table: string; stage: StagedTable; added: number }[],
  ): Promise<void> {
    const fact_count = grown
      .map(({ table, stage, added }) => ({ fact: table, told: told.get(stage) ?? 0, added }))
      .filter(({ fact, told }) => booked.has(fact) && told > 0);
    if (fact_count.length === 0) return;
    await this.stage.fill({ fact_count });
    await this.connection.script(sql.factCount);
  }

  private async fence(from: Positions): Promise<void> {
    const stored = toPositions(await this.connection.script(sql.fence));
    const partitions = new Set([...stored.keys(), ...from.keys()]);
    for (const partition of partitions) {
      if ((stored.get(partition) ?? 0n) !== (from.get(partition) ?? 0n)) throw new PositionMoved(stored);
    }
  }

  private async mergeMessages(): Promise<Harm[]> {
    const { connection } = this;
    const harm: Harm[] = [];
    const isOdd = (await connection.script(sql.oddities)).length > 0;
    if (isOdd) {
      await connection.script(sql.unplaced);
      if (await this.any('unplaced')) await this.placeUnplaced();
      await connection.script(sql.adopt);
    }
    if (countOf(await connection.script(sql.fold)) > 0) {
      await this.eachLane('fold', async () => void harm.push(...(await this.writeLane())));
      await connection.script('DELETE FROM fold');
    }
    if (isOdd) await connection.script(sql.clear);
    return harm;
  }

  /** Looks near the batch's own time first; the whole table is read only for what is not found there. */
  private async placeUnplaced(): Promise<void> {
    const { connection } = this;
    const [seen] = await connection.script('SELECT epoch_us(min(seen_at)) AS first, epoch_us(max(seen_at)) AS last FROM patch');
    await connection.script(sql.lookup, { lane_from: (seen?.first as bigint) - hour, lane_to: (seen?.last as bigint) + hour });
    if (await this.any('unplaced')) {
      await connection.script(sql.lookup, { lane_from: minTime, lane_to: maxTime });
      if ((await connection.run(sql.learn)) > 0) await connection.script(sql.lookup, { lane_from: minTime, lane_to: maxTime });
    }
    await connection.script(sql.place);
  }

  private async any(table: string): Promise<boolean> {
    return (await this.connection.script(`SELECT 1 FROM ${table} LIMIT 1`)).length > 0;
  }

  /** Writes what a lane's messages will be where they differ from what they are; tells what failed by it. */
  private async writeLane(): Promise<Harm[]> {
    const { connection } = this;
    await connection.script(sql.merge);
    const [todo] = await connection.script(sql.todo);
    for (const [step, text] of writes) if (todo?.[step]) await connection.script(text);
    await connection.script('DELETE FROM merged');
    return (todo?.harm ?? []) as Harm[];
  }

  /** Works once a lane of time that the instants of a staged table fall into; the lane's bounds are in `lane`, all time where it is the only one. */
  private async eachLane(table: keyof typeof hoursOf, work: () => Promise<unknown>): Promise<void> {
    const lanes = await this.lanes(table);
    if (lanes.length < 2) return void (await work());
    for (const lane of lanes) {
      await this.connection.script(sql.lane, { ...lane });
      await work();
    }
    await this.connection.script(sql.laneAll);
  }

  /** A lane has a cost before its first row: to read a small table whole is cheaper than a second lane. */
  private async lanes(table: keyof typeof hoursOf): Promise<Lane[]> {
    this.small ??= await this.isSmall();
    if (this.small) return [];
    const hours = (await this.connection.script(hoursOf[table])) as unknown as Lane[];
    const byHour = lanesOf(hours, hour);
    return byHour.length > mostLanes ? lanesOf(hours, 24n * hour) : byHour;
  }

  private async isSmall(): Promise<boolean> {
    const [table] = await this.connection.rows(
      `SELECT estimated_size AS size FROM duckdb_tables() WHERE table_name = 'fact_message' AND NOT temporary`,
    );
    return (table?.size as bigint) < this.smallTable;
  }
}

const hour = 3_600_000_000n;
const minTime = -9_000_000_000_000_000n;
const maxTime = 250_000_000_000_000_000n;
const mostLanes = 24;

/** Facts whose rows are things told, so that copies can be counted. */
const booked: ReadonlySet<string> = new Set([
  'fact_status',
  'fact_inbound',
  'fact_assignment',
  'fact_click',
  'fact_conversion',
  'fact_consent',
  'fact_segment_membership',
  'fact_platform_event',
  'unmodelled_update',
]);

/** The statement that creates the table which `insert` fills, without a row. */
function emptyTable(table: string, insert: string): string {
  return `${insert.replace(`INSERT INTO ${table}`, `CREATE OR REPLACE TEMP TABLE ${table} AS`).replace(/;\s*$/, '')} LIMIT 0`;
}

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
  todo: file('message_todo'),
  quarantine: file('quarantine'),
  replayed: file('replayed'),
  position: file('position'),
  factCount: file('fact_count'),
  recordCount: file('record_count'),
  fence: file('fence'),
  lane: file('lane'),
  laneAll: file('lane_all'),
} as const;

/** The hours that the instants of a staged table fall into. */
const hours = (table: string, instant: string) => file('lanes').replaceAll('{{table}}', table).replaceAll('{{instant}}', instant);
const hoursOf = { stage_status: hours('stage_status', 'occurred_at'), fold: hours('fold', 'opened_at') } as const;

/** In this order: the platform ids of a row and its people are looked at before the row changes. */
const writes = [
  'resent',
  'former',
  'state',
  'failure',
  'price',
  'identity',
  'request',
  'new',
  'unlinked',
  'bucket',
  'person',
].map((step) => [step, file(`write_${step}`)] as const);
