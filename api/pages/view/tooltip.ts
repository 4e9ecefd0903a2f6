import type { TooltipTitles } from '../../../dashboards/charts/chart.ts';
import type { Words } from '../words.ts';

/** What tooltips call their fields. */
export function tooltipTitles({ t }: Words, value: string): TooltipTitles {
  return {
    time: t('dimension.time'),
    value,
    interval: t('tooltip.interval'),
    counts: t('tooltip.counts'),
    state: t('tooltip.state'),
  };
}
