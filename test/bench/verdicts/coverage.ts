import { differenceScore, ratioScore } from '../../../models/statistics/score-interval.ts';
import { normIsf } from '../../../models/statistics/special.ts';
import { binomial } from './random-counts.ts';

/**
 * How often the Miettinen-Nurminen intervals hold the truth, exactly: over all pairs of counts with their probability. An interval
 * holds the true value where the score does not reject it.
 */
export function coverage(nControl: number, nTreatment: number, pControl: number, pTreatment: number, alpha: number) {
  const z = normIsf(alpha / 2);
  const treatments = binomial(nTreatment, pTreatment, 1e-9);
  let [difference, ratio, all] = [0, 0, 0];
  for (const control of binomial(nControl, pControl, 1e-9)) {
    for (const treatment of treatments) {
      const weight = control.weight * treatment.weight;
      if (weight < 1e-11) continue;
      const arms = [
        { n: nControl, x: control.x },
        { n: nTreatment, x: treatment.x },
      ] as const;
      all += weight;
      if (Math.abs(differenceScore(...arms, pTreatment - pControl)) <= z) difference += weight;
      if (Math.abs(ratioScore(...arms, pTreatment / pControl)) <= z) ratio += weight;
    }
  }
  return { difference: difference / all, ratio: ratio / all };
}
