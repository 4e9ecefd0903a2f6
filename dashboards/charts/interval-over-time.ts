/** One look at an experiment: the difference of one arm from the control, with the interval that holds at all times. */
export interface LookPoint {
  at: string;
  arm: string;
  value: number;
  low: number;
  high: number;
  /** The same for the tooltip. */
  time: string;
  text: string;
}

/** The difference over the looks (`timeFormat` of d3 labels their times), its always-valid interval as a band, and a line at no difference. */
export function intervalOverTimeSpec(
  titles: Record<'time' | 'arm' | 'difference', string>,
  share: boolean,
  timeFormat: string,
): Record<string, unknown> {
  const y = { type: 'quantitative', axis: { title: null, tickCount: 4, format: share ? '+.2~%' : '+.2~f' } };
  return {
    data: { name: 'rows' },
    width: 'container',
    height: 180,
    encoding: {
      x: {
        field: 'at',
        type: 'temporal',
        scale: { type: 'utc' },
        axis: { title: null, grid: false, tickCount: 5, format: timeFormat, labelOverlap: true, labelSeparation: 6 },
      },
      color: { field: 'arm', type: 'nominal', legend: { title: null, orient: 'top' } },
    },
    layer: [
      { mark: { type: 'rule', strokeDash: [4, 3] }, encoding: { y: { datum: 0, ...y }, x: null, color: { value: '$muted' } } },
      { mark: { type: 'rule', strokeWidth: 6, opacity: 0.3 }, encoding: { y: { field: 'low', ...y }, y2: { field: 'high' } } },
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: { field: 'value', ...y } } },
      {
        mark: { type: 'point', filled: true, size: 55 },
        encoding: {
          y: { field: 'value', ...y },
          tooltip: [
            { field: 'time', title: titles.time },
            { field: 'arm', title: titles.arm },
            { field: 'text', title: titles.difference },
          ],
        },
      },
    ],
  };
}
