import { type PlatformWord, withWords } from '../../controller/evidence.ts';
import type { ControlReading, ControlSnapshot, DelayCurve } from '../../controller/snapshot.ts';
import type { Connection, Database } from '../../sql/database.ts';
import { readProjectFile } from '../../sql/files.ts';
import { hourMs, leaseOver, minuteMs, setInstants } from './control-queries.ts';
import { baseline, campaignPolicy, curve, curveAges, established, ledger, numberRow, platformWord } from './control-rows.ts';
import { firstMark } from './curve-mark.ts';
import { countedAnew, nothingCounted, type Part, type PartCounts, partCounts, snapshotCounts, together } from './part-counts.ts';
import { longestSpanMs, mostYoungMessages, youngSpan } from './young-span.ts';

const file = (name: string) => readProjectFile(`sql/control/${name}.sql`);
const ofPart = (name: string, part: Part | 'control_old') =>
  file(name)
    .replaceAll('{{part}}', part)
    .replaceAll('{{temp}}', part === 'temp' ? 'TEMP' : '');
/** What is counted of each part, in this order. */
const groups = ['message', 'group', 'written'];
const sql = {
  registered: [ofPart('account', 'control_old'), file('first_permit')],
  far: groups.map((name) => ofPart(name, 'control_old.far')),
  middle: groups.map((name) => ofPart(name, 'control_old.middle')),
  old: file('old'),
  young: ['account', ...groups].map((name) => ofPart(name, 'temp')),
  youngMessage: ofPart('message', 'temp'),
  youngMessages: 'SELECT sum(sent + held) AS messages FROM temp.message_group',
  number: file('number'),
  ledger: file('ledger'),
  news: file('news'),
  told: file('told').replaceAll('{{young}}', 'temp'),
  word: file('word').replaceAll('{{young}}', 'temp'),
  heard: file('heard'),
  toldHeard: file('told').replaceAll('{{young}}', 'control_heard'),
  wordHeard: file('word').replaceAll('{{young}}', 'control_heard'),
  policy: file('policy'),
  curve: file('curve'),
  baseline: file('baseline'),
  established: file('established'),
} as const;

/** Messages whose feedback is still awaited: 72 hours. */
const horizonMs = 72 * hourMs;
/** The far part of the horizon ends so long ago: most of what becomes of a message is known by then. */
const farMs = longestSpanMs;
/** The same for the ledger of people: a message told of later than this waits for the next reading of the far part. */
const farWrittenMs = 30 * minuteMs;
const quarterMs = 15 * minuteMs;
/** So old a snapshot may be of which only some campaigns are counted anew, ms. */
const briefMs = 5000;
/** What a reading beside the snapshots rests, in its own cost. Of what is older than two hours, news comes slowly anyway. */
const farRest = 20;
const middleRest = 4;

/** What a costly reading was for, when it ended and what it cost, ms of the two clocks. */
interface Reading {
  at: number;
  endedMs: number;
  costMs: number;
}

/** The newest snapshot and what it is made of. */
interface Last {
  snapshot: ControlSnapshot;
  /** The newest one that counted everything anew. */
  full: ControlSnapshot;
  /** The older part and the young one, and where that begins. */
  old: PartCounts;
  young: PartCounts;
  edge: number;
  readMs: number;
}

type Reached = (applied: ReadonlyMap<string, bigint>) => Pick<ControlSnapshot, 'lag' | 'complete_to'>;

/** The far part as it was read: where it ends, for messages and for the ledger, ms since 1970. */
interface Far {
  until: number;
  writtenUntil: number;
  counts: PartCounts;
}

/**
 * Reads the controller's counts, each snapshot in one transaction on a connection of its own. What is costly and changes slowly is read
 * beside it now and then: the delay curves and the far part of the horizon take a twentieth of one core at the most, and where so much is
 * sent that a snapshot would be late, a middle part another fifth: see `youngSpan`.
 */
