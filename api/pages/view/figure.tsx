import type { ComponentChildren } from 'preact';
import type { Chart } from '../../../dashboards/charts/chart.ts';
import type { Words } from '../words.ts';
import { JsonData } from './json-data.tsx';

/** Most marks that one chart draws; what is cut is said, and is in the table and the exports. */
export const mostMarks = 5_000;

/** The address of one of a panel's files, e.g. `csv`, or `read_rate.svg` for one chart of several. */
export type FileLink = (file: string, change?: { scheme: 'light' | 'dark' }) => string;

interface PlotProps {
  chart: Chart;
  description: string;
  size: 'small' | 'large';
  words: Words;
  /** The chart as the server draws it, for readers without script; absent where there is none. */
  image?: { link: FileLink; file: string };
  children?: ComponentChildren;
}

/**
 * A figure where a chart is mounted. Its description stands for it to those who do not see it; what is inside `plot` belongs to
 * the browser client, and live updates leave it alone. Without script the server's drawing stands in its place.
 */
export function Plot({ chart, description, size, words, image, children }: PlotProps) {
  const cut = chart.rows.length > mostMarks;
  const drawn = cut ? { ...chart, rows: chart.rows.slice(0, mostMarks) } : chart;
  return (
    <figure data-chart class={size}>
      {children}
      <div class="plot" data-client role="img" aria-label={description} />
      {image === undefined ? null : (
        <noscript data-client>
          <picture>
            <source media="(prefers-color-scheme: dark)" srcset={image.link(image.file, { scheme: 'dark' })} />
            <img src={image.link(image.file)} alt={description} loading="lazy" />
          </picture>
        </noscript>
      )}
      {cut ? <p class="quiet cut">{words.t('chart.cut', { shown: mostMarks, all: chart.rows.length })}</p> : null}
      <JsonData data={drawn} />
    </figure>
  );
}

/** The numbers behind a chart. */
export function Behind({ words, children }: { words: Words; children: ComponentChildren }) {
  return (
    <details class="behind">
      <summary>{words.t('chart.table')}</summary>
      {children}
    </details>
  );
}
