import { type Apply, PositionMoved } from '../../ingest/apply.ts';
import { decodeBatch, noRecords, oneRecord } from '../../ingest/decode-batch.ts';
import type { EventLogReader } from '../../ingest/event-log.ts';
import type { LogGap } from '../../ingest/log-gap.ts';
import { type KnownRecord, recogniseLog } from '../../ingest/log-identity.ts';
import type { LogRecord, Positions } from '../../ingest/record.ts';
import { type Decoded, emptyDecoded } from '../../ingest/staged.ts';
import { isOutOfMemory } from '../../sql/database.ts';
import { SluiceError } from '../../sql/errors.ts';

export interface ApplyLoopOptions {
  reader: EventLogReader;
  apply: Pick<Apply, 'commit' | 'positions'>;
  /** Most bytes of records in one transaction: small batches come by themselves when little waits. */
  batchBytes: number;
  /**
   * Updates and events that a transaction should hold when much waits; the bytes that are read follow from what the newest batch held.
   * `batchBytes` are read unless told.
   */
  batchItems?: number;
  /** Ranges that are gone and whose loss was accepted: passed over, and counted. */
  gaps?: readonly LogGap[];
  /** Records that were applied before: where the log holds others in their places, it is another log, and nothing of it is applied. */
  known?: readonly KnownRecord[];
  /** Called after each commit. */
  onCommit?: (records: number, positions: Positions) => void;
  /** Called when it stands before records that are gone, and again each minute: it waits until they are back, or a restart finds their loss accepted. */
  onGap?: (error: SluiceError) => void;
  /** Called when the log cannot be read now, or may not be, and again each minute: it is tried again. */
  onAway?: (error: SluiceError) => void;
  /** Called when a commit had to be tried again. */
  onRetry?: (error: unknown, attempt: number) => void;
  sleep: (ms: number) => Promise<void>;
}

interface Batch {
  records: readonly LogRecord[];
  decoded: Decoded;
  /** Much more may be waiting. */
  full: boolean;
}

const [leastRestMs, longestRestMs] = [100, 1000];
/** Who waits comes again: for so long the next batches rest no longer either, ms. */
const awaitedMs = 1000;
/** The same for who reads what is applied, again and again; from the start of one batch to the start of the next then, ms. */
const followedMs = 3000;
const followedEveryMs = 400;
const awayRestMs = 1000;
const reminderMs = 60_000;
/** Troubles with the log that may pass without a restart. */
const passing: ReadonlySet<string> = new Set(['log_gap', 'log_unavailable', 'kafka_refused']);

/** Moves records from the log into the warehouse, batch after batch, from where the warehouse says it stands. */
export class ApplyLoop {
  /** News of the platform about accounts, numbers and templates in the batches committed so far. */
  platformNews = 0;
  /** Registrations of campaigns in the batches committed so far. */
  campaignNews = 0;
  /** Decisions of the controller in the batches committed so far. */
  decisionNews = 0;
  private cameRoundAt = performance.now();
  private newest = { batch_records: 0, batch_fill: 0 };
  /** Bytes that the next batch should have. */
  private due: number;
  /** Why it cannot go on now, and when that was said. */
  private trouble: { code: string; detail: string; saidAt: number } | null = null;
  private newestIsFull = false;
  private recognised = false;
  private running = true;
  private paused: Promise<void> | undefined;
  private busy: Promise<void> = Promise.resolve();
  private ahead: Promise<Batch> | undefined;
  /** When somebody last asked for what is in the log, by the process's own clock, ms. */
  private awaitedAt = Number.NEGATIVE_INFINITY;
  private followedAt = Number.NEGATIVE_INFINITY;
  private endRest: () => void = () => undefined;

  private constructor(
    private readonly options: ApplyLoopOptions,
    private at: Map<string, bigint>,
  ) {
    this.due = options.batchItems === undefined ? options.batchBytes : options.batchBytes / 4;
  }

  static async create(options: ApplyLoopOptions): Promise<ApplyLoop> {
    return new ApplyLoop(options, await options.apply.positions());
  }

  /** Whether much more waits than one batch. */
  get behind(): boolean {
    return this.newestIsFull;
  }

  /** Whether it moves, how full its newest batch was, and what is missing where it stands. */
  get pulse(): { idle_ms: number; paused: boolean; batch_records: number; batch_fill: number; gap: string | null } {
    const [idle_ms, paused] = [performance.now() - this.cameRoundAt, this.paused !== undefined];
    const gap = this.trouble?.code === 'log_gap' ? this.trouble.detail : null;
    return { idle_ms, paused, ...this.newest, gap };
  }

  /** Per partition the next offset to apply. */
  get positions(): Positions {
    return this.at;
  }

  /** Runs until stopped. Rejects when the log cannot be read or the warehouse cannot be written for good; a gap is waited out. */
  async run(): Promise<void> {
    await this.options.reader.applied(this.at);
    while (this.running) {
      while (this.paused !== undefined) await this.paused;
      if (!this.running) return;
      this.busy = this.step();
      await this.busy;
      this.cameRoundAt = performance.now();
    }
  }

