import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseDashboard } from '../../../api/pages/dashboard.ts';
import { checkDashboard } from '../../../api/pages/dashboard-check.ts';
import { dashboardFiles, LiveDashboards, loadDashboards, ownDashboards } from '../../../api/pages/dashboard-files.ts';
import { loadCatalog } from '../../../models/catalog.ts';
import { SluiceError } from '../../../sql/errors.ts';
import { temporaryFolder } from '../../temporary.ts';

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
  const names = { metrics: [...metrics.values()], dimensions: [...dimensions.values()] };

  it('are all well-formed', () => {
    const broken = [...loadDashboards()].filter(([, entry]) => 'error' in entry).map(([name]) => name);
    expect(broken).toEqual([]);
    expect([...loadDashboards().keys()]).toEqual([
      'campaign',
      'catalogue',
      'overview',
      'platform',
      'quality',
      'segments',
      'timing',
      'value',
    ]);
  });

  it('have nothing that the check would find', () => {
    const found = dashboardFiles(ownDashboards).flatMap((file) => checkDashboard(file, readFileSync(file, 'utf8'), names));
    expect(found).toEqual([]);
  });
});

describe('the check of a dashboard file', () => {
  const { metrics, dimensions } = loadCatalog();
  const names = { metrics: [...metrics.values()], dimensions: [...dimensions.values()] };
  const found = (text: string) => checkDashboard('mine.yaml', text, names).map(({ line, message }) => [line, message]);

  it('names a metric that there is none of, with its line and the nearest there is', () => {
    expect(found(good.replace('read_rate', 'reed_rate'))).toEqual([
      [9, 'there is no metric "reed_rate"; did you mean read_rate?'],
    ]);
  });

  it('names a dimension that a metric cannot be cut by', () => {
    const text = good.replace('rate_lines', 'table').concat('      by: [stage]\n');
    expect(found(text)).toEqual([[10, '"read_rate" cannot be cut by stage']]);
  });

  it('holds a specification to the schema of Vega-Lite, at the line where it breaks it', () => {
    const custom = (mark: string) =>
      good.replace('rate_lines', 'vega_lite').concat(`      by: [market]
    spec:
      mark: ${mark}
      encoding:
        x: { field: market, type: nominal }
        color: { value: $accent }
`);
    expect(found(custom('bar'))).toEqual([]);
    const [[line, message] = []] = found(custom('barr'));
    expect(line).toBe(12);
    expect(message).toMatch(/^spec\.mark: /);
  });

  it('tells everything that is wrong at once, in order of line', () => {
    const text = good.replace('read_rate', 'reed_rate').replace('panels:', 'filters: [martian]\npanels:');
    expect(found(text).map(([line]) => line)).toEqual([4, 10]);
  });
});

describe('dashboards as their files stand', () => {
  it('are read anew when a file changes, and one of the user takes the place of ours', async () => {
    const { path: folder, remove } = await temporaryFolder();
    onTestFinished(remove);
    const live = new LiveDashboards([ownDashboards, folder]);
    expect(live.current.get('overview')).toMatchObject({ dashboard: { title: { en: 'Overview' } } });
    await writeFile(join(folder, 'overview.yaml'), good.replace('name: mine', 'name: overview'));
    await expect
      .poll(() => live.current.get('overview'), { timeout: 3_000 })
      .toMatchObject({ dashboard: { title: { en: 'Mine' } } });
    await writeFile(join(folder, 'overview.yaml'), 'name: overview\n');
    await expect.poll(() => live.current.get('overview'), { timeout: 3_000 }).toMatchObject({ error: { line: 1 } });
  });
});
