import { amountLabels, type TimeSpan, type TooltipTitles, timeAxis } from './chart.ts';

/** One point of a metric over time. `value`, `low` and `high` are in its unit, of a rate shares of 1. */
export interface RatePoint {
  at: string;
  value: number;
  low: number;
  high: number;
  /** Points of one run are joined; a run is wholly final or wholly open. */
  run: number;
  open: boolean;
  /** The only point of its run: no line would show it. */
  lone: boolean;
  /** The same facts for the tooltip, as the reader writes them. */
  time: string;
  rate: string;
  interval: string;
  counts: string;
  state: string;
}

const labels = {
  share: { format: '.2~%' },
  number: amountLabels,
  nothing: amountLabels,
  seconds: {
    labelExpr:
      "datum.value < 120 ? format(datum.value, '~r') + ' s' : datum.value < 7200 ? format(datum.value / 60, '.2~r') + ' min' : format(datum.value / 3600, '.2~r') + ' h'",
  },
} as const;

/**
 * A metric as a line with its interval as a band; open runs are dashed and paler. Amounts begin at zero, shares where they lie. `lone`: some
 * point is the only one of its run, and stands as a dot with its interval as a rule.
 */
export function rateLineSpec(
  titles: TooltipTitles,
  span: TimeSpan,
  colour: '$accent' | '$warn',
  { unit = 'share', lone = false }: { unit?: 'share' | 'seconds' | 'number' | 'nothing'; lone?: boolean } = {},
): Record<string, unknown> {
  const paler = (full: number, open: number) => ({ condition: { test: 'datum.open', value: open }, value: full });
  return {
    data: { name: 'rows' },
    width: 'container',
    height: 110,
    encoding: { x: timeAxis(4, span) },
    layer: [
      {
        mark: { type: 'area', color: colour },
        encoding: {
          y: {
            field: 'low',
            type: 'quantitative',
            // A scale from 0 to 0 has no ticks to write.
            scale: { zero: unit !== 'share', nice: true, ...(unit === 'nothing' ? { domainMax: 1 } : {}) },
            axis: { title: null, tickCount: 3, ...labels[unit] },
          },
          y2: { field: 'high' },
          detail: { field: 'run' },
          opacity: paler(0.2, 0.1),
        },
      },
      {
        mark: { type: 'line', color: colour, strokeWidth: 2, strokeCap: 'round' },
        encoding: {
          y: { field: 'value', type: 'quantitative' },
          detail: { field: 'run' },
          strokeDash: { condition: { test: 'datum.open', value: [3, 4] }, value: [1, 0] },
          opacity: paler(1, 0.75),
        },
      },
      ...(lone ? loneLayers(colour) : []),
      {
        params: [{ name: 'near', select: { type: 'point', on: 'pointerover', clear: 'pointerout', nearest: true } }],
        mark: { type: 'point', filled: true, color: colour, size: 48 },
        encoding: {
          y: { field: 'value', type: 'quantitative' },
          opacity: { condition: { param: 'near', empty: false, value: 1 }, value: 0 },
          tooltip: [
            { field: 'time', title: titles.time },
            { field: 'rate', title: titles.value },
            { field: 'interval', title: titles.interval },
            { field: 'counts', title: titles.counts },
            { field: 'state', title: titles.state },
          ],
        },
      },
    ],
  };
}

function loneLayers(colour: string): Record<string, unknown>[] {
  const transform = [{ filter: 'datum.lone' }];
  return [
    {
      transform,
      mark: { type: 'rule', color: colour, strokeWidth: 2, opacity: 0.4 },
      encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
    },
    {
      transform,
      mark: { type: 'point', filled: true, color: colour, size: 48, opacity: 1 },
      encoding: { y: { field: 'value', type: 'quantitative' } },
    },
  ];
}
