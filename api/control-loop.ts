import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { Controller } from '../controller/controller.ts';
import type { Decision } from '../controller/decision.ts';
import { type Override, withWords } from '../controller/evidence.ts';
import { PermitBook } from '../controller/permit-book.ts';
import type { Policy } from '../controller/policy.ts';
import { type PolicyParts, withFile } from '../controller/policy-file.ts';
import type { ControlSnapshot } from '../controller/snapshot.ts';
import type { EventLogWriter } from '../ingest/event-log.ts';
import type { Place } from '../ingest/record.ts';
import { SluiceError } from '../sql/errors.ts';
import { giveCommand, waitUntilApplied } from './command-log.ts';
import { ControlTrail } from './control-trail.ts';
import { EarlyPolicies } from './early-policies.ts';
import { EarlyWords } from './early-words.ts';
import { OverrideBook } from './override-book.ts';
import type { OverrideWish } from './override-wish.ts';
import type { Role } from './roles.ts';
import { timeId } from './time-id.ts';
import type { Warehouse } from './warehouse.ts';

/** From the start of one tick to the start of the next, ms, unless a rest of four times its cost is longer; where harm is found, at once. */
const everyMs = 1000;
const askedRest = 4;
/** While nobody asks for permits, what is found out is only shown: then a tick may cost a tenth of the time at most. */
const idleRest = 10;
const idleRestMs = 5000;
/** So long after the newest request somebody still asks, ms. */
const askedMs = 60_000;
/** Of so many newest ticks the cheapest tells what one costs: what others took longer, they waited for a core. */
const costTicks = 8;
/** How soon the loop notices that somebody asks again, ms. */
const noticeMs = 100;
/** How often it is heard, between two looks at the counts, what the platform says and whether facts hold harm, ms. */
const listenMs = 50;
/** Without a tick for so long, something is wrong, ms. */
const patienceMs = 10_000;

export interface ControlParts {
  warehouse: Pick<Warehouse, 'positions' | 'controlSnapshot' | 'controlNews' | 'controlBooks'>;
  log: EventLogWriter;
  policy: Policy;
  /** What a policy file says of campaigns; it stands over what they were registered with. */
  campaignPolicies?: ReadonlyMap<string, PolicyParts>;
  now: () => Date;
  /** Told of every tick that did not come to its end. */
  report: (error: unknown) => void;
  /** Told what was in force when it took over, and of every decision once it is. */
  listener?: { begin(latest: readonly Decision[]): void; tell(decision: Decision): void };
}

/** How the loop itself is doing. Times in ms since 1970 by the controller's clock, lengths in ms. */
export interface ControlHealth {
  state: 'starting' | 'running' | 'failing' | 'stopped';
  /** When the newest tick came to its end. */
  last_tick_at: number | null;
  /** When the counts that it goes by were read, and how many records of the log were missing in them. */
  snapshot_at: number | null;
  snapshot_ms: number | null;
  lag: number | null;
  ticks: number;
  failures: number;
}

/**
 * The loop around the controller: reads the counts, lets it decide, makes the decisions durable, and only then lets the permits go
 * by them. A tick that fails is reported and tried again; as long as none succeeds the permit book drains by itself.
 */
export class ControlLoop {
  private controller: Controller | null = null;
  private permits: PermitBook | null = null;
  private snapshot: ControlSnapshot | null = null;
  /** As the warehouse told them last: it names them only, while they are the same. */
  private baselines: ControlSnapshot['baselines'] = null;
  private readonly overrides = new OverrideBook();
  private readonly early = new EarlyWords();
  private readonly earlyPolicies = new EarlyPolicies();
  private readonly trail: ControlTrail;
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private underWay: Promise<void> | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly counts = {
    ticks: 0,
    failures: 0,
    lastTickAt: null as number | null,
    snapshotMs: null as number | null,
    /** How long the newest tick only waited for the log to be applied, ms: that costs nothing. */
    waitedMs: 0,
    /** By the process's own clock, ms. */
    succeeded: 0,
  };
  /** What the newest ticks took, without their waiting for apply, ms. */
  private readonly costs: number[] = [];
  private failing = false;
  /** The facts hold harm that the last look did not see. */
  private isUrgent = false;
  private wake: () => void = () => undefined;
  /** Requests for permits that were seen, and when the newest was, by the process's own clock. */
  private readonly asked = { requests: 0, at: Number.NEGATIVE_INFINITY };

  constructor(private readonly parts: ControlParts) {
    this.trail = new ControlTrail(parts.log, (decision) => parts.listener?.tell(decision));
  }

  /** Begins in the background: what the log holds is applied first, then it ticks until `stop`. */
  start(): void {
    this.running ??= Promise.all([this.run(), this.listen()]).then(() => undefined);
  }

