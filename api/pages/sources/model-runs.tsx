import { PlainTable } from '../view/plain-table.tsx';
import type { Source } from './source.ts';

/** How the last build of every model went, its audits and reconciliations among it; what failed or is stale comes first. */
export const modelRuns: Source = async ({ warehouse, words }) => {
  const { t } = words;
  const { models } = await warehouse.status();
  const rank = ({ outcome, stale }: (typeof models)[number]) => (outcome === 'ok' && !stale ? 1 : 0);
  const rows = [...models].sort((a, b) => rank(a) - rank(b) || (a.model < b.model ? -1 : 1));
  const bad = rows.filter((row) => rank(row) === 0).length;
  const list = (shown: typeof rows) => (
    <PlainTable
      title={t('works.models')}
      words={words}
      head={[
        { label: t('works.model') },
        { label: t('works.outcome') },
        { label: t('works.finished') },
        { label: t('works.message') },
      ]}
      rows={shown.map(({ model, outcome, finished_at, stale, message }) => ({
        key: model,
        cells: [
          <a key="model" href={`/dashboards/catalogue#model-${model}`}>
            {model}
          </a>,
          `${outcome === 'ok' && !stale ? '✓' : '▲'} ${outcome}${stale ? ` · ${t('works.is_stale')}` : ''}`,
          finished_at === null ? '—' : words.dateTime(finished_at),
          message ?? '',
        ],
      }))}
    />
  );
  return {
    view: (
      <>
        <p class={bad === 0 ? 'good' : 'problem'}>
          {bad === 0 ? `✓ ${t('works.models.ok', { n: rows.length })}` : t('works.models.bad', { n: bad })}
        </p>
        {bad === 0 ? null : list(rows.slice(0, bad))}
        <details class="behind">
          <summary>{t('works.models.show')}</summary>
          {list(rows.slice(bad))}
        </details>
      </>
    ),
    table: {
      header: ['model', 'outcome', 'finished_at', 'stale', 'message'],
      rows: rows.map(({ model, outcome, finished_at, stale, message }) => [model, outcome, finished_at, stale, message]),
    },
  };
};
