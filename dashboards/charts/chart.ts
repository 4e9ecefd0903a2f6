/**
 * A chart as it travels to the browser: a Vega-Lite specification whose data set is named `rows`, and the rows.
 * A colour written `$name` stands for the custom property `--chart-name` of the theme, so one chart serves light and dark.
 */
export interface Chart {
  spec: Record<string, unknown>;
  rows: Record<string, string | number | boolean | null>[];
}

/** What tooltips call their fields, in the reader's language. */
export type TooltipTitles = Record<'time' | 'value' | 'interval' | 'counts' | 'state', string>;

/** How a time axis is labelled: the day, or the hour where a chart spans few days; d3 time format. */
export const timeFormats = { quarter_hour: '%a %H:%M', hour: '%a %H:%M', day: '%-d %b', week: '%-d %b', month: '%b %Y' } as const;

/** The time axis of all charts: `at` is what a clock in the reader's zone shows, written as if it were UTC. */
export function timeAxis(ticks: number, grain: keyof typeof timeFormats): Record<string, unknown> {
  return {
    field: 'at',
    type: 'temporal',
    scale: { type: 'utc' },
    axis: { title: null, grid: false, tickCount: ticks, format: timeFormats[grain], labelOverlap: true, labelFlush: true },
  };
}
