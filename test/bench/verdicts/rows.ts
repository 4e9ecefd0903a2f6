import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import * as choices from '../../../models/statistics/choices.ts';
import { confidenceSequence } from '../../../models/statistics/confidence-sequence.ts';
import { groupSequential } from '../../../models/statistics/group-sequential.ts';
import { logGuardrailE } from '../../../models/statistics/guardrail-eprocess.ts';
import { sampleSizeProportions } from '../../../models/statistics/sample-size.ts';
import { equalityScore } from '../../../models/statistics/score-interval.ts';
import { logBayesFactor } from '../../../models/statistics/sequential-multinomial.ts';
import { normIsf } from '../../../models/statistics/special.ts';
import { coverage } from './coverage.ts';
import { type Setting, shareFound } from './experiment.ts';
import { chanceToSpeak } from './walk.ts';

/** A table of measured rates; `met` is false where a promise is broken. */
export interface Table {
  name: string;
  header: string[];
  rows: { cells: string[]; met: boolean }[];
}

const percent = (share: number, digits = 2) => `${(100 * share).toFixed(digits)} %`;
const people = (n: number) => n.toLocaleString('en-GB');
const splits = [
  { name: '50/50', ratio: 1 },
  { name: '10/90', ratio: 9 },
  { name: '90/10', ratio: 1 / 9 },
];

/** Planned looks: false winners without a difference, and power at the planned effect beside the one test at the horizon. */
export function planned(experiments: number): Table {
  const random = xoroshiro128plus(601);
  const { verdictAlpha: alpha, planPower: power, plannedLooks: looks, plannedSpending: boundary } = choices;
  const bounds = groupSequential({ looks, alpha, boundary }).z_bounds;
  const rows = [0.005, 0.02, 0.1, 0.2].flatMap((baseline) =>
    splits.map(({ name, ratio }) => {
      const plan = { baseline_rate: baseline, relative_mde: 0.2, alpha, power, allocation_ratio: ratio };
      const { n_control, n_treatment } = sampleSizeProportions(plan);
      const setting: Setting = { baseline, lift: 0, nControl: n_control, nTreatment: n_treatment, looks };
      const planWins = (control: Counts, treatment: Counts, look: number) =>
        Math.abs(equalityScore(control, treatment) ?? 0) >= (bounds[look] ?? Number.POSITIVE_INFINITY);
      const fixedWins = (control: Counts, treatment: Counts, look: number) =>
        look === looks - 1 && Math.abs(equalityScore(control, treatment) ?? 0) >= normIsf(alpha / 2);
      const wrong = shareFound(random, setting, experiments, planWins);
      const right = shareFound(random, { ...setting, lift: 0.2 }, experiments, planWins);
      const fixed = shareFound(random, { ...setting, lift: 0.2 }, experiments, fixedWins);
      return {
        cells: [percent(baseline, 1), name, people(n_control + n_treatment), percent(wrong), percent(right), percent(fixed)],
        met: wrong <= 0.055 && right >= fixed - 0.03,
      };
    }),
  );
  return {
    name: 'planned',
    header: ['rate', 'control/treatment', 'people', 'A/A winners (<= 5.5 %)', 'power', 'power of one test at the horizon'],
    rows,
  };
}

interface Counts {
  n: number;
  x: number;
}

/** No plan: the confidence sequence looked at 60 times. */
export function unplanned(experiments: number): Table {
  const random = xoroshiro128plus(602);
  const { verdictAlpha: alpha, sequenceUnits: n_star } = choices;
  const wins = (control: Counts, treatment: Counts) => {
    if (!choices.sequenceSpeaks(control, treatment)) return false;
    // Never true unless difference squared is 2 ln(1/alpha) times its variance: most looks need no more than this.
    const [pc, pt] = [control.x / control.n, treatment.x / treatment.n];
    const variance = (pc * (1 - pc)) / control.n + (pt * (1 - pt)) / treatment.n;
    if ((pt - pc) ** 2 < -2 * Math.log(alpha) * variance) return false;
    return confidenceSequence({ alpha, n_star, looks: [{ control, treatment }] }).first_rejection_index !== null;
  };
  const rows = [0.005, 0.02, 0.1, 0.2].flatMap((baseline) =>
    splits.flatMap(({ name, ratio }) =>
      [6_000, 60_000, 600_000].map((total) => {
        const nControl = total / (1 + ratio);
        const setting: Setting = { baseline, lift: 0, nControl, nTreatment: total - nControl, looks: 60 };
        const wrong = shareFound(random, setting, experiments, wins);
        const right = shareFound(random, { ...setting, lift: 0.2 }, experiments / 10, wins);
        return { cells: [percent(baseline, 1), name, people(total), percent(wrong), percent(right, 0)], met: wrong <= 0.05 };
      }),
    ),
  );
  return { name: 'unplanned', header: ['rate', 'control/treatment', 'people', 'A/A winners (<= 5 %)', 'found at +20 %'], rows };
}

