import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { counts } from './random-counts.ts';

/** An experiment to be simulated: people come to both arms in equal steps between looks. */
export interface Setting {
  baseline: number;
  /** Relative lift that is true */
  lift: number;
  nControl: number;
  nTreatment: number;
  looks: number;
}

interface Arm {
  n: number;
  x: number;
}

/**
 * The share of simulated experiments in which `isFound` is true at any look.
 * @param isFound told the arms at a look (cumulative; the same objects each time) and which look it is, from 0
 */
export function shareFound(
  random: RandomGenerator,
  { baseline, lift, nControl, nTreatment, looks }: Setting,
  experiments: number,
  isFound: (control: Arm, treatment: Arm, look: number) => boolean,
): number {
  const [stepC, stepT] = [Math.round(nControl / looks), Math.round(nTreatment / looks)];
  const [drawC, drawT] = [counts(random, stepC, baseline), counts(random, stepT, baseline * (1 + lift))];
  let found = 0;
  for (let k = 0; k < experiments; k += 1) {
    const [control, treatment] = [
      { n: 0, x: 0 },
      { n: 0, x: 0 },
    ];
    for (let look = 0; look < looks; look += 1) {
      control.n += stepC;
      control.x += drawC();
      treatment.n += stepT;
      treatment.x += drawT();
      if (!isFound(control, treatment, look)) continue;
      found += 1;
      break;
    }
  }
  return found / experiments;
}
