import { describe, expect, it } from 'vitest';
import { loadDashboards, parseDashboard } from '../../../api/pages/dashboard.ts';
import { loadCatalog } from '../../../models/catalog.ts';
import { SluiceError } from '../../../sql/errors.ts';

const good = `name: mine
title: { en: Mine, fr: Le mien }
scope: all
panels:
  - id: reads
    title: { en: Reads, fr: Lectures }
    chart: rate_lines
    query:
      metrics: [read_rate]
`;
const failure = (text: string): SluiceError => {
  try {
    parseDashboard('dashboards/mine.yaml', text);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('it was taken');
};

describe('a dashboard file', () => {
  it('is read with its defaults', () => {
    const { panels } = parseDashboard('mine.yaml', good);
    expect(panels[0]).toMatchObject({ chart: 'rate_lines', grain: 'auto', query: { by: [], where: {}, limit: 1000 } });
  });

  it.each([
    ['broken YAML', good.replace('[read_rate]', '[read_rate'), 10, /./],
    ['an unknown chart', good.replace('rate_lines', 'pie'), 7, /chart/],
    ['a missing language', good.replace('{ en: Reads, fr: Lectures }', '{ en: Reads }'), 6, /title\.fr/],
    ['a word that is not known', good.replace('    query:', '    colour: red\n    query:'), 8, /colour/],
    ['no metric', good.replace('[read_rate]', '[]'), 9, /metrics/],
    ['two panels of one id', good + good.slice(good.indexOf('  - id')), 10, /another panel/],
    ['not a mapping', '- a', 1, /the file/],
    ['nothing', '', 1, /the file/],
  ])('with %s is refused with file and line', (_, text, line, detail) => {
    const error = failure(text);
    expect([error.code, error.file]).toEqual(['dashboard_invalid', 'dashboards/mine.yaml']);
    expect(error.detail).toMatch(detail);
    expect(error.line).toBe(line);
  });

  it('may carry a Vega-Lite specification, but none that loads data', () => {
    const custom = (spec: string) => good.replace('rate_lines', 'vega_lite').concat(`      by: [market]\n    spec: ${spec}\n`);
    expect(parseDashboard('mine.yaml', custom('{ mark: bar }')).panels[0]).toMatchObject({ spec: { mark: 'bar' } });
    expect(failure(custom('{ layer: [{ data: { url: "https://example.com/x.json" } }] }')).detail).toMatch(/url/);
  });
});

describe('the dashboards of the project', () => {
  const { metrics, dimensions } = loadCatalog();
  const loaded = [...loadDashboards()];

  it('are all well-formed', () => {
    expect(loaded.map(([name, entry]) => [name, 'dashboard' in entry])).toEqual([
      ['campaign', true],
      ['overview', true],
    ]);
  });

  it('ask only for metrics and dimensions that the catalogue has', () => {
    for (const [, entry] of loaded) {
      if (!('dashboard' in entry)) continue;
      const { scope, panels } = entry.dashboard;
      for (const { id, query } of panels) {
        const cut = [...query.by, ...Object.keys(query.where), ...(scope === 'campaign' ? ['campaign'] : [])];
        expect([id, cut.filter((name) => !dimensions.has(name))]).toEqual([id, []]);
        for (const name of query.metrics) {
          expect([id, name, cut.filter((cutBy) => !metrics.get(name)?.dimensions.includes(cutBy))]).toEqual([id, name, []]);
        }
      }
    }
  });
});
