import { hour, minute, second } from '../emission.ts';
import { whenAwake } from '../person.ts';
import { Random } from '../random.ts';
import { PlatformJudge } from './platform-judge.ts';
import { isBad, type Lane, length, type Setting } from './scenario.ts';
import { secretWeights } from './secret.ts';
import { between, type Truth } from './truth.ts';

/** What the business hears of a message. A feedback is one number: `message * 16 + kind`. */
export const kinds = [
  'undeliverable',
  'marketing_limit',
  'platform_block',
  'other_failure',
  'delivered',
  'read',
  'reply',
  'click',
  'opt_out',
  'complaint',
  'held',
  'released',
  'refused',
] as const;
export type FeedbackKind = (typeof kinds)[number];
const code = Object.fromEntries(kinds.map((kind, i) => [kind, i])) as Record<FeedbackKind, number>;
/** What only the platform sees. */
const [reached, blocked, leaves, nobody] = [0, 1, 2, 3];

export const step = 15 * second;
const steps = length / step;
const zones: Record<string, number> = { DE: hour, IN: 5.5 * hour, BR: -3 * hour };

/**
 * A scenario at play: messages are rows of columns, and what becomes of each is drawn as it is sent and put where its time has come.
 * So hundreds of worlds take seconds. Delays are those of the demo's world.
 */
export class Crowd {
  now: number;
  readonly judge: PlatformJudge;
  /** By message: its lane, when it was sent, and whether it was good. */
  readonly laneOf: number[] = [];
  readonly sentAt: number[] = [];
  /** What went out, by lane. */
  readonly good: number[];
  readonly bad: number[];
  readonly left: number[];
  readonly blocks: number[];
  private readonly random: Random;
  private readonly told: number[][] = Array.from({ length: steps + 1 }, () => []);
  private readonly seen: number[][] = Array.from({ length: steps + 1 }, () => []);
  private readonly sends = new Map<string, number>();
  private people: number;
  private index = 0;

  constructor(
    readonly setting: Setting,
    seed: number,
    readonly startAt: number,
  ) {
    this.random = new Random(seed ^ 0x5bd1e995);
    const { lanes, limit } = setting;
    this.now = startAt;
    this.people = limit?.used ?? 0;
    [this.good, this.bad, this.blocks] = [lanes.map(() => 0), lanes.map(() => 0), lanes.map(() => 0)];
    this.left = lanes.map(({ size }) => size);
    const unique = (values: string[]) => [...new Set(values)];
    const numbers = unique(lanes.map(({ number }) => number));
    const templates = unique(lanes.map(({ template }) => template));
    this.judge = new PlatformJudge(secretWeights(this.random), numbers, templates, startAt);
  }

  /** How many messages of a lane its sender would send in the coming step. */
  wants(index: number): number {
    const { lanes, trouble } = this.setting;
    const lane = lanes[index] as Lane;
    const at = this.now - this.startAt;
    const { senderDown, faster } = trouble;
    if (at < lane.from || (senderDown !== undefined && at >= senderDown.from && at < senderDown.until)) return 0;
    const times = faster !== undefined && at >= faster.from ? faster.times : 1;
    // Fractions of a message add up from step to step.
    const by = (time: number) => Math.floor(((time - lane.from) / second) * lane.perSecond * times);
    return Math.min(this.left[index] as number, by(at + step) - by(at));
  }

  /** Sends so many messages of a lane, evenly through the coming step. */
  send(index: number, count: number): void {
    const lane = this.setting.lanes[index] as Lane;
    this.left[index] = (this.left[index] as number) - count;
    for (let i = 0; i < count; i++) this.one(lane, index, this.now + ((i + 0.5) * step) / count);
  }

  /** What the business hears until the end of the coming step, from then on the present. */
  advance(): number[] {
    const told = this.told[this.index] as number[];
    this.look(this.seen[this.index] as number[]);
    this.index++;
    this.now += step;
    this.judge.advance(this.now);
    return told;
  }

  private one(lane: Lane, index: number, at: number): void {
    const { random } = this;
    const { pacing, limit } = this.setting;
    const message = this.laneOf.length;
    this.laneOf.push(index);
    this.sentAt.push(at);
    const full = limit !== null && this.people >= limit.people;
    if (full || this.judge.isPaused(lane.template, at)) {
      this.tell(message, code.refused, at + random.lognormal(220, 0.4));
      return;
    }
    this.people++;
    const since = at - this.startAt;
    if (isBad(lane, since)) this.bad[index] = (this.bad[index] as number) + 1;
    else this.good[index] = (this.good[index] as number) + 1;
    if (pacing?.template === lane.template) {
      const sends = (this.sends.get(lane.template) ?? 0) + 1;
      this.sends.set(lane.template, sends);
      if (sends > pacing.after && since < length / 2 && random.chance(pacing.share)) {
        const releasedAt = at + random.lognormal(pacing.hold, 0.2);
        this.tell(message, code.held, at + random.lognormal(220, 0.4));
        this.tell(message, code.released, releasedAt + second);
        this.route(message, lane, truthAt(lane, since), releasedAt);
        return;
      }
    }
    this.route(message, lane, truthAt(lane, since), at);
  }

