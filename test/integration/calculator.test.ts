import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, appUnderTest, bearer } from '../app-under-test.ts';
import { differences, goldenCases } from '../unit/statistics/goldens.ts';

describe('POST /v1/calculator/{method}', () => {
  let test: AppUnderTest;
  let base: string;
  beforeAll(async () => {
    test = await appUnderTest();
    base = await test.app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => test.app.close());

  const post = (method: string, input: unknown) =>
    fetch(`${base}/v1/calculator/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer('analyst') },
      body: JSON.stringify(input),
    });

  const [refused, answered] = [goldenCases('ab').filter(isRefusal), goldenCases('ab').filter((golden) => !isRefusal(golden))];

  it.each(answered)('$id: $method, $description', async (golden) => {
    const answer = await post(golden.method, golden.input);
    expect(answer.status).toBe(200);
    expect(differences(golden, await answer.json())).toEqual([]);
  });

  it.each(refused)('$id: $method refuses: $description', async ({ method, input, expected }) => {
    const answer = await post(method, input);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      422,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(await answer.json()).toMatchObject({ code: expected['error'], mend: expect.stringMatching(/./) });
  });

  it('has met every case of the goldens', () => {
    expect([answered.length, refused.length]).toEqual([117, 20]);
  });

  it('an unknown method is 404 with the list of methods', async () => {
    const answer = await post('chi_by_eye', {});
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      code: 'method_unknown',
      detail: expect.stringMatching(/"chi_by_eye"; there are rate_ci, two_proportion, .*bgnbd_predict/),
    });
  });

  it('input of the wrong shape is told by field', async () => {
    const arm = { n: 10, x: 1 };
    expect(await (await post('two_proportion', { control: arm })).json()).toMatchObject({
      code: 'input_invalid',
      field: 'treatment',
    });
    expect(await (await post('two_proportion', { control: { ...arm, x: 'one' }, treatment: arm })).json()).toMatchObject({
      field: 'control.x',
      detail: 'control.x: is no number',
    });
    expect(await (await post('two_proportion', { control: arm, treatment: arm, confidense: 0.9 })).json()).toMatchObject({
      detail: 'confidense: "confidense" is not known here',
    });
  });
});

function isRefusal({ expected }: { expected: Record<string, unknown> }): boolean {
  return 'error' in expected;
}
