import { groupSequential } from '../statistics/group-sequential.ts';
import type { Plan } from './design.ts';
import type { Step } from './evidence.ts';

/** A look that the plan has reached. */
export interface TakenLook {
  /** From 1 to the number planned. */
  look: number;
  /** Steps that it sees: the first so many. */
  steps: number;
  people: number;
  /** Share of the horizon, at most 1. */
  information: number;
}

/**
 * The planned looks that the mature people have reached: look k at k/K of the horizon, on the first step that fills it. Where one
 * step fills several, only the last of them is taken.
 */
export function takenLooks({ horizon, looks }: Pick<Plan, 'horizon' | 'looks'>, steps: readonly Step[]): TakenLook[] {
  const taken: TakenLook[] = [];
  let people = 0;
  steps.forEach(({ arms }, index) => {
    people += arms.reduce((sum, { mature }) => sum + mature, 0);
    const look = Math.min(looks, Math.floor((people / horizon) * looks + 1e-9));
    if (look > (taken.at(-1)?.look ?? 0)) {
      taken.push({ look, steps: index + 1, people, information: look === looks ? 1 : people / horizon });
    }
  });
  return taken;
}

/**
 * Two-sided alpha that each taken look may spend: Lan-DeMets spending of O'Brien-Fleming's shape at the information reached, so that
 * looks may come late, early or not at all.
 * Source: K. Lan and D. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70 (1983) 659-663.
 */
export function nominalAlphas(taken: readonly TakenLook[], alpha: number): number[] {
  if (taken.length === 0) return [];
  const times = taken.map(({ information }) => information);
  const information = times.at(-1) === 1 ? times : [...times, 1];
  const key = `${alpha} ${information.join(' ')}`;
  let alphas = known.get(key);
  if (alphas === undefined) {
    const looks = information.length;
    alphas = groupSequential({ looks, alpha, boundary: 'lan_demets_obf', information }).nominal_p_two_sided;
    if (known.size >= mostKnown) known.clear();
    known.set(key, alphas);
  }
  return alphas.slice(0, taken.length);
}

/** Bounds cost milliseconds, and the looks that an experiment has taken stay as they were: a list of experiments asks for the same ones. */
const known = new Map<string, number[]>();
const mostKnown = 5000;
