import { parentPort } from 'node:worker_threads';
import { scenarios } from '../../../simulator/scenario/scenarios.ts';
import { play, type Score } from './game.ts';
import { players } from './players/all.ts';

/** One world to be played by these, by their names. */
export interface Task {
  scenario: string;
  players: readonly string[];
  seed: number;
}

parentPort?.on('message', (task: Task) => {
  const scenario = scenarios.find(({ name }) => name === task.scenario);
  if (scenario === undefined) throw new RangeError(`no scenario ${task.scenario}`);
  const scores: Score[] = players
    .filter(({ name }) => task.players.includes(name))
    .map((player) => play(scenario, player, task.seed));
  parentPort?.postMessage(scores);
});
