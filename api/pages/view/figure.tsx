import type { ComponentChildren } from 'preact';
import type { Chart } from '../../../dashboards/charts/chart.ts';
import type { Words } from '../words.ts';
import { JsonData } from './json-data.tsx';

interface PlotProps {
  chart: Chart;
  description: string;
  size: 'small' | 'large';
  children?: ComponentChildren;
}

/**
 * A figure where a chart is mounted. Its description stands for it to those who do not see it; what is inside `plot` belongs to
 * the browser client, and live updates leave it alone.
 */
export function Plot({ chart, description, size, children }: PlotProps) {
  return (
    <figure data-chart class={size}>
      {children}
      <div class="plot" data-client role="img" aria-label={description} />
      <JsonData data={chart} />
    </figure>
  );
}

/** The numbers behind a chart. */
export function Behind({ words, children }: { words: Words; children: ComponentChildren }) {
  return (
    <>
      <noscript data-client>
        <p class="quiet">{words.t('chart.loading')}</p>
      </noscript>
      <details class="behind">
        <summary>{words.t('chart.table')}</summary>
        {children}
      </details>
    </>
  );
}