  /** Ends after what is on its way into the log; a warehouse that does not answer is not waited for. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.turn;
  }

  /** The owner of the sending rights; null until the log was applied to its end: nothing may be granted before. */
  get book(): PermitBook | null {
    return this.permits;
  }

  /** What the controller knows of each scope; null until it runs. */
  get brain(): Controller | null {
    return this.controller;
  }

  /** The newest counts that decisions were made from. */
  get counted(): ControlSnapshot | null {
    return this.snapshot;
  }

  /** The mode of the account's policy. */
  get mode(): Policy['mode'] {
    return this.parts.policy.mode;
  }

  /** What operators set and what is in force now, oldest first. */
  inForce(): Override[] {
    return this.overrides.inForce(this.at());
  }

  health(): ControlHealth {
    const { ticks, failures, lastTickAt, snapshotMs } = this.counts;
    return {
      state: this.state(),
      last_tick_at: lastTickAt,
      snapshot_at: this.snapshot?.as_of ?? null,
      snapshot_ms: snapshotMs,
      lag: this.snapshot?.lag ?? null,
      ticks,
      failures,
    };
  }

  private state(): ControlHealth['state'] {
    if (this.stopping.signal.aborted) return 'stopped';
    const stuck = this.controller !== null && performance.now() - this.counts.succeeded > patienceMs;
    if (this.failing || stuck) return 'failing';
    return this.controller === null ? 'starting' : 'running';
  }

  /** Sets something on a scope: in force when this resolves, whatever the warehouse is doing. What it replaces there is lifted. */
  async override(wish: OverrideWish, actor: Role): Promise<Override> {
    const override_id = uuidv7({ msecs: wish.at });
    const override = { override_id, ...wish, actor };
    const { at, ...body } = wish;
    await giveCommand(this.parts.log, { command: 'control.override', id: override_id, body }, actor, new Date(at));
    for (const old of this.overrides.add(override)) await this.take(old.override_id, `replaced by ${override_id}`, actor);
    await this.follow();
    return override;
  }

  /**
   * Takes back what was set.
   * @throws SluiceError `not_found` when nothing with this id is in force
   */
  async lift(overrideId: string, reason: string, actor: Role): Promise<void> {
    if (!this.inForce().some(({ override_id }) => override_id === overrideId)) {
      throw new SluiceError('not_found', { detail: `no override "${overrideId}" is in force`, field: 'id' });
    }
    await this.take(overrideId, reason, actor);
    await this.follow();
  }

  /** Hears of a durable webhook: a stop by the platform is in force at once, however far apply is behind. */
  heard(body: Uint8Array, place: Place): void {
    try {
      if (this.early.hear(body, place, this.at())) void this.follow();
    } catch (error) {
      this.parts.report(error); // apply will read it, and say what is wrong with it
    }
  }

  /** Hears of a durable registration: when this resolves, the campaign's permits go by its policy, however far apply is behind. */
  async registered(campaign_id: string, policy: PolicyParts, place: Place): Promise<void> {
    const hadOne = this.policies(this.snapshot?.policies ?? []).some((one) => one.campaign_id === campaign_id);
    // Most have none: they go by the account's already.
    if (!hadOne && Object.keys(policy).length === 0) return;
    this.earlyPolicies.hear({ campaign_id, policy }, place);
    await this.follow();
  }