export class ControlSnapshots {
  private far: Far | null = null;
  private farRead: Reading | null = null;
  private middleRead: Reading | null = null;
  /** Whether the tables of the middle part stand and hold nothing. */
  private middleIsEmpty = false;
  /** How far back a snapshot reads anew, ms. */
  private span = farMs;
  private learned: Reading | null = null;
  private curves: DelayCurve[] = [];
  private baselines: ControlSnapshot['baselines'] = null;
  private established: ControlSnapshot['established'] = null;
  /** The newest two readings of the older part: a snapshot takes the one that ends where its young part begins. */
  private oldCounts: { until: number; counts: PartCounts }[] = [];
  private beside: Promise<void> | null = null;
  private oldRead: Promise<void> = Promise.resolve();
  private busy: Promise<unknown> = Promise.resolve();
  private listening: Promise<unknown> = Promise.resolve();
  /** The words as they were read since the snapshot under way began: it is older, and must not take them back. */
  private heard: PlatformWord[] = [];
  private last: Last | null = null;
  /** What the platform's news were in short when the newest snapshot took them in. */
  private news = '';

  /**
   * @param reader reads snapshots
   * @param listener reads the platform's words meanwhile
   * @param other reads what is costly
   * @param elapsed milliseconds of a clock that only goes forward: rests are measured by it
   * @param mostYoung messages that a snapshot should count at the most
   */
  private constructor(
    private readonly reader: Connection,
    private readonly listener: Connection,
    private readonly other: Connection,
    private readonly elapsed: () => number,
    private readonly mostYoung: number,
  ) {}

  static async open(
    database: Database,
    elapsed: () => number = () => performance.now(),
    mostYoung = mostYoungMessages,
  ): Promise<ControlSnapshots> {
    const [reader, listener, other] = [await database.connect(), await database.connect(), await database.connect()];
    // One for each connection that writes: a transaction may write to one database only.
    for (const name of ['control_old', 'control_heard']) await other.exec(`ATTACH IF NOT EXISTS ':memory:' AS ${name}`);
    for (const part of ['far', 'middle']) await other.exec(`CREATE SCHEMA IF NOT EXISTS control_old.${part}`);
    return new ControlSnapshots(reader, listener, other, elapsed, mostYoung);
  }

  /** @param reached how far the facts are at these positions of the log */
  read(at: number, reached: Reached): Promise<ControlSnapshot> {
    return this.inTurn(async () => {
      await this.prepare(at);
      this.heard = [];
      const { news, last } = await this.reader.transaction(async () => {
        const { news, edge } = await this.readYoung(at);
        return { news, last: await this.readAll(at, edge, reached) };
      });
      this.news = news;
      this.last = last;
      return { ...last.snapshot, words: withWords(last.snapshot.words, this.heard) };
    });
  }

  /**
   * The newest snapshot with only the young messages of these campaigns ('' for none) counted anew, and what they used of permits, by the
   * policies of now: a tenth of the work, where evidence of them is waited for. All else stands as it did; of what was used since, each is
   * taken for a person whom no ledger has. Null where there is no snapshot that is new enough.
   */
  readBriefly(at: number, campaigns: readonly string[]): Promise<ControlSnapshot | null> {
    return this.inTurn(async () => {
      const { last, reader } = this;
      if (last === null || this.elapsed() >= last.readMs + briefMs) return null;
      const { anew, policies } = await reader.transaction(async () => {
        await setInstants(reader, { ...partFrom(last.edge, at), ...leases(at) });
        await reader.run(`SET VARIABLE only_campaigns = from_json($1, '["VARCHAR"]')`, [JSON.stringify(campaigns)]);
        await reader.exec(sql.youngMessage);
        return { anew: await partCounts(reader, 'temp'), policies: (await reader.rows(sql.policy)).map(campaignPolicy) };
      });
      const young = countedAnew(last.young, campaigns, anew, last.snapshot.as_of);
      const counts = snapshotCounts(together(last.old, young));
      const more = Math.max(0, usedIn(counts.used) - usedIn(last.full.used));
      const ledgers = last.full.ledgers.map((one) => ({ ...one, people: one.people + more }));
      const words = withWords(last.snapshot.words, this.heard);
      const snapshot = { ...last.snapshot, ...counts, as_of: at, words, ledgers, policies, brief: true };
      this.last = { ...last, snapshot, young };
      return snapshot;
    });
  }

  /** One reading after another: they share a connection. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.busy.then(work);
    this.busy = next.catch(() => undefined);
    return next;
  }

  /** The platform's words as they stand now, with the failures of the newest snapshot; null before the first. Waits for no snapshot. */
  words(at: number): Promise<PlatformWord[] | null> {
    const next = this.listening.then(async () => {
      if (this.last === null) return null;
      return this.listener.transaction(async () => {
        await setInstants(this.listener, { control_at: at, horizon_from: at - horizonMs });
        await this.listener.exec(sql.toldHeard);
        this.heard = (await this.listener.rows(sql.wordHeard)).map(platformWord);
        return this.heard;
      });
    });
    this.listening = next.catch(() => undefined);
    return next;
  }

