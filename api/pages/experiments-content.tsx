import type { Comparison, Estimate, Secondary, Side, Verdict } from '../../models/experiments/document.ts';
import type { PastVerdict } from '../warehouse.ts';
import { ExperimentProgress } from './view/experiment-progress.tsx';
import { PlainTable } from './view/plain-table.tsx';
import { Scroll } from './view/table.tsx';
import type { Words } from './words.ts';

/** Every experiment with its sentence. */
export function experimentsContent({ verdicts, words }: { verdicts: readonly Verdict[]; words: Words }) {
  const { t, language } = words;
  const title = t('experiments.title');
  return (
    <section class="panel" aria-labelledby="panel-experiments" data-key="experiments">
      <h2 id="panel-experiments">{t('experiments.verdicts')}</h2>
      <p class="quiet">{t('experiments.note')}</p>
      {verdicts.length === 0 ? (
        <p class="quiet">{t('experiments.none')}</p>
      ) : (
        <Scroll title={title} words={words}>
          <table class="decisions">
            <caption class="unseen">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{t('experiments.name')}</th>
                <th scope="col">{t('experiments.verdict')}</th>
                <th scope="col" class="number">
                  {t('experiments.counted')}
                </th>
              </tr>
            </thead>
            <tbody>
              {verdicts.map(({ experiment_id, name, state, sentence, counted, people }) => (
                <tr key={experiment_id} data-key={experiment_id}>
                  <th scope="row">
                    <span class="member">
                      <a href={`/experiments/${encodeURIComponent(experiment_id)}`}>{name}</a>
                    </span>
                    <span class="note">{t(`experiments.state.${state}`)}</span>
                  </th>
                  <td class="why">{sentence[language]}</td>
                  <td class="number">{t('experiments.of', { counted, people })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

/** One experiment: the sentence first, then the numbers behind it, then what was said before. */
export function experimentContent({
  verdict,
  history,
  words,
}: {
  verdict: Verdict;
  history: readonly PastVerdict[];
  words: Words;
}) {
  const { t, language } = words;
  const { looks, notes } = verdict;
  return (
    <>
      <section class="panel" aria-labelledby="panel-verdict" data-key="verdict">
        <h2 id="panel-verdict">{t(`experiments.state.${verdict.state}`)}</h2>
        <p>{verdict.sentence[language]}</p>
        {looks === null ? null : (
          <p class="quiet">
            {t('experiments.looks', {
              taken: looks.taken,
              planned: looks.planned,
              share: words.percent(looks.information),
            })}
          </p>
        )}
        {notes.map(({ code, text }) => (
          <p key={code} class="quiet">
            {text[language]}
          </p>
        ))}
      </section>
      <ExperimentProgress verdict={verdict} history={history} words={words} />
      <ArmTable verdict={verdict} words={words} />
      {verdict.comparisons.length === 0 ? null : <ComparisonTable verdict={verdict} words={words} />}
      <GuardrailTable verdict={verdict} words={words} />
      {verdict.secondary.length === 0 ? null : <SecondaryTable verdict={verdict} words={words} />}
      <HistoryTable history={history} words={words} />
    </>
  );
}

interface Shown {
  verdict: Verdict;
  words: Words;
}

function Panel({
  id,
  title,
  words,
  head,
  rows,
}: {
  id: string;
  title: string;
  words: Words;
  head: string[];
  rows: (string | number)[][];
}) {
  return (
    <section class="panel" aria-labelledby={`panel-${id}`} data-key={id}>
      <h2 id={`panel-${id}`}>{title}</h2>
      <PlainTable
        title={title}
        words={words}
        class="decisions"
        head={head.map((label, at) => ({ label, number: at > 0 }))}
        rows={rows.map((cells, row) => ({ key: `${row} ${cells[0]}`, cells }))}
      />
    </section>
  );
}

function ArmTable({ verdict, words }: Shown) {
  const { t, count } = words;
  const rows = verdict.arms.map((arm) => [
    arm.holdout ? `${arm.name ?? arm.id} (${t('campaign.arm.holdout')})` : (arm.name ?? arm.id),
    count(arm.people),
    count(arm.counted),
    count(arm.contacted),
  ]);
  const head = [t('experiments.arm'), t('experiments.people'), t('experiments.counted'), t('experiments.contacted')];
  return <Panel id="arms" title={t('experiments.arms')} words={words} head={head} rows={rows} />;
}

function ComparisonTable({ verdict, words }: Shown) {
  const { t } = words;
  const row = ({ arm, control, treatment, relative, absolute, p, sequence, reference }: Comparison) => [
    nameOf(verdict, arm),
    `${sideText(verdict, treatment, words)} / ${sideText(verdict, control, words)}`,
    relative.value === null ? '–' : signed(relative.value, words),
    relative.value === null && verdict.metric !== 'revenue' ? rangeText(absolute, words) : rangeText(relative, words),
    pText(p, words),
    sequence.speaks === false ? t('experiments.sequence.not_yet') : pText(sequence.p, words),
    reference?.chance_to_win == null ? '–' : words.percent(reference.chance_to_win),
  ];
  const head = [
    t('experiments.arm'),
    t('experiments.value'),
    t('experiments.lift'),
    t('experiments.range'),
    t('experiments.p'),
    t('experiments.sequence'),
    t('experiments.chance'),
  ];
  const control = verdict.comparisons[0]?.control.arm ?? '';
  const title = words.labelled(t('experiments.comparison'), nameOf(verdict, control));
  return <Panel id="comparison" title={title} words={words} head={head} rows={verdict.comparisons.map(row)} />;
}

function GuardrailTable({ verdict, words }: Shown) {
  const { t, count, percent } = words;
  const rows = verdict.guardrails.map(({ arm, metric, n, rate, limit, alarm }) => [
    words.labelled(metricText(metric, words), nameOf(verdict, arm)),
    count(n),
    rate === null ? '–' : percent(rate),
    limit === null ? '–' : percent(limit),
    alarm ? `▲ ${t('experiments.alarm')}` : t('experiments.fine'),
  ]);
  const head = [
    t('experiments.metric'),
    t('experiments.people'),
    t('experiments.rate'),
    t('experiments.limit'),
    t('experiments.verdict'),
  ];
  return <Panel id="guardrails" title={t('experiments.guardrails')} words={words} head={head} rows={rows} />;
}

function SecondaryTable({ verdict, words }: Shown) {
  const { t } = words;
  const row = ({ metric, arm, control, treatment, absolute, p_adjusted }: Secondary) => [
    words.labelled(metricText(metric, words), nameOf(verdict, arm)),
    `${rateText(treatment, words)} / ${rateText(control, words)}`,
    rangeText(absolute, words),
    pText(p_adjusted, words),
  ];
  const head = [t('experiments.metric'), t('experiments.value'), t('experiments.range'), t('experiments.adjusted')];
  return <Panel id="secondary" title={t('experiments.secondary')} words={words} head={head} rows={verdict.secondary.map(row)} />;
}

function HistoryTable({ history, words }: { history: readonly PastVerdict[]; words: Words }) {
  const { t, language } = words;
  const title = t('experiments.history');
  return (
    <section class="panel" aria-labelledby="panel-history" data-key="history">
      <h2 id="panel-history">{title}</h2>
      {history.length === 0 ? <p class="quiet">{t('experiments.history.none')}</p> : null}
      <ol>
        {history.map(({ look, verdict }) => (
          <li key={`${look} ${verdict.state}`} data-key={`${look} ${verdict.state}`}>
            <time dateTime={verdict.as_of}>{words.dateTime(verdict.as_of)}</time>
            {words.labelled('', verdict.sentence[language])}
          </li>
        ))}
      </ol>
    </section>
  );
}

function nameOf({ arms }: Verdict, id: string): string {
  return arms.find((arm) => arm.id === id)?.name ?? id;
}

function metricText(metric: string, words: Words): string {
  return metric === 'negative_reply' ? words.t('experiments.negative_reply') : words.metric(`${metric}_rate`);
}

function rateText({ value }: Side, words: Words): string {
  return value === null ? '–' : words.percent(value);
}

function sideText(verdict: Verdict, side: Side, words: Words): string {
  if (side.x !== null || side.value === null) return rateText(side, words);
  return `${words.decimal(side.value, 2)} ${verdict.currency ?? ''}`.trim();
}

function signed(value: number, words: Words): string {
  return `${value > 0 ? '+' : ''}${words.percent(value)}`;
}

function rangeText({ low, high }: Estimate, words: Words): string {
  const end = (value: number | null) => (value === null ? '∞' : signed(value, words));
  return low === null && high === null ? '–' : `${end(low)} … ${end(high)}`;
}

/** With two digits that tell something. */
function pText(p: number | null, words: Words): string {
  if (p === null) return '–';
  if (p < 0.0001) return `< ${words.decimal(0.0001, 4)}`;
  return words.decimal(p, Math.max(2, 1 - Math.floor(Math.log10(p))));
}
