import { type Chart, stillSpec } from '../charts/chart.ts';
import type { Drawing } from './drawing.ts';

interface Mounted {
  /** What it was drawn from, as it stands in the page. */
  text: string;
  spec: string;
  drawing: Drawing;
}
const mounted = new Map<Element, Mounted>();

/** What draws is nine tenths of the script: it comes when the page stands and has a chart to draw. */
let drawer: Promise<typeof import('./drawing.ts')> | undefined;

/** Figures that came near the reader's sight. */
const near = new WeakSet<Element>();
/** Figures that the pointer was over: they have what answers it. */
const touched = new WeakSet<Element>();

/** The newest call to draw: an older one that has not come to its end leaves the rest to it. */
let newest = 0;
let drawn: Promise<void> = Promise.resolve();

/**
 * Draws every figure near the reader's sight whose data changed, those in sight first; the others as they come near, or when the page has
 * long had nothing else to do. Only the rows are exchanged where the specification is the same. A drawing takes tens of milliseconds:
 * between two the browser has its turn, so that a click never waits for all of them.
 */
export function mountCharts(root: ParentNode): Promise<void> {
  newest += 1;
  const mine = newest;
  drawn = drawn.then(() => drawAll(root, () => mine === newest));
  return drawn;
}

const coming = new IntersectionObserver(
  (entries) => {
    const come = entries.filter(({ isIntersecting }) => isIntersecting);
    for (const { target } of come) {
      near.add(target);
      coming.unobserve(target);
    }
    if (come.length > 0) void mountCharts(document);
  },
  { rootMargin: '50% 0%' },
);

/** How long a page rests before what is out of sight is drawn too: paper and what the reader looks for in the page need it. In ms. */
const restMs = 2_000;
let rested = false;
setTimeout(() => {
  rested = true;
  void mountCharts(document);
}, restMs);

async function drawAll(root: ParentNode, isNewest: () => boolean): Promise<void> {
  for (const [figure, { drawing }] of mounted) {
    if (figure.isConnected) continue;
    drawing.finalize();
    mounted.delete(figure);
  }
  const figures = [...root.querySelectorAll('figure[data-chart]')].map((figure) => ({ figure, inSight: isInSight(figure) }));
  for (const { figure, inSight } of figures.sort((a, b) => Number(b.inSight) - Number(a.inSight))) {
    if (mounted.get(figure)?.text === textOf(figure)) continue;
    if (!inSight && !near.has(figure) && !mounted.has(figure) && !rested) {
      coming.observe(figure);
      continue;
    }
    await (inSight ? turn() : idle());
    if (!isNewest()) return;
    await drawOne(figure);
  }
}

async function drawOne(figure: Element): Promise<void> {
  try {
    await mountChart(figure);
    figure.classList.remove('broken');
  } catch (error) {
    figure.classList.add('broken'); // the table behind it stays
    figure.querySelector('.incoming')?.remove();
    console.error('chart', error);
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

/** Resolves when the page was first painted: what draws its charts must not keep its figures from the reader. A hidden page paints nothing. */
const painted = () =>
  new Promise<void>((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 1_000);
  });

/** Draws every figure anew, e.g. because the colours changed. */
export async function redrawCharts(root: ParentNode): Promise<void> {
  for (const figure of root.querySelectorAll('figure[data-chart]')) {
    const before = mounted.get(figure);
    if (before !== undefined) mounted.set(figure, { ...before, text: '', spec: '' });
  }
  await mountCharts(root);
}

/** Gives a figure what answers the pointer once the pointer is over it, and tells the new drawing where it is. */
export function answerPointer(root: Document): void {
  root.addEventListener('pointerover', ({ target, clientX, clientY }) => {
    const figure = target instanceof Element && target.closest('.plot') !== null ? target.closest('figure[data-chart]') : null;
    const before = figure === null ? undefined : mounted.get(figure);
    if (figure === null || before === undefined || touched.has(figure)) return;
    touched.add(figure);
    const { spec } = JSON.parse(textOf(figure)) as Chart;
    if (stillSpec(spec) === spec) return;
    mounted.set(figure, { ...before, text: '' });
    void mountCharts(root).then(() => {
      const here = root.elementFromPoint(clientX, clientY);
      if (here !== null && figure.contains(here))
        here.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX, clientY }));
    });
  });
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
  const shown = touched.has(figure) ? chart : { ...chart, spec: stillSpec(chart.spec) };
  const spec = JSON.stringify(shown.spec);
  const before = mounted.get(figure);
  if (before !== undefined && before.spec === spec) {
    await before.drawing.show(shown.rows);
    mounted.set(figure, { ...before, text });
    return;
  }
  drawer ??= painted().then(() => import('./drawing.ts'));
  const { draw } = await drawer;
  // The new drawing takes the old one's place only when it is there, so that nothing flickers.
  const incoming = document.createElement('div');
  incoming.className = 'drawing incoming';
  plot.append(incoming);
  const drawing = await draw(incoming, shown);
  before?.drawing.finalize();
  plot.replaceChildren(incoming);
  incoming.classList.remove('incoming');
  mounted.set(figure, { text, spec, drawing });
}