  /**
   * Applies what the log holds by now, and no more, so that it ends however much comes in; for a loop that does not run.
   * @param goOn called before each batch; what it throws ends the work
   * @returns how many records
   */
  async catchUp(goOn: () => void): Promise<number> {
    const end = await this.options.reader.end();
    let count = 0;
    while ([...end].some(([partition, next]) => (this.at.get(partition) ?? 0n) < next)) {
      goOn();
      await this.passGaps();
      const { records, decoded } = await this.prepare(this.at);
      await this.commit(records, decoded);
      count += records.length;
    }
    return count;
  }

  /** Somebody waits for what is in the log now: the rest after a batch, and after those of the next seconds, is cut short. */
  hurry(): void {
    this.awaitedAt = performance.now();
    this.endRest();
  }

  /** Somebody reads what is applied again and again: what comes in should not be long in coming, a small batch need not follow another at once. */
  follow(): void {
    this.followedAt = performance.now();
  }

  /** Begins no further batch; for work inside `between`. */
  halt(): void {
    this.running = false;
    this.hurry();
  }

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.halt();
    await this.busy.catch(() => undefined);
  }

  /** Does `work` while no batch is under way. */
  async between<T>(work: () => Promise<T>): Promise<T> {
    let resume: () => void = () => undefined;
    const before = this.paused;
    const mine = new Promise<void>((resolve) => {
      resume = resolve;
    });
    this.paused = mine;
    this.hurry();
    await before;
    await this.busy.catch(() => undefined);
    try {
      return await work();
    } finally {
      if (this.paused === mine) this.paused = undefined;
      resume();
    }
  }

  /** Commits one batch. While the database works on it, the next one is read and decoded. */
  private async step(): Promise<void> {
    const { reader } = this.options;
    const started = performance.now();
    await this.passGaps();
    const ready = this.ahead ?? this.prepare(this.at);
    this.ahead = undefined;
    const batch = await ready.catch((error) => this.waitOut(error));
    if (batch === undefined) return;
    this.trouble = null;
    if (batch.records.length === 0) return reader.waitFor(this.at, 500);
    if (!batch.full) return this.commitThenRest(batch, started);
    this.ahead = this.prepare(after(this.at, batch.records));
    this.ahead.catch(() => undefined);
    try {
      await this.commit(batch.records, batch.decoded);
    } catch (error) {
      this.ahead = undefined;
      throw error;
    }
    await reader.applied(this.at);
  }

  /** Moves behind a gap at which it stands, in a transaction of its own. */
  private async passGaps(): Promise<void> {
    for (const { partition, first, next } of this.options.gaps ?? []) {
      const at = this.at.get(partition) ?? 0n;
      if (at < first || at >= next) continue;
      const positions = new Map(this.at).set(partition, next);
      const decoded = emptyDecoded();
      decoded.record_count.push({ ...noRecords(partition, 'lost'), records: Number(next - at) });
      await this.options.apply.commit(decoded, positions, [], this.at);
      this.ahead = undefined;
      this.moveTo([], positions);
    }
  }

  /**
   * A log that cannot be reached now is waited for: nothing is lost meanwhile. So are records that are gone, and rights to read that were
   * taken away: what comes in is still logged, and they may be brought back. Anything else is for the caller.
   */
  private async waitOut(error: unknown): Promise<undefined> {
    if (!(error instanceof SluiceError) || !this.running || !passing.has(error.code)) throw error;
    this.say(error);
    await this.options.sleep(awayRestMs);
  }

  private say(error: SluiceError): void {
    const { code, detail = error.title } = error;
    const now = performance.now();
    if (this.trouble?.code === code && this.trouble.detail === detail && now - this.trouble.saidAt < reminderMs) return;
    this.trouble = { code, detail, saidAt: now };
    if (code === 'log_gap') this.options.onGap?.(error);
    else this.options.onAway?.(error);
  }

  /**
   * Far from behind, a batch has a cost of its own whatever its size: resting five times as long as it took leaves most of a core to
   * intake and queries, and makes the next batch larger instead. Where somebody waits or follows, it rests only a quarter of what it took:
   * where much comes in, longer rests make larger batches, those longer rests, and so on up to seconds.
   */
  private async commitThenRest({ records, decoded }: Batch, started: number): Promise<void> {
    await this.commit(records, decoded);
    await this.options.reader.applied(this.at);
    const took = performance.now() - started;
    const least = Math.max(leastRestMs, took / 4);
    await this.options.sleep(least);
    const wanted = this.isFollowed ? followedEveryMs - took : 5 * took;
    await this.unlessAwaited(Math.min(longestRestMs, wanted) - least);
  }

  private get isFollowed(): boolean {
    return performance.now() - this.followedAt < followedMs;
  }

  private async unlessAwaited(ms: number): Promise<void> {
    const awaited = new Promise<void>((resolve) => {
      this.endRest = resolve;
    });
    const isAwaited = performance.now() - this.awaitedAt < awaitedMs;
    if (!isAwaited && ms > 0) await Promise.race([this.options.sleep(ms), awaited]);
    this.endRest = () => undefined;
  }

  private async prepare(from: Positions): Promise<Batch> {
    const { due } = this;
    if (!this.recognised) await recogniseLog(this.options.reader, this.options.known ?? []);
    this.recognised = true;
    const records = await this.options.reader.read(from, due);
    const bytes = records.reduce((sum, { body }) => sum + body.length, 0);
    this.newest = { batch_records: records.length, batch_fill: Math.min(1, bytes / due) };
    const decoded = decodeBatch(records);
    this.learn(
      bytes,
      decoded.record_count.reduce((sum, { items }) => sum + items, 0),
    );
    this.newestIsFull = bytes > due / 2;
    return { records, decoded, full: this.newestIsFull };
  }

  /** A batch has a cost of its own whatever it holds, so its size goes by what it holds and not by its bytes. */
  private learn(bytes: number, items: number): void {
    const { batchBytes, batchItems } = this.options;
    if (batchItems === undefined || items === 0) return;
    this.due = Math.min(batchBytes, Math.max(batchBytes / 8, Math.round((bytes / items) * batchItems)));
  }

  /**
   * Commits the records, or, when the database refuses the data, halves of them: at last the one record at fault goes into the
   * quarantine whole, so that it holds up nobody. Halves also where there is no memory for all of them beside what others do.
   */
  private async commit(records: readonly LogRecord[], first?: Decoded): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      // what was read before the warehouse turned out to stand elsewhere is dropped, and read again
      if (!continues(this.at, records)) return;
      try {
        const positions = after(this.at, records);
        const decoded = attempt === 1 && first !== undefined ? first : decodeBatch(records);
        const { length: platformNews } = decoded.platform_event;
        const { length: campaignNews } = decoded.campaign;
        const { length: decisionNews } = decoded.control_decision;
        await this.options.apply.commit(decoded, positions, [], this.at);
        this.platformNews += platformNews;
        this.campaignNews += campaignNews;
        this.decisionNews += decisionNews;
        this.moveTo(records, positions);
        return;
      } catch (error) {
        if (error instanceof PositionMoved) return this.goOnFrom(error);
        this.options.onRetry?.(error, attempt);
        if (isAboutData(error)) return this.isolate(records, error);
        const noMemory = isOutOfMemory(error);
        if (attempt >= (noMemory ? mostForMemory : mostAttempts)) throw error;
        if (noMemory && attempt > 1 && records.length > 1) return this.halves(records);
        await this.options.sleep(Math.min(10_000, 50 * 2 ** attempt));
      }
    }
  }

  private async halves(records: readonly LogRecord[]): Promise<void> {
    const middle = Math.ceil(records.length / 2);
    await this.commit(records.slice(0, middle));
    await this.commit(records.slice(middle));
  }

  private async isolate(records: readonly LogRecord[], error: unknown): Promise<void> {
    const [record] = records;
    if (record === undefined) return;
    if (records.length > 1) return this.halves(records);
    const decoded = emptyDecoded();
    decoded.quarantine.push({
      log_partition: record.partition,
      log_offset: record.offset,
      item: -1,
      record_kind: record.kind,
      received_at: record.receivedAt,
      reason: 'apply_failed',
      detail: error instanceof Error ? error.message : String(error),
      body: record.body,
    });
    decoded.record_count.push(oneRecord(record));
    const positions = after(this.at, records);
    await this.options.apply.commit(decoded, positions, [], this.at);
    this.moveTo(records, positions);
  }

  /**
   * Drops what was read and reads again from where the warehouse stands. What lies in between is committed and was never seen here: it
   * may hold any news.
   */
  private goOnFrom({ stored }: PositionMoved): void {
    this.platformNews += 1;
    this.campaignNews += 1;
    this.decisionNews += 1;
    this.at = stored;
    this.ahead = undefined;
  }

  private moveTo(records: readonly LogRecord[], positions: Map<string, bigint>): void {
    this.at = positions;
    this.options.onCommit?.(records.length, positions);
  }
}

function after(positions: Positions, records: readonly LogRecord[]): Map<string, bigint> {
  const next = new Map(positions);
  for (const [at, { partition, offset }] of records.entries()) {
    if (records[at + 1]?.partition !== partition) next.set(partition, offset + 1n);
  }
  return next;
}

/** Whether the records follow on these positions without holes. */
function continues(positions: Positions, records: readonly LogRecord[]): boolean {
  const ends = new Map(positions);
  let [current, next] = ['', 0n];
  return records.every(({ partition, offset }) => {
    if (partition !== current) {
      ends.set(current, next);
      [current, next] = [partition, ends.get(partition) ?? 0n];
    }
    next += 1n;
    return offset + 1n === next;
  });
}

const mostAttempts = 8;
/** Memory comes back when a model build or a query ends: that may take minutes. Later than that a new start may help. */
const mostForMemory = 40;

/** DuckDB names the class of an error at the start of its text: these are about the rows, not about disk, memory or locks. */
function isAboutData(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(Conversion|Constraint|Invalid Input|Out of Range|Parser|Invalid Type|Invalid unicode)/i.test(error.message)
  );
}
