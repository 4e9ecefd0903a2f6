import { parentPort, workerData } from 'node:worker_threads';
import { playControlled, playFreely } from './play.ts';
import type { Pair } from './table.ts';

/** Plays the seeds that it is handed, one by one, both ways. */
const { contacts } = workerData as { contacts: number };
parentPort?.on('message', (seed: number) => {
  const pair: Pair = { free: playFreely(seed, contacts), controlled: playControlled(seed, contacts) };
  parentPort?.postMessage(pair);
});
