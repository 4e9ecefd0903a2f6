import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCatalog, LiveCatalog, loadCatalog } from '../../models/catalog.ts';
import { SluiceError } from '../../sql/errors.ts';
import { projectRoot } from '../../sql/files.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-metrics-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const good = `mart: funnel_15m
dimensions: [campaign]
catalog_dimensions:
  campaign: { description: Campaign, column: campaign_id }
metrics:
  open_rate:
    label: Opened
    description: Read of delivered.
    kind: rate
    numerator: read
    denominator: delivered + played - played
    unit: share
    direction: higher_is_better
`;
const write = (yaml: string) => writeFileSync(join(folder, 'own.yaml'), yaml);
const load = (yaml: string) => {
  write(yaml);
  return loadCatalog(relative(projectRoot, folder));
};
const mistake = (yaml: string) => {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof SluiceError)
      return { code: error.code, file: error.file?.split('/').at(-1), line: error.line, detail: error.detail };
  }
  return null;
};

describe('a metric file', () => {
  it('defines metrics over the parts of a mart', () => {
    expect(load(good).metrics.get('open_rate')).toMatchObject({ mart: 'funnel_15m', window: 'none', dimensions: ['campaign'] });
  });

  it.each([
    ['broken YAML', good.replace('label: Opened', 'label: [Opened'), 8, ''],
    [
      'a part that the mart has not',
      good.replace('numerator: read', 'numerator: opened'),
      10,
      'no additive part "opened"; there are',
    ],
    ['a key of the mart as a part', good.replace('numerator: read', 'numerator: campaign_id'), 10, 'no additive part'],
    ['SQL as a part', good.replace('numerator: read', 'numerator: read / 2'), 10, 'must be parts'],
    ['a rate without a denominator', good.replace(/ {4}denominator.*\n/, ''), 7, 'denominator'],
    ['an unknown key', good.replace('    unit: share', '    unit: share\n    colour: red'), 13, 'colour'],
    ['a mart that is not there', good.replace('mart: funnel_15m', 'mart: tunnel'), 1, 'no model "tunnel"'],
    ['an unknown dimension', good.replace('[campaign]', '[campaign, weather]'), 2, '"weather"; there are campaign'],
    ['a direction that does not exist', good.replace('higher_is_better', 'sideways'), 13, 'direction'],
  ])('with %s is refused with file and line', (_, yaml, line, detail) => {
    expect(mistake(yaml)).toMatchObject({
      code: 'metric_invalid',
      file: 'own.yaml',
      line,
      detail: expect.stringContaining(detail),
    });
  });

  it('that breaks while the service runs leaves the last good definitions', () => {
    write(good);
    const live = new LiveCatalog(relative(projectRoot, folder));
    write(good.replace('numerator: read', 'numerator: opened'));
    expect(live.reload()).toMatchObject({ code: 'metric_invalid' });
    expect(live.current.metrics.get('open_rate')?.numerator).toBe('read');
    write(good.replace('numerator: read', 'numerator: replied'));
    expect(live.reload()).toBeNull();
    expect(live.current.metrics.get('open_rate')?.numerator).toBe('replied');
  });
});

describe('the catalogue of the project', () => {
  const { metrics, dimensions } = describeCatalog(loadCatalog());

  it('has the rates of the design', () => {
    expect(
      metrics
        .filter(({ kind }) => kind === 'rate')
        .map(({ name, numerator, denominator }) => `${name} = ${numerator} / ${denominator}`),
    ).toEqual(
      expect.arrayContaining([
        'delivery_rate = delivered / attempted',
        'delivery_rate_without_blocks = delivered / attempted_no_blocks',
        'read_rate = read / delivered',
        'reply_rate = replied / delivered',
        'click_rate = clicked / delivered',
        'conversion_rate = converted / delivered',
        'unsubscribe_rate = unsubscribed / delivered',
        'failure_rate = attempted_failed / attempted',
      ]),
    );
  });

  it('says of each metric what it means, and by what it can be cut', () => {
    const names = new Set(dimensions.map(({ name }) => name));
    for (const metric of metrics) {
      expect(metric.description.length).toBeGreaterThan(10);
      expect(metric.dimensions.length).toBeGreaterThan(0);
      for (const dimension of metric.dimensions) expect(names).toContain(dimension);
    }
  });

  it('is plain data', () => {
    expect(structuredClone({ metrics, dimensions })).toEqual({ metrics, dimensions });
    expect(metrics[0]).not.toHaveProperty('mart');
  });
});
