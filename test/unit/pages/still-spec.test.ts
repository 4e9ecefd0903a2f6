import { describe, expect, it } from 'vitest';
import { stillSpec, type TimeSpan } from '../../../dashboards/charts/chart.ts';
import { countBarsSpec } from '../../../dashboards/charts/count-bars.ts';
import { rateLineSpec } from '../../../dashboards/charts/rate-line.ts';

const titles = { time: 'Time', value: 'Read', interval: '95% interval', counts: 'Messages', state: 'State' };
const span: TimeSpan = { grain: 'day', domain: [0, 86_400_000] };
const marks = (spec: Record<string, unknown>) => (spec['layer'] as { mark: { type: string } }[]).map(({ mark }) => mark.type);

describe('a chart before the pointer is over it', () => {
  it('has what is seen, and not what answers the pointer', () => {
    const spec = rateLineSpec(titles, span, '$accent');
    expect(marks(spec)).toEqual(['area', 'line', 'point']);
    expect(marks(stillSpec(spec))).toEqual(['area', 'line']);
  });

  it('is the same for each metric of a panel, whatever tooltips call it, so that it is compiled once', () => {
    const still = (value: string) => stillSpec(rateLineSpec({ ...titles, value }, span, '$accent'));
    expect(still('Read')).toEqual(still('Replied'));
  });

  it('shows a point that stands alone as a dot with its interval, for no line would', () => {
    const spec = rateLineSpec(titles, span, '$warn', { lone: true });
    expect(marks(stillSpec(spec))).toEqual(['area', 'line', 'rule', 'point']);
  });

  it('is the chart itself where no layer waits for the pointer', () => {
    const bars = countBarsSpec(titles, span, ['Delivered']);
    expect(stillSpec(bars)).toBe(bars);
    const oneLayer = { layer: [{ mark: 'point', params: [] }] };
    expect(stillSpec(oneLayer)).toBe(oneLayer);
  });
});
