import type { MetricAnswer } from '../../../models/metric-query.ts';
import type { PanelData } from '../panels.ts';
import type { Words } from '../words.ts';
import type { FileLink } from './figure.tsx';

interface Props {
  data: PanelData;
  link: FileLink;
  words: Words;
}

/** Under each panel: how new it is, what of the reader's filters it cannot follow, and the files that hold exactly what it shows. */
export function PanelFoot({ data, link, words }: Props) {
  const { t } = words;
  const answer = mainAnswer(data);
  const table = data.kind === 'source' && data.shown.table !== undefined;
  if (answer === null && !table) return null;
  const { title } = data.panel;
  const files = answer === null ? ['csv'] : ['csv', 'arrow', 'parquet'];
  const drawn =
    ['rate_lines', 'age_curves', 'count_bars', 'vega_lite'].includes(data.kind) ||
    (data.kind === 'source' && data.shown.chart !== undefined);
  return (
    <footer class="foot">
      {answer?.watermark == null ? null : (
        <span>
          {t('foot.until')} <time dateTime={answer.watermark.slice(0, 16)}>{words.dateTime(answer.watermark)}</time>
        </span>
      )}
      {'query' in data.panel && data.panel.query.range === 'all' ? <span>{t('foot.all')}</span> : null}
      {data.ignored.length === 0 ? null : (
        <span class="ignored">{t('foot.ignored', { filters: words.list(data.ignored.map(words.dimension)) })}</span>
      )}
      <span class="files">
        {[...files, ...(drawn ? ['svg'] : [])].map((file) => (
          <a
            key={file}
            href={link(file)}
            download
            aria-label={t('foot.file', { file: file.toUpperCase(), title: words.text(title) })}
          >
            {file.toUpperCase()}
          </a>
        ))}
        {drawn ? (
          <button
            type="button"
            class="plain"
            data-png={link('svg')}
            aria-label={t('foot.file', { file: 'PNG', title: words.text(title) })}
          >
            PNG
          </button>
        ) : null}
      </span>
    </footer>
  );
}

/** The answer that a panel's table shows, and its files hold. */
export function mainAnswer(data: PanelData): MetricAnswer | null {
  switch (data.kind) {
    case 'rate_lines':
    case 'age_curves':
    case 'count_bars':
      return data.series;
    case 'figures':
    case 'funnel':
      return data.total;
    case 'failures':
      return data.failures;
    case 'bars':
    case 'heat_map':
    case 'table':
    case 'vega_lite':
      return data.rows;
    case 'text':
    case 'source':
    case 'failed':
      return null;
  }
}