/** Exact coverage of the 95 % intervals: the worst and the best over all pairs of rates. */
export function intervals(): Table {
  const rates = [0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2];
  const sizes = [
    [100, 1900],
    [200, 1800],
    [1000, 1000],
    [500, 4500],
    [2500, 2500],
  ] as const;
  const rows = sizes.flatMap(([one, other]) => {
    const all = rates.flatMap((pc) =>
      rates.map((pt) => {
        const found = coverage(one, other, pc, pt, choices.verdictAlpha);
        return { ...found, expected: Math.min(one * pc, other * pt) };
      }),
    );
    return (['difference', 'ratio'] as const).map((kind) => {
      const enough = all.filter(({ expected }) => expected >= 2).map((found) => found[kind]);
      const least = Math.min(...all.map((found) => found[kind]));
      const most = Math.max(...enough);
      return {
        cells: [`${people(one)} / ${people(other)}`, kind, percent(least), percent(Math.min(...enough)), percent(most)],
        // The promise is about the difference; the ratio keeps it from 2 expected events on.
        met: (kind === 'difference' ? least : Math.min(...enough)) >= 0.94 && most <= 0.97,
      };
    });
  });
  return {
    name: 'intervals',
    header: [
      'people',
      'interval of the',
      'least coverage (>= 94 %)',
      'least with >= 2 expected',
      'most with >= 2 expected (<= 97 %)',
    ],
    rows,
  };
}

/** The sample ratio, looked at after every single person: exact. */
export function ratio(): Table {
  const { srmAlpha, srmConcentration } = choices;
  const line = Math.log(1 / srmAlpha);
  const at = [1_000, 10_000, 50_000];
  const rows = [0.5, 0.1].flatMap((weight) =>
    [0, 0.02, 0.05, 0.1].map((loss) => {
      const shares = [weight, 1 - weight];
      // So many of the first arm's people never arrive.
      const p = (weight * (1 - loss)) / (weight * (1 - loss) + 1 - weight);
      const says = (n: number, x: number) => logBayesFactor([x, n - x], shares, srmConcentration) >= line;
      const spoken = chanceToSpeak(p, says, (n) => weight * n, at);
      return {
        cells: [`${100 * weight}/${100 - 100 * weight}`, percent(loss, 0), ...spoken.map((share) => percent(share, 3))],
        met: loss > 0 || Math.max(...spoken) <= 0.001,
      };
    }),
  );
  return {
    name: 'ratio',
    header: ['split', 'lost of the first arm', ...at.map((n) => `alarm by ${people(n)} people`)],
    rows,
  };
}

/** A guardrail, looked at after every message: exact. */
export function guardrail(): Table {
  const { guardrailAlpha, guardrailPrior } = choices;
  const at = [300, 1_000, 3_000, 10_000, 30_000];
  const rows = [0.002, 0.01, 0.03].flatMap((threshold) =>
    [0.5, 1, 1.5, 2, 3].map((times) => {
      const prior = guardrailPrior(threshold);
      const says = (n: number, x: number) => logGuardrailE(n, x, threshold, prior) >= Math.log(1 / guardrailAlpha);
      // From no events at all on the way up: few events say nothing.
      const stopped = chanceToSpeak(times * threshold, says, () => 0, at);
      const wanted = threshold === 0.01 && times === 2 ? (stopped[2] ?? 0) >= 0.9 : true;
      return {
        cells: [percent(threshold, 1), percent(times * threshold, 2), ...stopped.map((share) => percent(share))],
        met: wanted && (times > 1 || Math.max(...stopped) <= 0.01),
      };
    }),
  );
  return { name: 'guardrail', header: ['limit', 'true rate', ...at.map((n) => `stopped by ${people(n)}`)], rows };
}
