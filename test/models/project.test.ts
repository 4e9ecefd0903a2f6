import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkProject, initProject, type Mistake } from '../../api/commands/project.ts';
import { temporaryFolder } from '../temporary.ts';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
const project = (name: string) => join(home.path, name);
const example = (file: string) => readFileSync(join(project('fresh'), file), 'utf8');
const model = (name: string) => example('models/evening_funnel.sql').replaceAll('evening_funnel', name);
const segment = (name: string) => example('segments/segment_never_ordered.sql').replaceAll('segment_never_ordered', name);
const metrics = (name: string) => example('metrics/evening.yaml').replace('evening_click_rate', name);
const dashboard = () => example('dashboards/evenings.yaml');

beforeAll(async () => {
  home = await temporaryFolder();
  initProject(project('fresh'));
});
afterAll(() => home.remove());

describe('a new project folder', () => {
  it('has one of each kind of file, and all of them are well', async () => {
    expect(await checkProject(project('fresh'))).toEqual([]);
  }, 30_000);

  it('is not made where something is already', () => {
    expect(() => initProject(project('fresh'))).toThrow(/is not empty/);
  });
});

/** What is wrong: the file, a text on the line that is to be told, and what is to be said of it. */
interface Case {
  name: string;
  file: string;
  text: () => string;
  at: string;
  message: RegExp;
}
const cases: Case[] = [
  {
    name: 'a model without a header',
    file: 'models/headless.sql',
    text: () => 'SELECT 1 AS one\n',
    at: 'SELECT 1',
    message: /begins with a comment/,
  },
  {
    name: 'a key of the header that is none',
    file: 'models/grains.sql',
    text: () => model('grains').replace('kind: view', 'kind: vue'),
    at: 'kind: vue',
    message: /kind/,
  },
  {
    name: 'a name that is not that of the file',
    file: 'models/night_funnel.sql',
    text: () => model('late_funnel'),
    at: 'name: late_funnel',
    message: /is named "late_funnel" in its header and "night_funnel" as a file/,
  },
  {
    name: 'a name that a model of ours has',
    file: 'segments/customer_stage.sql',
    text: () => segment('customer_stage'),
    at: 'name: customer_stage',
    message: /"customer_stage" is taken by sql\/models\/customer_stage\.sql/,
  },
  {
    name: 'SQL that cannot be parsed',
    file: 'segments/unparsed.sql',
    text: () => segment('unparsed').replace('FROM customer', 'FORM customer'),
    at: 'FORM customer',
    message: /syntax error/i,
  },
  {
    name: 'a column that does not exist',
    file: 'segments/no_column.sql',
    text: () => segment('no_column').replace('coalesce(orders, 0)', 'order_count'),
    at: 'order_count',
    message: /order_count/,
  },
  {
    name: 'a table that does not exist',
    file: 'segments/no_table.sql',
    text: () => segment('no_table').replace('FROM customer ', 'FROM clients '),
    at: 'FROM clients',
    message: /clients does not exist/,
  },
  {
    name: 'a column that the header does not describe',
    file: 'segments/undescribed.sql',
    text: () => segment('undescribed').replace('SELECT customer FROM', 'SELECT customer, orders FROM'),
    at: 'SELECT customer, orders',
    message: /"orders" is not described/,
  },
  {
    name: 'a segment that does not say who',
    file: 'segments/nobody.sql',
    text: () => segment('nobody').replace('  customer: the person', '  person: the person'),
    at: 'person: the person',
    message: /of a segment are customer/,
  },
  {
    name: 'an audit that finds rows',
    file: 'models/audited.sql',
    text: () => `${segment('audited').replace('layer: segment', 'layer: staging')}\n-- audit: nothing is one\nSELECT 1 AS one\n`,
    at: 'SELECT 1 AS one',
    message: /audit "nothing is one" of audited found rows/,
  },
  {
    name: 'a metric of a mart that does not exist',
    file: 'metrics/no_mart.yaml',
    text: () => metrics('no_mart').replace('mart: evening_funnel', 'mart: morning_funnel'),
    at: 'mart: morning',
    message: /there is no model "morning_funnel"/,
  },
  {
    name: 'a metric of a part that the mart has not',
    file: 'metrics/no_part.yaml',
    text: () => metrics('no_part').replace('numerator: clicked', 'numerator: bought'),
    at: 'numerator: bought',
    message: /no additive part "bought"; there are delivered, clicked/,
  },
  {
    name: 'a metric with a dimension that the mart has not',
    file: 'metrics/no_dimension.yaml',
    text: () => metrics('no_dimension').replace('[campaign, market]', '[campaign, template]'),
    at: 'dimensions:',
    message: /"evening_funnel" has no column "template_name"/,
  },
  {
    name: 'a metric whose name is taken',
    file: 'metrics/taken.yaml',
    text: () => metrics('click_rate'),
    at: 'label:',
    message: /the name "click_rate" is taken/,
  },
  {
    name: 'YAML that is none',
    file: 'metrics/unclosed.yaml',
    text: () => metrics('unclosed').replace('[campaign, market]', '[campaign, market'),
    at: 'metrics:',
    message: /flow sequence/i,
  },
  {
    name: 'a dashboard that asks for a metric that does not exist',
    file: 'dashboards/misspelt.yaml',
    text: () => dashboard().replace('[evening_click_rate, click_rate]', '[evening_click_rate, clik_rate]'),
    at: 'clik_rate',
    message: /there is no metric "clik_rate"; did you mean click_rate\?/,
  },
  {
    name: 'a chart that is none',
    file: 'dashboards/no_chart.yaml',
    text: () => dashboard().replace('chart: table', 'chart: tabel'),
    at: 'chart: tabel',
    message: /chart/,
  },
  {
    name: 'a row of a seed with a wrong value',
    file: 'seeds/exchange_rate.csv',
    text: () => `${example('seeds/exchange_rate.csv')}EUR,USD,1.08,2026-01-01\nEUR,USD,1.09,1st of May\n`,
    at: '1st of May',
    message: /valid_from must be a day/,
  },
  {
    name: 'a seed that nothing reads',
    file: 'seeds/exchange_rates.csv',
    text: () => 'a,b\n',
    at: 'a,b',
    message: /is no seed that can be given; there are rate_card\.csv/,
  },
  {
    name: 'a word that is none',
    file: 'words.yaml',
    text: () => 'opt_out:\n  sw:\n    - acha\n    - "!!"\n',
    at: '!!',
    message: /^opt_out\.sw\.1 has no letter or number in it/,
  },
  {
    name: 'a file with another ending',
    file: 'metrics/evening.yml',
    text: () => 'mart: evening_funnel\n',
    at: 'mart',
    message: /does not end in \.yaml/,
  },
];

describe('a mistake in a project folder is told with file, line and how to mend it, whatever else is wrong:', () => {
  let mistakes: Mistake[];
  beforeAll(async () => {
    initProject(project('wrong'));
    for (const { file, text } of cases) writeFileSync(join(project('wrong'), file), text());
    mkdirSync(join(project('wrong'), 'metric'));
    mistakes = await checkProject(project('wrong'));
  }, 30_000);

  it.each(cases)('$name', ({ file, text, at, message }) => {
    const found = mistakes.filter((mistake) => mistake.file === file);
    const line =
      text()
        .split('\n')
        .findIndex((one) => one.includes(at)) + 1;
    expect(found).toMatchObject([{ line, message: expect.stringMatching(message), mend: expect.stringMatching(/^\S.*\.$/) }]);
  });

  it('a folder whose name is misspelt', () => {
    expect(mistakes.find(({ file }) => file === 'metric')?.message).toBe('is no folder of a project');
  });

  it('and nothing is said of files that are well', () => {
    const wrong = new Set([...cases.map(({ file }) => file), 'metric']);
    expect(mistakes.filter(({ file }) => !wrong.has(file))).toEqual([]);
  });
});
