/** The colours of the theme that charts use, as the browser resolves them now. */
const names = ['accent', 'warn', 'third', 'fourth', 'fifth', 'sixth', 'ink', 'muted', 'line'] as const;
export type ThemeColours = Record<(typeof names)[number], string>;

export function themeColours(): ThemeColours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--chart-${name}`).trim()])) as ThemeColours;
}

/** A specification with every `$name` put into the theme's colour. */
export function resolveColours<T>(value: T, colours: ThemeColours): T {
  if (typeof value === 'string') {
    const name = names.find((candidate) => value === `$${candidate}`);
    return (name === undefined ? value : colours[name]) as T;
  }
  if (Array.isArray(value)) return value.map((inner) => resolveColours(inner, colours)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolveColours(inner, colours)])) as T;
}

/** How all charts look: few lines, the page's font, a palette that colour-blind people can read (Okabe and Ito). */
export function chartConfig(colours: ThemeColours): Record<string, unknown> {
  const font = 'system-ui, sans-serif';
  return {
    background: 'transparent',
    font,
    view: { stroke: null },
    axis: {
      labelColor: colours.muted,
      labelFontSize: 11,
      labelFont: font,
      domainColor: colours.line,
      tickColor: colours.line,
      gridColor: colours.line,
      gridOpacity: 0.7,
      titleColor: colours.muted,
    },
    axisY: { domain: false, ticks: false, labelPadding: 6 },
    legend: { labelColor: colours.ink, labelFontSize: 12, labelFont: font, titleColor: colours.muted },
    range: { category: [colours.accent, colours.warn, colours.third, colours.fourth, colours.fifth, colours.sixth] },
  };
}