  /** One tick, now; resolves when one that was under way, or this one, came to its end, well or not. */
  tick(): Promise<void> {
    this.underWay ??= this.look()
      .then(
        () => {
          this.failing = false;
          this.counts.ticks += 1;
          this.counts.succeeded = performance.now();
        },
        (error: unknown) => this.failed(error),
      )
      .finally(() => {
        this.underWay = null;
      });
    return this.underWay;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const began = performance.now();
      this.isUrgent = false;
      await orAborted(this.tick(), signal);
      const end = performance.now();
      if (!this.failing && this.snapshot?.brief !== true) this.costs.push(Math.max(0, end - began - this.counts.waitedMs));
      if (this.costs.length > costTicks) this.costs.shift();
      const left = () => end + this.restMs(end - began) - performance.now();
      const rested = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      while (!signal.aborted && !this.isUrgent && left() > 0) {
        const pause = sleep(Math.min(noticeMs, left()), undefined, { signal, ref: false }).catch(() => undefined);
        await Promise.race([pause, rested]);
      }
    }
  }

  /** The next look begins at once, or as soon as the one under way is over. */
  private endRest(): void {
    this.isUrgent = true;
    this.wake();
  }

  /**
   * Between two snapshots, hears what the platform says anew and decides on it with the counts that are there; a lift waits for the next.
   * Harm in the facts ends the rest.
   */
  private async listen(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(listenMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || !this.isAsked()) continue;
      await orAborted(this.hear(), signal);
    }
  }

  private async hear(): Promise<void> {
    try {
      const { words, urgent } = await this.parts.warehouse.controlNews(this.at());
      if (urgent) this.endRest();
      await this.decide(() => {
        const { snapshot } = this;
        if (snapshot === null) return null;
        const all = withWords(snapshot.words, words ?? []);
        return all.length === snapshot.words.length ? null : { ...snapshot, words: all };
      });
    } catch (error) {
      this.failed(error);
    }
  }

  /** How long to rest after a tick that took so long, ms. */
  private restMs(took: number): number {
    const cost = Math.min(took, ...this.costs);
    const rest = Math.max(askedRest * cost, everyMs - took);
    return this.isAsked() ? rest : Math.max(rest, Math.min(idleRestMs, idleRest * cost));
  }

  /** Whether somebody asked for permits of late. */
  private isAsked(): boolean {
    const { requests, repeated } = this.permits?.counters ?? { requests: 0, repeated: 0 };
    const { asked } = this;
    if (requests + repeated > asked.requests) {
      asked.requests = requests + repeated;
      asked.at = performance.now();
    }
    return performance.now() - asked.at < askedMs;
  }

  private async look(): Promise<void> {
    this.counts.waitedMs = 0;
    if (this.controller === null && !(await this.open())) return;
    const began = performance.now();
    const { warehouse } = this.parts;
    const positions = this.early.size + this.earlyPolicies.size === 0 ? [] : await warehouse.positions();
    const read = await warehouse.controlSnapshot(this.at(), this.baselines?.name);
    // Not all that is in the facts is in a brief reading.
    if (read.brief !== true) {
      this.early.forget(positions);
      this.earlyPolicies.forget(positions);
    }
    if (read.baselines === null) this.baselines = null;
    else if (read.baselines.of !== null) this.baselines = { name: read.baselines.name, of: read.baselines.of };
    const snapshot = {
      ...read,
      baselines: this.baselines,
      words: this.early.with(read.words),
      policies: this.policies(read.policies),
    };
    const took = performance.now() - began;
    this.counts.snapshotMs = took;
    this.counts.waitedMs = Math.max(0, took - (read.took_ms ?? took));
    await this.decide(() => snapshot);
    this.counts.lastTickAt = this.at();
  }

  /** Of campaigns: as the facts have them, as they were registered since, and over both what the file says. */
  private policies(read: ControlSnapshot['policies']): ControlSnapshot['policies'] {
    return withFile(this.earlyPolicies.with(read), this.parts.campaignPolicies ?? new Map());
  }

  /** Goes by the counts that it has, because an operator or the platform spoke, or a campaign is new: that does not wait for the warehouse. */
  private follow(): Promise<void> {
    const counts = () => {
      const { snapshot } = this;
      if (snapshot === null) return null;
      return { ...snapshot, words: this.early.with(snapshot.words), policies: this.policies(snapshot.policies) };
    };
    return this.decide(counts).catch((error: unknown) => this.failed(error));
  }

  /** Decides, makes it durable, lets it take effect: one after the other, so that no decision is made from a state that passed. */
  private decide(counts: () => ControlSnapshot | null): Promise<void> {
    const decided = this.turn.then(async () => {
      const snapshot = counts();
      const { controller, permits } = this;
      if (controller === null || permits === null || snapshot === null || this.stopping.signal.aborted) return;
      await this.trail.finish(controller);
      await this.trail.record(controller, controller.propose(snapshot, this.inForce(), this.at()));
      this.snapshot = snapshot;
      permits.setLimits(controller.limits(snapshot, this.at()), this.at());
    });
    this.turn = decided.catch(() => undefined);
    return decided;
  }

  private failed(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.failing = true;
    this.counts.failures += 1;
    this.parts.report(error);
  }

  private async take(overrideId: string, reason: string, actor: Role): Promise<void> {
    await giveCommand(this.parts.log, { command: 'control.lift', id: overrideId, body: { reason } }, actor, this.parts.now());
    this.overrides.remove(overrideId);
  }

  /** Takes over from the log's past, once all of it is in the warehouse; false when it was stopped before. */
  private async open(): Promise<boolean> {
    const { warehouse, policy } = this.parts;
    for (const { partition, end } of await warehouse.positions()) {
      const newest = { partition, offset: BigInt(end) - 1n };
      while (newest.offset >= 0n && !(await waitUntilApplied(warehouse, newest, everyMs))) {
        if (this.stopping.signal.aborted) return false;
      }
    }
    const books = await warehouse.controlBooks(this.at());
    this.overrides.load(books.overrides);
    const newId = () => timeId(this.at());
    const controller = new Controller({ policy, books, newId });
    this.permits = new PermitBook({ policyOf: (campaign) => controller.policyOf(campaign), books, newId });
    this.controller = controller;
    this.parts.listener?.begin(books.latest);
    this.counts.succeeded = performance.now();
    return true;
  }

  private at(): number {
    return this.parts.now().getTime();
  }
}

/** Waits for work, or until the signal. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal.addEventListener('abort', stop);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
