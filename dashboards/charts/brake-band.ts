import { timeAxis } from './chart.ts';

interface BrakeBand {
  /** Labels of the states, from free to stopped. */
  states: string[];
  /** The time shown, ms since 1970. */
  domain: [number, number];
  titles: Record<'time' | 'state' | 'why', string>;
}

/** One band a scope: which state it was in from `at` to `until`; on the time axis of the page's other charts. */
export function brakeBandSpec({ states, domain, titles }: BrakeBand): Record<string, unknown> {
  const days = (domain[1] - domain[0]) / 86_400_000;
  return {
    data: { name: 'rows' },
    width: 'container',
    height: { step: 26 },
    mark: { type: 'bar', height: { band: 0.7 } },
    encoding: {
      x: timeAxis(6, { grain: days <= 3 ? 'hour' : 'day', domain }),
      x2: { field: 'until' },
      y: { field: 'scope', type: 'nominal', axis: { title: null, labelLimit: narrow(130, 220) } },
      color: {
        field: 'state',
        type: 'nominal',
        scale: { domain: states, range: ['$third', '$sixth', '$accent', '$fifth', '$warn', '$ink'] },
        legend: { title: null, orient: 'top', symbolType: 'square', columns: narrow(2, 6) },
      },
      tooltip: [
        { field: 'time', title: titles.time },
        { field: 'state', title: titles.state },
        { field: 'why', title: titles.why },
      ],
    },
  };
}

/** One number on a phone, another elsewhere; in pixels of the whole chart. */
function narrow(phone: number, wide: number): { expr: string } {
  return { expr: `width < 420 ? ${phone} : ${wide}` };
}
