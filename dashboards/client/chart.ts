import embed, { type Result, type VisualizationSpec } from 'vega-embed';
import { expressionInterpreter } from 'vega-interpreter';
import type { Chart } from '../charts/chart.ts';
import { vegaLocales } from '../locales/vega.ts';
import { chartConfig, resolveColours, themeColours } from './theme.ts';

interface Mounted {
  /** What it was drawn from, as it stands in the page. */
  text: string;
  spec: string;
  result: Result;
}
const mounted = new Map<Element, Mounted>();

/** The newest call to draw: an older one that has not come to its end leaves the rest to it. */
let newest = 0;
let drawing: Promise<void> = Promise.resolve();

/**
 * Draws every figure whose data changed, those in sight first. Only the rows are exchanged where the specification is the same. A drawing
 * takes tens of milliseconds: between two the browser has its turn, so that a click never waits for all of them.
 */
export function mountCharts(root: ParentNode): Promise<void> {
  newest += 1;
  const mine = newest;
  drawing = drawing.then(() => drawAll(root, () => mine === newest));
  return drawing;
}

async function drawAll(root: ParentNode, isNewest: () => boolean): Promise<void> {
  for (const [figure, { result }] of mounted) {
    if (figure.isConnected) continue;
    result.finalize();
    mounted.delete(figure);
  }
  const figures = [...root.querySelectorAll('figure[data-chart]')].map((figure) => ({ figure, inSight: isInSight(figure) }));
  for (const { figure, inSight } of figures.sort((a, b) => Number(b.inSight) - Number(a.inSight))) {
    if (mounted.get(figure)?.text === textOf(figure)) continue;
    await (inSight ? turn() : idle());
    if (!isNewest()) return;
    try {
      await mountChart(figure);
      figure.classList.remove('broken');
    } catch (error) {
      figure.classList.add('broken'); // the table behind it stays
      figure.querySelector('.incoming')?.remove();
      console.error('chart', error);
    }
  }
}

function isInSight(figure: Element): boolean {
  const { top, bottom } = figure.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
/** Resolves when the browser has nothing else to do, or after half a second. Safari has no requestIdleCallback (https://caniuse.com/requestidlecallback). */
const idle = () =>
  'requestIdleCallback' in globalThis
    ? new Promise<void>((resolve) => requestIdleCallback(() => resolve(), { timeout: 500 }))
    : turn();

/** Draws every figure anew, e.g. because the colours changed. */
export async function redrawCharts(root: ParentNode): Promise<void> {
  for (const figure of root.querySelectorAll('figure[data-chart]')) {
    const before = mounted.get(figure);
    if (before !== undefined) mounted.set(figure, { ...before, text: '', spec: '' });
  }
  await mountCharts(root);
}

function textOf(figure: Element): string {
  return figure.querySelector('script[type="application/json"]')?.textContent ?? '';
}

/** Draws a figure whose text is another than what it was drawn from. */
async function mountChart(figure: Element): Promise<void> {
  const plot = figure.querySelector<HTMLElement>('.plot');
  const text = textOf(figure);
  if (plot === null || text === '') return;
  const chart = JSON.parse(text) as Chart;
  const spec = JSON.stringify(chart.spec);
  const before = mounted.get(figure);
  if (before !== undefined && before.spec === spec) {
    before.result.view.data('rows', chart.rows);
    await before.result.view.runAsync();
    mounted.set(figure, { ...before, text });
    return;
  }
  // The new drawing takes the old one's place only when it is there, so that nothing flickers.
  const incoming = document.createElement('div');
  incoming.className = 'drawing incoming';
  plot.append(incoming);
  const colours = themeColours();
  const locale = vegaLocales[document.documentElement.lang === 'fr' ? 'fr' : 'en'];
  // The plot as a whole has a description; what Vega would say of each mark only repeats it.
  const config = { ...chartConfig(colours), aria: false };
  const result = await embed(
    incoming,
    { ...resolveColours(chart.spec, colours), datasets: { rows: chart.rows } } as VisualizationSpec,
    {
      mode: 'vega-lite',
      ast: true,
      expr: expressionInterpreter,
      actions: false,
      defaultStyle: false,
      renderer: 'svg',
      config,
      tooltip: { disableDefaultStyle: true, theme: 'sluice', id: 'chart-tooltip' },
      formatLocale: locale.format,
      timeFormatLocale: locale.time,
    },
  );
  incoming.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  before?.result.finalize();
  plot.replaceChildren(incoming);
  incoming.classList.remove('incoming');
  mounted.set(figure, { text, spec, result });
}