  /** Resolves when nothing is read beside the snapshots. */
  async settled(): Promise<void> {
    await this.beside;
  }

  async close(): Promise<void> {
    await this.busy;
    await this.listening;
    await this.beside?.catch(() => undefined);
    this.reader.close();
    this.listener.close();
    this.other.close();
  }

  /** Begins to read what is due; waits for it only where there is nothing usable yet. */
  private async prepare(at: number): Promise<void> {
    if (!this.isUsable(at)) await this.beside?.catch(() => undefined);
    if (this.beside === null) {
      const farDue = !this.isUsable(at) || this.hasRested(this.farRead, farRest);
      const middleDue = !farDue && this.span < farMs && this.hasRested(this.middleRead, middleRest);
      const curvesDue = this.learned === null || (!within(this.learned, at, hourMs) && this.hasRested(this.learned, farRest));
      this.beside = this.readBeside(at, { far: farDue, middle: middleDue, curves: curvesDue }).finally(() => {
        this.beside = null;
      });
      this.beside.catch(() => undefined); // it is tried again with the next snapshot
    }
    if (!this.isUsable(at)) await this.oldRead;
  }

  private isUsable(at: number): boolean {
    return within(this.farRead, at, farMs);
  }

  /** Whether a reading has rested for so many times its cost. */
  private hasRested(reading: Reading | null, times: number): boolean {
    return reading === null || this.elapsed() >= reading.endedMs + times * reading.costMs;
  }

  private async readBeside(at: number, due: { far: boolean; middle: boolean; curves: boolean }): Promise<void> {
    const { far } = this;
    if (due.far) {
      this.oldRead = this.readFar(at);
      await this.oldRead;
    } else if (due.middle && far !== null) {
      const { value: isEmpty, reading } = await this.timed(at, () => this.readMiddle(at, far));
      this.middleRead = reading;
      this.middleIsEmpty = isEmpty;
    }
    if (due.curves) this.learned = (await this.timed(at, () => this.learn(at))).reading;
  }

  private async readFar(at: number): Promise<void> {
    const { value, reading } = await this.timed(at, async () => {
      const far = await this.countFar(at);
      return { far, isEmpty: await this.readMiddle(at, far) };
    });
    this.far = value.far;
    this.middleIsEmpty = value.isEmpty;
    this.farRead = reading;
    this.middleRead = reading;
  }

  /** Does `work` in one transaction beside the snapshots. */
  private async timed<T>(at: number, work: () => Promise<T>): Promise<{ value: T; reading: Reading }> {
    const started = this.elapsed();
    const value = await this.other.transaction(work);
    const endedMs = this.elapsed();
    return { value, reading: { at, endedMs, costMs: endedMs - started } };
  }

  /** Puts the young part, and what the platform has said, into the reader's own tables; tells where it begins, and the news in short. */
  private async readYoung(at: number): Promise<{ edge: number; news: string }> {
    const { reader } = this;
    const [row] = await reader.rows(
      'SELECT epoch_ms(young_from) AS young, epoch_ms(young_written_from) AS written FROM control_old.edge',
    );
    const edge = Number(row?.young);
    await setInstants(reader, {
      control_at: at,
      ...partFrom(edge, at),
      written_from: Number(row?.written),
      written_to: at + hourMs,
      ...leases(at),
    });
    // Here, and not where it was set: a variable outlives the transaction that failed.
    await reader.exec('SET VARIABLE only_campaigns = NULL');
    for (const script of [...sql.young, sql.heard]) await reader.exec(script);
    const [young] = await reader.rows(sql.youngMessages);
    this.span = youngSpan(this.span, Number(young?.messages ?? 0), this.mostYoung);
    const news = Object.values((await reader.rows(sql.news))[0] ?? {}).join();
    if (news !== this.news) await reader.exec(sql.told);
    return { edge, news };
  }

