import { readFileSync } from 'node:fs';

export interface GoldenCase {
  id: string;
  method: string;
  description: string;
  input: unknown;
  expected: Record<string, unknown>;
  tolerance: Tolerance & { fields?: Record<string, Tolerance> };
}
interface Tolerance {
  rel: number;
  abs: number;
}

/** The cases of a golden set. */
export function goldenCases(name: 'ab' | 'ltv'): GoldenCase[] {
  return (JSON.parse(readFileSync(`test/goldens/${name}.json`, 'utf8')) as { cases: GoldenCase[] }).cases;
}

/** Where an answer differs from a golden's expected fields by more than its tolerance; fields beyond the expected are no difference. */
export function differences(golden: GoldenCase, actual: unknown): string[] {
  const { fields = {}, ...general } = golden.tolerance;
  const { rel = 1e-6, abs = 1e-12 } = general;
  const found: string[] = [];
  const compare = (path: string, expected: unknown, got: unknown, tolerance: Tolerance) => {
    if (typeof expected === 'number' && typeof got === 'number') {
      const off = Number.isInteger(expected) && Number.isInteger(got) ? expected !== got : false;
      const allowed = tolerance.abs + tolerance.rel * Math.abs(expected);
      if (off && Math.abs(got - expected) > allowed) found.push(`${path}: ${got}, not ${expected}`);
      else if (!(Math.abs(got - expected) <= allowed)) found.push(`${path}: ${got}, not ${expected}`);
    } else if (expected !== null && typeof expected === 'object' && got !== null && typeof got === 'object') {
      if (Array.isArray(expected) && expected.length !== (got as unknown[]).length) found.push(`${path}: length`);
      for (const [key, value] of Object.entries(expected)) {
        const inner = path === '' ? (fields[key] ?? tolerance) : tolerance;
        compare(`${path}.${key}`, value, (got as Record<string, unknown>)[key], inner);
      }
    } else if (expected !== got) found.push(`${path}: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`);
  };
  compare('', golden.expected, actual, { rel, abs });
  return found;
}
