import { Random } from '../../../simulator/random.ts';
import { Crowd, step } from '../../../simulator/scenario/crowd.ts';
import { changeOf, type Lane, length, type Scenario } from '../../../simulator/scenario/scenario.ts';
import { type Player, scopesOfLane, type Turn } from './player.ts';

const minute = 60_000;
/** Feedback of what was sent before a trouble was over is still coming then: a brake so soon after it is no false one. */
const grace = 30 * minute;
/** Flow counts as recovered when so much of what is wanted goes out, for so many steps on end. */
const recovered = { share: 0.9, steps: 4 };

/** What became of one world in the hands of one player. Times in ms since the scenario began; null where it did not happen. */
export interface Score {
  scenario: string;
  player: string;
  seed: number;
  good: number;
  bad: number;
  /** Bad messages of each guilty lane until it was braked, added up; and how long that took, the slowest lane. */
  badUntilBraked: number;
  delay: number | null;
  blocks: number;
  /** Numbers and templates of which the platform thought less, and templates that it paused. */
  downgrades: number;
  pauses: number;
  /** Times that something was braked that was not, in any part, bad; and times that a scope was braked anew. */
  falseBrakes: number;
  reversals: number;
  /** Whether all that was braked was wholly guilty, and something was; null where nothing is. */
  named: boolean | null;
  /** Whether that, all together, was all of the guilty. */
  exact: boolean | null;
  recovery: number | null;
  /** What was braked, for whoever asks why. */
  braked: string[];
}

function coversTheGuilty(lanes: readonly Lane[], brakes: readonly Turn[]): boolean {
  return lanes.every((lane) => (lane.bad !== null) === brakes.some(({ scope }) => scopesOfLane(lane).includes(scope)));
}

/** The seed of a scenario's truth: different for each scenario. */
export function seedOf({ name }: Scenario, seed: number): number {
  let value = seed * 7_919;
  for (const letter of name) value = (value * 31 + letter.charCodeAt(0)) | 0;
  return value;
}

/** Plays one scenario and seed. The world of a seed is the same for every player, up to what the player changes. */
export function play(scenario: Scenario, player: Player, seed: number): Score {
  const setting = scenario.make(new Random(seedOf(scenario, seed)));
  const startAt = Date.UTC(2026, 9, 20, setting.hour);
  const crowd = new Crowd(setting, seed, startAt);
  const brakeman = player.begin(crowd);
  const { lanes, trouble, overAt } = setting;
  const restartAt = trouble.restartAt ?? Number.POSITIVE_INFINITY;
  const badBy = lanes.map((): number[] => []);
  let restarted = false;
  let recovery: number | null = null;
  let flowing = 0;
  for (let at = 0; at < length; at += step) {
    if (at >= restartAt && !restarted) {
      restarted = true;
      brakeman.restart();
    }
    let [wanted, granted] = [0, 0];
    lanes.forEach((_, index) => {
      const wants = crowd.wants(index);
      const grants = wants === 0 ? 0 : brakeman.grant(index, wants);
      wanted += wants;
      granted += grants;
      if (grants > 0) {
        const first = crowd.laneOf.length;
        crowd.send(index, grants);
        brakeman.sent(index, first, grants);
      }
      (badBy[index] as number[]).push(crowd.bad[index] as number);
    });
    brakeman.hear(crowd.advance());
    brakeman.look();
    if (overAt === null || at < overAt || recovery !== null) continue;
    flowing = granted >= recovered.share * wanted ? flowing + 1 : 0;
    if (flowing === recovered.steps) recovery = at + step - overAt - (recovered.steps - 1) * step;
  }
  const turns = brakeman.turns.map((turn) => ({ ...turn, at: turn.at - startAt }));
  const brakes = turns.filter(({ on }) => on);
  return {
    scenario: scenario.name,
    player: player.name,
    seed,
    good: sum(crowd.good),
    bad: sum(crowd.bad),
    ...delays(lanes, brakes, badBy),
    blocks: sum(crowd.blocks),
    downgrades: new Set(crowd.judge.judgements.map(({ scope, id }) => `${scope}:${id}`)).size,
    pauses: crowd.judge.judgements.filter(({ scope, to }) => scope === 'template' && to === 'RED').length,
    falseBrakes: brakes.filter(({ scope, at }) => !touchesBad(lanes, scope, at)).length,
    reversals: brakes.length - new Set(brakes.map(({ scope }) => scope)).size,
    named: setting.guilty === null ? null : brakes.length > 0 && brakes.every(({ scope }) => isWhollyGuilty(lanes, scope)),
    exact: setting.guilty === null ? null : coversTheGuilty(lanes, brakes),
    recovery,
    braked: brakes.map(({ scope, at }) => `${scope}@${(at / minute).toFixed(1)}`),
  };
}

function delays(lanes: readonly Lane[], brakes: readonly Turn[], badBy: readonly number[][]) {
  let badUntilBraked = 0;
  let delay: number | null = 0;
  lanes.forEach((lane, index) => {
    const change = changeOf(lane);
    if (lane.bad === null || change === null) return;
    const scopes = scopesOfLane(lane);
    const { from } = lane.bad;
    // A brake is in force from the step after it; what was braked before the change may have been let go of since.
    const brake = brakes.find(({ scope, at }) => at >= from && scopes.includes(scope));
    const until = brake === undefined ? (badBy[index]?.length ?? 1) - 1 : Math.max(0, Math.round(brake.at / step) - 1);
    badUntilBraked += badBy[index]?.[until] ?? 0;
    delay = brake === undefined || delay === null ? null : Math.max(delay, brake.at - change);
  });
  return { badUntilBraked, delay: lanes.some(({ bad }) => bad !== null) ? delay : null };
}

function touchesBad(lanes: readonly Lane[], scope: string, at: number): boolean {
  return lanes.some(
    (lane) => lane.bad !== null && at >= lane.bad.from && at < lane.bad.until + grace && scopesOfLane(lane).includes(scope),
  );
}

function isWhollyGuilty(lanes: readonly Lane[], scope: string): boolean {
  const touched = lanes.filter((lane) => scopesOfLane(lane).includes(scope));
  return touched.length > 0 && touched.every(({ bad }) => bad !== null);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
