/** How far the messages of one cohort had come by an age. Shares of 1. */
export interface AgePoint {
  /** The age as the reader writes it; the axis shows the ages evenly spaced, as they grow by about the same factor. */
  age: string;
  cohort: string;
  value: number;
  /** The same for the tooltip. */
  rate: string;
  interval: string;
  counts: string;
}

/** A line a cohort over the age of its messages: the younger the cohort, the stronger its line. */
export function ageCurvesSpec(
  titles: Record<'age' | 'cohort' | 'value' | 'interval' | 'counts', string>,
  ages: readonly string[],
  cohorts: readonly string[],
): Record<string, unknown> {
  const strength = cohorts.map((_, at) => (cohorts.length === 1 ? 1 : 0.3 + (0.7 * at) / (cohorts.length - 1)));
  return {
    data: { name: 'rows' },
    width: 'container',
    height: 150,
    encoding: {
      x: {
        field: 'age',
        type: 'ordinal',
        scale: { type: 'point', domain: ages, padding: 0.2 },
        axis: {
          title: titles.age,
          grid: false,
          labelAngle: 0,
          labelOverlap: 'greedy',
          labelSeparation: 10,
          titleFontWeight: 'normal',
          titleFontSize: 11,
        },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        scale: { zero: true, nice: true },
        axis: { title: null, tickCount: 3, format: '.2~%' },
      },
      opacity: {
        field: 'cohort',
        type: 'ordinal',
        scale: { domain: cohorts, range: strength },
        legend: {
          title: null,
          orient: 'bottom',
          symbolType: 'circle',
          symbolFillColor: '$accent',
          symbolStrokeColor: '$accent',
          columns: 2,
          labelFontSize: 11,
        },
      },
      detail: { field: 'cohort' },
    },
    layer: [
      { mark: { type: 'line', color: '$accent', strokeWidth: 2, strokeCap: 'round' } },
      {
        mark: { type: 'point', filled: true, color: '$accent', size: 26 },
        encoding: {
          tooltip: [
            { field: 'cohort', title: titles.cohort },
            { field: 'age', title: titles.age },
            { field: 'rate', title: titles.value },
            { field: 'interval', title: titles.interval },
            { field: 'counts', title: titles.counts },
          ],
        },
      },
    ],
  };
}
