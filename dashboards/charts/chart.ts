/**
 * A chart as it travels to the browser: a Vega-Lite specification whose data set is named `rows`, and the rows.
 * A colour written `$name` stands for the custom property `--chart-name` of the theme, so one chart serves light and dark.
 */
export interface Chart {
  spec: Record<string, unknown>;
  rows: Record<string, string | number | boolean | null>[];
}

/**
 * A specification without the layers that only answer the pointer, those with selections: it costs half to draw. The same object where it has
 * none.
 */
export function stillSpec(spec: Chart['spec']): Chart['spec'] {
  const { layer } = spec;
  const still = Array.isArray(layer) ? layer.filter((one) => !Object.hasOwn(one, 'params')) : [];
  return !Array.isArray(layer) || still.length === layer.length || still.length === 0 ? spec : { ...spec, layer: still };
}

/** What tooltips call their fields, in the reader's language. */
export type TooltipTitles = Record<'time' | 'value' | 'interval' | 'counts' | 'state', string>;

/** How a time axis is labelled: the day, or the hour where a chart spans few days; d3 time format. */
export const timeFormats = { quarter_hour: '%a %H:%M', hour: '%a %H:%M', day: '%-d %b', week: '%-d %b', month: '%b %Y' } as const;

/** Labels of an axis of amounts: 1,500 and 0.04 as they are, 25k from ten thousand on. */
export const amountLabels = { labelExpr: "format(datum.value, abs(datum.value) < 10000 ? ',~r' : '~s')" } as const;

/** The axis of time: how long an interval is called, and the first and last instant shown. */
export interface TimeSpan {
  grain: keyof typeof timeFormats;
  /** Milliseconds since 1970. */
  domain: [number, number];
}

const hours = { quarter_hour: 0.25, hour: 1, day: 24, week: 168, month: 720 } as const;
const fewest = 7;

/**
 * The span of these instants, at least seven intervals long, so that one bar does not fill a chart. `tail` adds the last
 * interval's length, for marks that fill it.
 */
export function timeSpan(instants: string[], grain: TimeSpan['grain'], { tail = false } = {}): TimeSpan {
  const step = hours[grain] * 3_600_000;
  const times = instants.map((instant) => Date.parse(instant));
  const end = Math.max(...times) + (tail ? step : 0);
  const start = Math.min(Math.min(...times), end - fewest * step);
  return { grain, domain: [start, end] };
}

/** The time axis of all charts: `at` is what a clock in the reader's zone shows, written as if it were UTC. */
export function timeAxis(ticks: number, { grain, domain }: TimeSpan): Record<string, unknown> {
  return {
    field: 'at',
    type: 'temporal',
    // Vega-Lite 6.4 writes an explicit `domain` of a time scale wrongly where layers or x2 share it, and wraps plain numbers in
    // datetime(), which the AST interpreter reads as a year; as expressions they arrive as they are.
    scale: { type: 'utc', domainMin: { expr: String(domain[0]) }, domainMax: { expr: String(domain[1]) } },
    axis: {
      title: null,
      grid: false,
      tickCount: ticks,
      format: timeFormats[grain],
      labelOverlap: true,
      labelSeparation: 6,
      labelFlush: true,
    },
  };
}
