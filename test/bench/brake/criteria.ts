import type { Summary } from './summary.ts';

/** What is wanted of the brake, see docs/controller.md. */
const wanted = { downgrades: 0.1, delay: 1.5, goodBad: 0.9, goodHealthy: 0.97, named: 0.95, falsePerMillion: 1 };

/** None in three million shows fewer than one in a million with 95 % confidence: e⁻³ ≈ 0.05. */
const enough = 3e6;

export interface Criterion {
  text: string;
  met: boolean;
  figures: string;
}

/** Judges our player against the others. What was not played cannot be judged and is left out. */
export function judge(summaries: readonly Summary[]): Criterion[] {
  const ours = summaries.filter(({ player }) => player === 'sluice');
  const bad = ours.filter(({ scenario }) => scenario.kind === 'bad');
  const healthy = ours.filter(({ scenario }) => scenario.kind === 'healthy');
  const fixed = summaries.filter(({ player, scenario }) => player === 'fixed' && scenario.kind === 'bad');
  const sum = (of: readonly Summary[], value: (summary: Summary) => number) => of.reduce((total, one) => total + value(one), 0);
  const criteria: Criterion[] = [];
  const each = (
    of: readonly Summary[],
    text: string,
    value: (s: Summary) => number | null,
    met: (v: number, s: Summary) => boolean,
    show: (v: number) => string,
  ) => {
    const judged = of.flatMap((summary) => {
      const figure = value(summary);
      return figure === null ? [] : [{ name: summary.scenario.name, figure, met: met(figure, summary) }];
    });
    if (judged.length === 0) return;
    const failing = judged.filter((one) => !one.met);
    const shown = failing.length > 0 ? failing : judged;
    const figures = `${failing.length > 0 ? 'not in ' : ''}${shown.map(({ name, figure }) => `${name} ${show(figure)}`).join(', ')}`;
    criteria.push({ text, met: failing.length === 0, figures });
  };
  if (bad.length > 0 && fixed.length > 0) {
    const [own, theirs] = [sum(bad, (s) => s.downgrades), sum(fixed, (s) => s.downgrades)];
    criteria.push({
      text: 'Bad scenarios: at most 10 % of the downgrades under fixed thresholds',
      met: own <= wanted.downgrades * theirs,
      figures: `${own.toFixed(3)} against ${theirs.toFixed(3)} a world, all scenarios added up`,
    });
  }
  const times = (v: number) => `${v.toFixed(2)}×`;
  const percent = (v: number) => `${(100 * v).toFixed(1)} %`;
  each(
    bad,
    'Bad scenarios: messages from the change to the brake at most 1.5 × Lorden’s bound and the delay of the feedback',
    ({ badUntilBraked, allowed }) => (allowed === null ? null : badUntilBraked / allowed),
    (v) => v <= wanted.delay,
    times,
  );
  each(
    bad,
    'Bad scenarios: at least 90 % of the oracle’s good messages',
    (s) => s.goodShare,
    (v) => v >= wanted.goodBad,
    percent,
  );
  each(
    bad,
    'Bad scenarios: only what is guilty is braked, in at least 95 % of worlds',
    (s) => s.named,
    (v) => v >= wanted.named,
    percent,
  );
  each(
    healthy,
    'Healthy scenarios: at least 97 % of the oracle’s good messages',
    (s) => s.goodShare,
    (v) => v >= wanted.goodHealthy,
    percent,
  );
  if (healthy.length > 0) {
    const messages = sum(healthy, (s) => s.seeds * (s.good + s.bad));
    const brakes = sum(healthy, (s) => s.seeds * s.falseBrakes);
    criteria.push({
      text: 'Healthy scenarios: fewer than 1 false brake per million messages',
      met: messages >= enough && brakes < (wanted.falsePerMillion * messages) / 1e6,
      figures: `${brakes.toFixed(0)} in ${(messages / 1e6).toFixed(1)} million${messages < enough ? ', too few to tell' : ''}`,
    });
  }
  return criteria;
}