  private async readAll(at: number, edge: number, reached: Reached): Promise<Last> {
    const { reader } = this;
    const positions = await reader.rows('SELECT log_partition, next_offset FROM ingest_position');
    const { lag, complete_to } = reached(new Map(positions.map((row) => [String(row.log_partition), row.next_offset as bigint])));
    const before = this.oldCounts.find(({ until }) => until === edge)?.counts ?? nothingCounted;
    const old = { ...before, cohorts: before.cohorts.filter(({ sent_at }) => sent_at >= at - horizonMs) };
    const young = await partCounts(reader, 'temp');
    const snapshot: ControlSnapshot = {
      as_of: at,
      lag,
      complete_to,
      ...snapshotCounts(together(old, young)),
      numbers: (await reader.rows(sql.number)).map(numberRow),
      ledgers: (await reader.rows(sql.ledger)).map(ledger),
      words: (await reader.rows(sql.word)).map(platformWord),
      policies: (await reader.rows(sql.policy)).map(campaignPolicy),
      curves: this.curves,
      baselines: this.baselines,
      established: this.established,
    };
    return { snapshot, full: snapshot, old, young, edge, readMs: this.elapsed() };
  }

  private async countFar(at: number): Promise<Far> {
    const [until, writtenUntil] = [floorTo(at - farMs, quarterMs), at - farWrittenMs];
    await setInstants(this.other, {
      ...partFrom(at - horizonMs, at),
      part_to: until,
      written_from: at - 24 * hourMs,
      written_to: writtenUntil,
      ...leases(at),
    });
    for (const script of [...sql.registered, ...sql.far]) await this.other.exec(script);
    return { until, writtenUntil, counts: await partCounts(this.other, 'control_old.far', at) };
  }

  /** What lies between the far part and the young one; then what both of the older parts come to. Tells whether nothing lies there. */
  private async readMiddle(at: number, far: Far): Promise<boolean> {
    const until = Math.max(far.until, floorTo(at - this.span, minuteMs));
    const isEmpty = until === far.until;
    await setInstants(this.other, {
      ...partFrom(far.until, at),
      part_to: until,
      written_from: far.writtenUntil,
      written_to: Math.max(far.writtenUntil, until),
      ...leases(at),
    });
    if (!isEmpty || !this.middleIsEmpty) for (const script of sql.middle) await this.other.exec(script);
    await this.other.exec(sql.old);
    // Before the commit, so that no snapshot sees the new edge without them.
    const middle = isEmpty ? nothingCounted : await partCounts(this.other, 'control_old.middle', at);
    this.oldCounts = [{ until, counts: together(far.counts, middle) }, ...this.oldCounts.slice(0, 1)];
    return isEmpty;
  }

  private async learn(at: number): Promise<void> {
    await setInstants(this.other, { curve_from: at - 30 * 24 * hourMs, curve_to: at - horizonMs });
    await this.other.exec(`SET VARIABLE curve_marks = [${curveAges.map((age) => `${age}::BIGINT`).join(', ')}]`);
    await this.other.exec(`CREATE OR REPLACE TEMP MACRO curve_mark(age) AS ${firstMark(curveAges)}`);
    this.curves = (await this.other.rows(sql.curve)).map(curve);
    this.baselines = { name: new Date(at).toISOString(), of: (await this.other.rows(sql.baseline)).map(baseline) };
    this.established = (await this.other.rows(sql.established)).map(established);
  }
}

/** The snapshot as it is told to who has the baselines of that name. */
export function readingFor(snapshot: ControlSnapshot, baselines: string | undefined): ControlReading {
  const isKnown = baselines !== undefined && snapshot.baselines?.name === baselines;
  return isKnown ? { ...snapshot, baselines: { name: baselines, of: null } } : snapshot;
}

function usedIn(permits: ControlSnapshot['used']): number {
  return permits.reduce((sum, { used }) => sum + used, 0);
}

function within(reading: Reading | null, at: number, ms: number): boolean {
  return reading !== null && at >= reading.at && at < reading.at + ms;
}

/** Bounds of a part that goes on to now: clocks of senders may run an hour ahead. */
function partFrom(from: number, at: number) {
  const minuteFrom = floorTo(at - farMs, minuteMs);
  return { part_from: from, part_to: at + hourMs, minute_from: minuteFrom, horizon_from: at - horizonMs };
}

/** Leases that count: the longest is an hour. */
function leases(at: number) {
  return { lease_over: leaseOver(at), lease_from: leaseOver(at) - hourMs };
}

function floorTo(at: number, step: number): number {
  return Math.floor(at / step) * step;
}
