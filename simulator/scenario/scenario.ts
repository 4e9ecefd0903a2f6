import type { Random } from '../random.ts';
import type { Truth } from './truth.ts';

/** Messages that share all that can be braked; times in milliseconds since the scenario began. */
export interface Lane {
  campaign: string;
  template: string;
  segment: string;
  variant: string | null;
  market: string;
  number: string;
  /** Messages to send, from when on, and how many a second. */
  size: number;
  from: number;
  perSecond: number;
  usual: Truth;
  /** Nobody has sent it before: it has no history. */
  fresh: boolean;
  /** What changes, and when; with `ramp` it takes so long to become as bad as that. */
  bad: { truth: Truth; from: number; until: number; ramp: number } | null;
}

/** What happens on the way: to the feedback, the sender or the controller. */
export interface Trouble {
  /** Webhooks are kept back from `from` to `until`, then come in a flood. */
  outage?: { from: number; until: number };
  /** Share of the feedback that comes twice, and the most that anything is late. */
  duplicates?: { share: number; late: number };
  /** The sender's clock minus the true one. */
  skew?: number;
  /** The controller (or whatever brakes) is started anew then. */
  restartAt?: number;
  /** The sender sends nothing from `from` to `until`. */
  senderDown?: { from: number; until: number };
  /** From then on the sender goes so many times faster. */
  faster?: { from: number; times: number };
}

/** A template that the platform does not know yet: after so many sends it holds a share of the rest for a while. */
export interface Pacing {
  template: string;
  after: number;
  share: number;
  /** How long it looks at what is out before it lets go of what it holds. */
  hold: number;
}

/** A world to be played: hidden truth and all. */
export interface Setting {
  lanes: readonly Lane[];
  trouble: Trouble;
  pacing: Pacing | null;
  /** The portfolio's messaging limit, and how many people were written to in the last day. */
  limit: { people: number; used: number } | null;
  /** Hour of the day at which it begins, UTC. */
  hour: number;
  /** The scope that explains what is bad, as the controller writes it; null where nothing is. */
  guilty: string | null;
  /** When whatever was wrong is over, for the time to recovery; null when it never is, or nothing was. */
  overAt: number | null;
}

export interface Scenario {
  name: string;
  title: string;
  kind: 'healthy' | 'bad';
  make(random: Random): Setting;
}

/** How long a scenario is played. */
export const length = 3 * 3_600_000;

/** When a lane is bad enough to be stopped: at once, or half-way through its drift. */
export function changeOf({ bad }: Lane): number | null {
  return bad === null ? null : bad.from + bad.ramp / 2;
}

/** Whether a message that is sent so long after the beginning should not be. */
export function isBad(lane: Lane, at: number): boolean {
  return lane.bad !== null && at >= lane.bad.from + lane.bad.ramp / 2 && at < lane.bad.until;
}
