import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { methods } from '../../../models/statistics/methods.ts';
import { SluiceError } from '../../../sql/errors.ts';
import { cdnowPurchases } from '../../cdnow.ts';
import { describeWithShared, sharedPath } from '../../shared.ts';

type Tolerance = { rel?: number; abs?: number };
interface Case {
  id: string;
  method: string;
  input: Record<string, unknown> & { dataset?: string };
  expected: Record<string, unknown>;
  tolerance?: Tolerance & Record<string, Tolerance | number | undefined>;
}
const { cases } = JSON.parse(readFileSync('test/goldens/ltv.json', 'utf8')) as { cases: Case[] };

describe('customer value agrees with the golden', () => {
  for (const one of cases.filter(({ input }) => input.dataset === undefined)) it(one.id, () => check(one));
});

describeWithShared('customer value of CDNOW agrees with the golden', () => {
  for (const one of cases.filter(({ input }) => input.dataset !== undefined)) {
    it(one.id, () => {
      const { dataset = '', ...input } = one.input;
      check({ ...one, input: { ...input, events: cdnowPurchases(dataset) } });
    });
  }

  it('and so is every customer of the published table', () => {
    const { rows } = run('rfm', { events: cdnowPurchases('cdnow/CDNOW_sample.txt'), calibration_end: '1997-09-30' }) as {
      rows: Record<string, Record<string, number>>;
    };
    const [head = '', ...lines] = readFileSync(sharedPath('datasets/cdnow/cdnow_rfm_39w.csv'), 'utf8').trim().split(/\r?\n/);
    const names = head.split(',').map((name) => name.replace('_weeks', ''));
    expect(names).toEqual(['customer_id', 'frequency', 'recency', 'T', 'monetary_value', 'holdout_transactions']);
    const off = lines.filter((line) => {
      const [customer = '', ...values] = line.split(',');
      const row = rows[customer];
      return values.some((value, i) => !(Math.abs((row?.[names[i + 1] ?? ''] ?? Number.NaN) - Number(value)) <= 1e-6));
    });
    expect([lines.length, Object.keys(rows).length, off]).toEqual([2357, 2357, []]);
  });
});

function run(name: string, input: unknown): unknown {
  const method = methods.get(name);
  if (method === undefined) throw new Error(`there is no method ${name}`);
  return method.run(method.schema.parse(input));
}

function check({ method, input, expected, tolerance = {} }: Case): void {
  const answer = () => run(method, input);
  if (typeof expected['error'] === 'string') {
    expect(answer).toThrow(SluiceError);
    expect(answer).toThrow(expect.objectContaining({ code: expected['error'] }));
    return;
  }
  compare(answer(), expected, tolerance, '');
}

function compare(actual: unknown, expected: unknown, tolerance: Case['tolerance'] & object, path: string): void {
  if (typeof expected === 'number' && !(Number.isInteger(expected) && Number.isInteger(actual))) {
    const { rel = 'abs' in tolerance ? 0 : 1e-6, abs = 1e-12 } = tolerance;
    expect(Math.abs(Number(actual) - expected), `${path}: ${String(actual)} for ${expected}`).toBeLessThanOrEqual(
      abs + rel * Math.abs(expected),
    );
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [name, value] of Object.entries(expected)) {
      const own = tolerance[name];
      compare((actual as Record<string, unknown>)[name], value, typeof own === 'object' ? own : tolerance, `${path}.${name}`);
    }
  } else expect(actual, path).toBe(expected);
}
