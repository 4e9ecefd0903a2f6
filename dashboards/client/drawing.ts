import { parse, type Runtime, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';
import { Handler } from 'vega-tooltip';
import type { Chart } from '../charts/chart.ts';
import { vegaLocales } from '../locales/vega.ts';
import { chartConfig, resolveColours, themeColours } from './theme.ts';

/** A chart that stands in the page. */
export interface Drawing {
  /** Exchanges its rows. */
  show(rows: Chart['rows']): Promise<void>;
  /** Lets go of what it holds. */
  finalize(): void;
}

/** Draws a chart into an element of the page, in the colours that its theme has now. */
export async function draw(into: HTMLElement, { spec, rows }: Chart): Promise<Drawing> {
  const view = new View(runtimeOf(spec), { renderer: 'svg', expr: expressionInterpreter } as never);
  view.tooltip(tooltip.call).initialize(into).data('rows', rows);
  await view.runAsync();
  into.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  return {
    show: async (newer) => void (await view.data('rows', newer).runAsync()),
    finalize: () => view.finalize(),
  };
}

const tooltip = new Handler({ disableDefaultStyle: true, theme: 'sluice', id: 'chart-tooltip' });

/** What specifications were compiled to. The charts of a panel often differ in their rows alone: to compile costs a third of a drawing. */
const runtimes = new Map<string, Runtime>();
const mostRuntimes = 50;

function runtimeOf(spec: Chart['spec']): Runtime {
  const colours = themeColours();
  const locale = vegaLocales[document.documentElement.lang === 'fr' ? 'fr' : 'en'];
  const resolved = resolveColours(spec, colours);
  const key = JSON.stringify([resolved, colours]);
  const known = runtimes.get(key);
  if (known !== undefined) return known;
  // The plot as a whole has a description; what Vega would say of each mark only repeats it.
  const config = { ...chartConfig(colours), aria: false, locale: { number: locale.format, time: locale.time } };
  const compiled = compile(resolved as unknown as TopLevelSpec, { config: config as never });
  const runtime = parse(compiled.spec, undefined, { ast: true });
  if (runtimes.size >= mostRuntimes) runtimes.clear();
  runtimes.set(key, runtime);
  return runtime;
}
