import { minute } from '../emission.ts';
import type { QualityMarks } from '../quality.ts';
import type { Random } from '../random.ts';

/** What the platform keeps to itself: how it weighs what people do, where its marks are, how often it looks. Drawn anew for each world. */
export interface SecretWeights {
  /** Of a block, an opt-out and a message to nobody, in blocks. */
  block: number;
  optOut: number;
  undeliverable: number;
  template: QualityMarks;
  number: QualityMarks;
  /** From one judgement to the next, ms. */
  every: number;
}

/** Around the marks that the demo's platform uses: a template is RED from 4 % blocks on, a number from 2.5 %. */
export function secretWeights(random: Random): SecretWeights {
  const strict = () => random.lognormal(1, 0.2);
  const [template, number] = [strict(), strict()];
  return {
    block: random.lognormal(1, 0.25),
    optOut: random.between(0, 0.3),
    undeliverable: random.between(0, 0.1),
    template: { least: random.between(300, 600), yellow: 0.025 * template, red: 0.045 * template },
    number: { least: random.between(1_200, 2_000), yellow: 0.018 * number, red: 0.03 * number },
    every: random.between(2 * minute, 10 * minute),
  };
}
