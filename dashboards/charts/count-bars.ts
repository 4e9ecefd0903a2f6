import { amountLabels, type TimeSpan, type TooltipTitles, timeAxis } from './chart.ts';

/** One part of one bar. */
export interface CountBar {
  at: string;
  /** Where the bar ends; a little before the next begins. */
  until: string;
  /** The metric's label, which the legend shows. */
  series: string;
  /** Where its part of the stack begins and ends. */
  bottom: number;
  top: number;
  time: string;
  text: string;
}

const colours = ['$accent', '$warn', '$third', '$fourth', '$fifth', '$sixth'];

/** Counts over time as stacked bars; `series` are the labels from the bottom of the stack. */
export function countBarsSpec(titles: TooltipTitles, span: TimeSpan, series: string[]): Record<string, unknown> {
  return {
    data: { name: 'rows' },
    width: 'container',
    height: 200,
    mark: { type: 'bar' },
    encoding: {
      x: timeAxis(6, span),
      x2: { field: 'until' },
      y: { field: 'bottom', type: 'quantitative', axis: { title: null, tickCount: 4, ...amountLabels } },
      y2: { field: 'top' },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: series, range: series.map((_, index) => colours[index % colours.length]) },
        legend: { title: null, orient: 'top', symbolType: 'square' },
      },
      tooltip: [
        { field: 'time', title: titles.time },
        { field: 'series', title: titles.value },
        { field: 'text', title: titles.counts },
      ],
    },
  };
}
