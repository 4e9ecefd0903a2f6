import { Agenda } from './agenda.ts';
import { day, type Emission, type EventBody, hour, minute, second } from './emission.ts';
import { Ids } from './ids.ts';
import { Random } from './random.ts';
import { Tally } from './tally.ts';

/** Time, chance, what is due and what went out: the parts that business, platform and people share. */
export class Simulation {
  readonly random: Random;
  readonly ids: Ids;
  readonly tally = new Tally();
  /** Simulated time, whole milliseconds since 1970. */
  now: number;
  private readonly agenda = new Agenda();
  private out: Emission[] = [];

  constructor(
    seed: number,
    readonly startAt: number,
  ) {
    this.random = new Random(seed);
    this.now = startAt;
    this.ids = new Ids(this.random, `${(seed >>> 0).toString(36)}.${Math.floor(startAt / 1000).toString(36)}`);
  }

  /** Does this at the first whole millisecond not before the time given, and not in the past. */
  at(time: number, action: () => void): void {
    this.agenda.put(Math.max(this.now, Math.ceil(time)), action);
  }

  /** Does this again and again at random, `perDay` times on average. */
  stream(perDay: number, action: () => void): void {
    if (perDay <= 0) return;
    const next = () => {
      this.at(this.now + this.random.exponential(day / perDay), () => {
        action();
        next();
      });
    };
    next();
  }

  /** Runs until just before this instant and hands over what went out, in order of time. */
  advance(until: number): Emission[] {
    const { agenda } = this;
    for (;;) {
      const at = agenda.nextAt();
      if (at >= until) break;
      this.now = at;
      agenda.take()();
    }
    this.now = Math.max(this.now, until);
    const { out } = this;
    this.out = [];
    return out;
  }

  /** Puts something on the wire now. */
  emit(emission: Emission): void {
    this.out.push(emission);
  }

  /**
   * Puts a first-party event on the wire soon; `counted` is called when it goes out for the first time.
   * The fields become the event: a caller does not use them again.
   */
  event(type: string, at: number, fields: Record<string, unknown>, counted?: () => void, delay = this.backendDelay()): void {
    this.at(Math.max(this.now, at) + delay, () => {
      this.tally.updates.events++;
      counted?.();
      fields['id'] = this.ids.event();
      fields['type'] = type;
      fields['at'] = this.ids.iso(at);
      const event = fields as EventBody;
      this.emit({ kind: 'event', at: this.now, event });
      if (this.random.chance(0.003)) {
        this.at(this.now + this.random.lognormal(20 * second, 1), () => {
          this.tally.updates.copies++;
          this.emit({ kind: 'event', at: this.now, event });
        });
      }
    });
  }

  /** How long the business's own systems take to tell: about a second, now and then much longer. */
  private backendDelay(): number {
    const draw = this.random.float();
    if (draw < 0.99) return this.random.exponential(1.2 * second);
    return draw < 0.999 ? this.random.between(0, 5 * minute) : this.random.between(0, 3 * hour);
  }
}