  private route(message: number, lane: Lane, truth: Truth, at: number): void {
    const { random } = this;
    let draw = random.float();
    const failures = [truth.undeliverable, truth.marketingLimit, truth.platformBlock, truth.otherFailure];
    for (let kind = 0; kind < failures.length; kind++) {
      draw -= failures[kind] as number;
      if (draw >= 0) continue;
      const failedAt = at + random.lognormal(1.5 * second, 0.8);
      this.tell(message, kind, failedAt);
      if (kind === 0) this.see(message, nobody, failedAt);
      return;
    }
    const wait = random.float();
    if (wait < 0.018) return; // never comes online again
    const reachesAt =
      at +
      second +
      (wait < 0.9
        ? random.lognormal(4 * second, 1.3)
        : wait < 0.97
          ? random.lognormal(25 * minute, 1.1)
          : random.lognormal(7 * hour, 1));
    this.see(message, reached, reachesAt);
    this.tell(message, code.delivered, reachesAt);
    const blocks = random.chance(truth.block);
    const person = { zoneOffset: zones[lane.market] ?? 0 };
    if (!random.chance(truth.read)) {
      if (blocks) this.see(message, blocked, whenAwake(random, person, reachesAt + random.lognormal(20 * minute, 1.5)));
      return;
    }
    const slow = random.chance(0.4) ? random.lognormal(2.5 * minute, 1.2) : random.lognormal(2.2 * hour, 1.5);
    const openedAt = whenAwake(random, person, reachesAt + 2 * second + slow * truth.slowness);
    if (openedAt >= this.startAt + length) return;
    this.tell(message, code.read, openedAt);
    if (blocks) this.see(message, blocked, openedAt + random.lognormal(8 * second, 1));
    if (random.chance(truth.click)) this.tell(message, code.click, openedAt + random.lognormal(40 * second, 1));
    if (random.chance(truth.reply)) this.tell(message, code.reply, openedAt + random.lognormal(4 * minute, 1.7));
    // Who opts out or complains has opened: the chances are of those delivered.
    if (random.chance(truth.optOut / truth.read)) {
      const at = openedAt + random.lognormal(2 * minute, 1.3);
      this.tell(message, code.opt_out, at);
      this.see(message, leaves, at);
    }
    if (random.chance(truth.complaint / truth.read))
      this.tell(message, code.complaint, openedAt + random.lognormal(3 * minute, 1.3));
  }

  private tell(message: number, kind: number, happenedAt: number): void {
    const { random } = this;
    const { outage, duplicates } = this.setting.trouble;
    const draw = random.float();
    let at = happenedAt;
    // Mostly about a second; sometimes minutes, seldom hours.
    if (draw < 0.94) at += random.lognormal(900, 0.6);
    else if (draw < 0.995) at += random.between(0, 4 * minute);
    else at += random.lognormal(2 * hour, 1);
    if (duplicates !== undefined && kind !== code.held && random.chance(duplicates.share)) {
      this.put(this.told, message, kind, at + random.between(0, 2 * duplicates.late));
      at += random.between(0, duplicates.late);
    }
    if (outage !== undefined && at >= this.startAt + outage.from && at < this.startAt + outage.until) {
      at = this.startAt + outage.until + random.between(0, 2 * minute);
    }
    this.put(this.told, message, kind, at);
  }

  private see(message: number, kind: number, at: number): void {
    this.put(this.seen, message, kind, at);
  }

  private put(buckets: number[][], message: number, kind: number, at: number): void {
    // Never into a step that is over: what is sent in a step is heard of in it at the soonest.
    const bucket = Math.max(this.index, Math.floor((at - this.startAt) / step));
    if (bucket <= steps) buckets[bucket]?.push(message * 16 + kind);
  }

  /** Hands what happened in a step to the platform, lane by lane. */
  private look(seen: readonly number[]): void {
    if (seen.length === 0) return;
    const counts = this.setting.lanes.map(() => [0, 0, 0, 0]);
    for (const one of seen) {
      const of = counts[this.laneOf[one >> 4] as number] as number[];
      of[one & 15] = (of[one & 15] as number) + 1;
    }
    counts.forEach(([delivered = 0, blocks = 0, optOuts = 0, undeliverable = 0], index) => {
      const { number, template } = this.setting.lanes[index] as Lane;
      this.blocks[index] = (this.blocks[index] as number) + blocks;
      this.judge.saw([number, template], this.now, { delivered, blocks, optOuts, undeliverable });
    });
  }
}

function truthAt({ usual, bad }: Lane, at: number): Truth {
  if (bad === null || at < bad.from || at >= bad.until) return usual;
  return bad.ramp === 0 ? bad.truth : between(usual, bad.truth, Math.min(1, (at - bad.from) / bad.ramp));
}
