import { defaultPolicy } from '../../../controller/policy.ts';
import { Random } from '../../../simulator/random.ts';
import type { Scenario } from '../../../simulator/scenario/scenario.ts';
import { type Score, seedOf } from './game.ts';
import { lordenBound } from './lorden.ts';

/** What the games of one scenario and player come to: means over the seeds unless told otherwise. */
export interface Summary {
  scenario: Scenario;
  player: string;
  seeds: number;
  /** Good messages, and their share of the oracle's; null without it. */
  good: number;
  goodShare: number | null;
  bad: number;
  badUntilBraked: number;
  /** Messages that Lorden's bound and the delay of the feedback allow; null where nothing is guilty. */
  allowed: number | null;
  /** Median over the seeds that braked the guilty, ms, and how many did not. */
  delay: number | null;
  missed: number;
  blocks: number;
  downgrades: number;
  falseBrakes: number;
  /** False brakes per million messages that went out. */
  falsePerMillion: number;
  reversals: number;
  named: number | null;
  exact: number | null;
  /** Median, ms; those that never recovered count as endless. */
  recovery: number | null;
}

export function summarise(scenario: Scenario, player: string, scores: readonly Score[], oracle: readonly Score[]): Summary {
  const mean = (of: (score: Score) => number) => scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  const good = mean(({ good }) => good);
  const bad = mean(({ bad }) => bad);
  const best = oracle.length === 0 ? null : oracle.reduce((sum, score) => sum + score.good, 0) / oracle.length;
  const falseBrakes = mean(({ falseBrakes }) => falseBrakes);
  const share = (of: (score: Score) => boolean | null) =>
    scores.some((score) => of(score) !== null) ? mean((score) => (of(score) === true ? 1 : 0)) : null;
  const allowed = scores.flatMap(({ seed }) => {
    const bound = lordenBound(scenario.make(new Random(seedOf(scenario, seed))), defaultPolicy);
    return bound === null ? [] : [bound.evidence + bound.delay];
  });
  const guilty = allowed.length > 0;
  const ends = scenario.make(new Random(1)).overAt !== null;
  return {
    scenario,
    player,
    seeds: scores.length,
    good,
    goodShare: best === null ? null : good / best,
    bad,
    badUntilBraked: mean((score) => score.badUntilBraked),
    allowed: guilty ? allowed.reduce((a, b) => a + b, 0) / allowed.length : null,
    delay: guilty ? median(scores.flatMap(({ delay }) => delay ?? [])) : null,
    missed: guilty ? scores.filter(({ delay }) => delay === null).length : 0,
    blocks: mean(({ blocks }) => blocks),
    downgrades: mean(({ downgrades }) => downgrades),
    falseBrakes,
    falsePerMillion: good + bad === 0 ? 0 : (1e6 * falseBrakes) / (good + bad),
    reversals: mean(({ reversals }) => reversals),
    named: share(({ named }) => named),
    exact: share(({ exact }) => exact),
    recovery: ends ? median(scores.map(({ recovery }) => recovery ?? Number.POSITIVE_INFINITY)) : null,
  };
}

/** Nearest rank; null of nothing. */
function median(numbers: readonly number[]): number | null {
  return [...numbers].sort((a, b) => a - b)[Math.max(0, Math.ceil(numbers.length / 2) - 1)] ?? null;
}
