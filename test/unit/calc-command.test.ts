import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../api/commands/program.ts';
import { differences, goldenCases } from './statistics/goldens.ts';

describe('sluice calc', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-calc-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function calc(method: string[], input?: unknown) {
    const file = join(folder, 'input.json');
    if (input !== undefined) await writeFile(file, JSON.stringify(input));
    let [out, err] = ['', ''];
    const code = await run(['calc', ...method, ...(input === undefined ? [] : [file])], {
      env: () => ({}),
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }

  it('takes the input of a golden as it stands and answers its fields, infinite ones too', async () => {
    const golden = goldenCases('ab').find(({ id }) => id === 's-twoprop-05');
    if (golden === undefined) throw new Error('the golden is gone');
    const { code, out } = await calc(['two_proportion'], golden.input);
    expect(code).toBe(0);
    expect(differences(golden, JSON.parse(out))).toEqual([]);
    expect(JSON.parse(out).relative_lift_score_ci[1]).toBe('Infinity');
  });

  it('answers the example of the page on verdicts as the page says', async () => {
    const page = await readFile('docs/verdicts.md', 'utf8');
    const [, input, method, answer] = /\$ echo '(.+)' \| sluice calc (\w+)\n(\{[\s\S]+?\n\})\n```/.exec(page) ?? [];
    const { out } = await calc([String(method)], JSON.parse(String(input)));
    expect(out).toBe(`${answer}\n`);
  });

  it('refuses by code, and fails', async () => {
    const { code, err } = await calc(['rate_ci'], { n: 10, x: 11 });
    expect([code, err]).toEqual([1, expect.stringMatching(/^conversions_exceed_n: .*x: 11 events among 10 units/)]);
    expect((await calc(['rate_ci'], { n: 10 })).err).toMatch(/^input_invalid: /);
    expect((await calc(['chi_by_eye'], {})).err).toMatch(/^method_unknown: .*rate_ci/);
  });

  it('lists the methods when none is named', async () => {
    const { code, out } = await calc([]);
    expect(code).toBe(0);
    for (const method of ['two_proportion', 'group_sequential', 'bgnbd_predict']) expect(out).toContain(method);
  });
});
