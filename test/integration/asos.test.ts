import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';
import { describeWithShared, sharedPath } from '../shared.ts';

interface Moments {
  n: number;
  mean: number;
  variance: number;
}
interface Look {
  control: Moments;
  treatment: Moments;
}
/** What the data set's own reference program found in one variant of one experiment. */
interface Expected {
  experiment_id: string;
  variant_id: string;
  looks: number;
  skipped: number;
  final_n: [number, number];
  final_welch_p: number;
  final_difference: number;
  final_cs: [number, number];
  final_p_always_valid: number;
  first_rejection_index: number | null;
  srm_p_if_equal_split: number;
}

const folder = 'datasets/asos-digital-experiments';

/** Cumulative looks at the binary metric by experiment and variant, oldest first; rows that cannot be compared are left out. */
function readLooks(): Map<string, Look[]> {
  const [, ...lines] = readFileSync(sharedPath(folder, 'asos_digital_experiments_dataset.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => {
    const [experiment = '', variant = '', metric = '', ...numbers] = line.trim().split(',');
    const [days = NaN, nc = NaN, nt = NaN, mc = NaN, mt = NaN, vc = NaN, vt = NaN] = numbers.map(toNumber);
    const look = { control: { n: nc, mean: mc, variance: vc }, treatment: { n: nt, mean: mt, variance: vt } };
    return { key: `${experiment} ${variant}`, metric, days, look };
  });
  const looks = new Map<string, Look[]>();
  for (const { key, metric, look } of rows.sort((one, other) => one.days - other.days)) {
    const all = Object.values(look).flatMap((arm) => Object.values(arm));
    if (metric !== '1' || Math.min(look.control.n, look.treatment.n) < 2 || !all.every(Number.isFinite)) continue;
    looks.set(key, [...(looks.get(key) ?? []), look]);
  }
  return looks;
}

function toNumber(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}

/** What the calculator says of one variant. */
interface Found {
  sequence: {
    ci: ([number, number] | null)[];
    p_always_valid: number[];
    first_rejection_index: number | null;
  };
  welch: { absolute: { estimate: number; p_two_sided: number } };
}

/** Real experiments of a web shop, looked at every 12 or 24 hours: what the calculator says of each is what others found. */
describeWithShared('ASOS digital experiments through the calculator', () => {
  let test: AppUnderTest;
  let base: string;
  const { alpha, n_star, results } = JSON.parse(readFileSync(sharedPath(folder, 'expected.json'), 'utf8')) as {
    alpha: number;
    n_star: number;
    results: Expected[];
  };
  const variants = readLooks();
  const found = new Map<string, Found>();
  beforeAll(async () => {
    test = await appUnderTest();
    base = await test.app.listen({ port: 0, host: '127.0.0.1' });
    for (const [key, looks] of variants) {
      found.set(key, {
        sequence: await calculate('confidence_sequence', { alpha, n_star, looks }),
        welch: await calculate('welch_t', looks.at(-1)),
      });
    }
  }, 120_000);
  afterAll(() => test.app.close());

  async function calculate<T>(method: string, input: unknown): Promise<T> {
    const answer = await fetch(`${base}/v1/calculator/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer('analyst') },
      body: JSON.stringify(input),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  }

  const close = (value: number) =>
    expect.toSatisfy(
      (number: number) => Math.abs(number - value) <= 1e-12 + 1e-6 * Math.abs(value),
      `within a millionth of ${value}`,
    );

  it('has 50 variants with numbers to hold it to', () => {
    expect(results).toHaveLength(50);
  });

  it.each(results.map((one) => ({ ...one, key: `${one.experiment_id} ${one.variant_id}` })))(
    '$key: final p, confidence sequence, always-valid p, first look that rejects, sample ratio',
    async ({ key, ...expected }) => {
      const looks = variants.get(key) ?? [];
      const observed = [looks.at(-1)?.control.n, looks.at(-1)?.treatment.n];
      expect([looks.length, observed]).toEqual([expected.looks, expected.final_n]);
      const { sequence, welch } = found.get(key) as Found;
      expect({ ...welch.absolute, first: sequence.first_rejection_index }).toMatchObject({
        estimate: close(expected.final_difference),
        p_two_sided: close(expected.final_welch_p),
        first: expected.first_rejection_index,
      });
      expect(sequence.ci.at(-1)).toEqual(expected.final_cs.map(close));
      expect(sequence.p_always_valid.at(-1)).toEqual(close(expected.final_p_always_valid));
      const { p } = await calculate<{ p: number }>('srm', { observed, weights: [1, 1] });
      expect(p).toEqual(close(expected.srm_p_if_equal_split));
    },
  );

  it('shows what peeking does: of 99 variants 26 end significant by the fixed test, 19 are ever rejected by the sequence', () => {
    const all = [...found.values()];
    const fixed = all.filter(({ welch }) => welch.absolute.p_two_sided < 0.05).length;
    const sequence = all.filter((one) => one.sequence.first_rejection_index !== null).length;
    expect({ variants: all.length, fixed, sequence }).toEqual({ variants: 99, fixed: 26, sequence: 19 });
  });
});
