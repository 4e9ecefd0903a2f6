import { timeFormats } from '../../../dashboards/charts/chart.ts';
import { intervalOverTimeSpec, type LookPoint } from '../../../dashboards/charts/interval-over-time.ts';
import { translateIfKnown } from '../../../dashboards/locales/locale.ts';
import type { Verdict } from '../../../models/experiments/document.ts';
import type { PastVerdict } from '../../warehouse.ts';
import type { Words } from '../words.ts';
import { FactList } from './fact-list.tsx';
import { Plot } from './figure.tsx';

interface Props {
  verdict: Verdict;
  history: readonly PastVerdict[];
  words: Words;
}

/** How far an experiment is, whether it is sound, and how its interval narrowed from look to look. */
export function ExperimentProgress({ verdict, history, words }: Props) {
  const { t } = words;
  const points = lookPoints([...history.map((past) => past.verdict), verdict], words);
  const titles = { time: t('control.decision.at'), arm: t('experiments.arm'), difference: t('experiments.range') };
  const facts: [string, string][] = [
    [
      t('experiments.counted'),
      t('experiments.of', { counted: words.count(verdict.counted), people: words.count(verdict.people) }),
    ],
    [t('progress.pace'), words.count(Math.round(verdict.people_per_day))],
    [t('progress.days'), verdict.days_to_go === null ? '—' : words.decimal(verdict.days_to_go, verdict.days_to_go < 10 ? 1 : 0)],
    [t('progress.detectable'), verdict.detectable === null ? '—' : `± ${words.percent(verdict.detectable)}`],
  ];
  return (
    <section class="panel" aria-labelledby="panel-progress" data-key="progress">
      <h2 id="panel-progress">{t('progress.title')}</h2>
      <FactList facts={facts} />
      <ul class="checks">
        {verdict.health.map(({ code, ok, p, count, arm }) => (
          <li key={`${code} ${arm ?? ''}`} class={ok ? 'good' : 'problem'}>
            {ok ? '✓' : '▲'} {translateIfKnown(words.language, `check.${code}`) ?? code}
            {p === null ? '' : ` (p ${p < 0.001 ? '<' : '='} ${words.decimal(Math.max(p, 0.001), 3)})`}
            {ok || p !== null ? '' : words.labelled('', words.count(count))}
          </li>
        ))}
      </ul>
      {points.length === 0 ? null : (
        <>
          <Plot
            chart={{
              spec: intervalOverTimeSpec(titles, verdict.metric !== 'revenue', axisFormat(points)),
              rows: points.map((point) => ({ ...point })),
            }}
            description={t('progress.description', { n: points.length })}
            size="large"
            words={words}
          />
          <p class="quiet">{t('progress.note')}</p>
        </>
      )}
    </section>
  );
}

/** Looks within three days are told apart by their hour. */
function axisFormat(points: readonly LookPoint[]): string {
  const times = points.map(({ at }) => Date.parse(at));
  return timeFormats[Math.max(...times) - Math.min(...times) < 3 * 86_400_000 ? 'hour' : 'day'];
}

function lookPoints(verdicts: readonly Verdict[], words: Words): LookPoint[] {
  return verdicts.flatMap(({ as_of, comparisons, arms, metric }) =>
    comparisons.flatMap(({ arm, sequence: { absolute } }) => {
      const { value, low, high } = absolute;
      if (value === null || low === null || high === null) return [];
      const said = (share: number) => (metric === 'revenue' ? words.decimal(share, 2) : words.decimal(100 * share, 2));
      const text = `${said(value)} (${said(low)} … ${said(high)})`;
      const name = arms.find(({ id }) => id === arm)?.name ?? arm;
      return [{ at: as_of, arm: name, value, low, high, time: words.dateTime(as_of), text }];
    }),
  );
}
