import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../../ingest/experiment-command.ts';
import type { Plan } from '../../../models/experiments/design.ts';
import { readGuardrails } from '../../../models/experiments/guardrail.ts';
import { verdict } from '../../../models/experiments/verdict.ts';
import { casesNow, design, evidence } from '../../verdict-cases.ts';

const plan = (guardrails: Plan['guardrails']): Plan => ({
  ...{ metric: 'click', age_hours: 24, mde: { relative: 0.1 }, horizon: 20_000, looks: 5, alpha: 0.05 },
  guardrails,
});
const margin = design({ plan: plan([{ metric: 'unsubscribe', margin: 0.25 }]) });
const optOuts = (a: number, b: number, people = 10_000, days = 10) =>
  evidence({ a: { people, outcomes: { unsubscribe: a } }, b: { people, outcomes: { unsubscribe: b } } }, { days });

describe('a guardrail with a margin', () => {
  it('compares each variant with the control, and says what the limit comes to', () => {
    expect(readGuardrails(margin, optOuts(100, 110))).toEqual([
      expect.objectContaining({
        ...{ metric: 'unsubscribe', arm: 'b', margin: 0.25, control: { arm: 'a', n: 10_000, x: 100 } },
        ...{ n: 10_000, x: 110, rate: 0.011, limit: 0.0125, p: 1, alarm: false },
      }),
    ]);
  });

  it('stops the variant that is surely worse than that, in a sentence that names the control', () => {
    const said = verdict(margin, optOuts(100, 220), casesNow);
    expect(said).toMatchObject({ state: 'harmful', arm: 'b' });
    expect(said.sentence.en).toContain('2.2% of 10,000 people opted out, surely more than 25% above the 1% with “Price first”');
    expect(said.sentence.fr).toContain('sûrement plus de 25 % au-dessus de 1 % avec « Price first »'.replaceAll(' %', '\u202f%'));
  });

  it('has the p of one binomial share among those who opted out, by its closed form', () => {
    // Of 10 who opted out, 9 were in b; at margin 0 and equal weights at most 1/2 should be. The prior is Beta(2, 1), cut at 1/2: density 2 q
    // over its mass above 1/2, which is 3/4. E = integral from 1/2 to 1 of 2 q / (3/4) * q^9 (1 - q) dq / 2^-10 = 1024 * (8/3) * I with
    // I = [q^11/11 - q^12/12] from 1/2 to 1.
    const at = (q: number) => q ** 11 / 11 - q ** 12 / 12;
    const e = 1024 * (8 / 3) * (at(1) - at(0.5));
    const none = design({ plan: plan([{ metric: 'unsubscribe', margin: 0 }]) });
    expect(readGuardrails(none, optOuts(1, 9, 1_000, 1))[0]?.p).toBeCloseTo(1 / e, 12);
  });

  it('takes the weights of the arms into account: three times the people may opt out three times as often', () => {
    const [a, b] = margin.arms;
    if (a === undefined || b === undefined) throw new Error('two arms');
    const uneven = { ...margin, arms: [a, { ...b, weight: 3 }] };
    const seen = evidence({
      a: { people: 5_000, outcomes: { unsubscribe: 50 } },
      b: { people: 15_000, outcomes: { unsubscribe: 150 } },
    });
    expect(readGuardrails(uneven, seen)[0]).toMatchObject({ p: 1, alarm: false });
    expect(readGuardrails(margin, seen)[0]?.alarm).toBe(true);
  });

  it('counts whole windows only where arms are sent to at different hours', () => {
    const timing = { ...margin, longest_delay_hours: 9 };
    const young = evidence({
      a: { people: 10_000, mature: 100, outcomes: { unsubscribe: 1 } },
      b: { people: 10_000, mature: 100, outcomes: { unsubscribe: 2 } },
    });
    expect(readGuardrails(timing, young)[0]).toMatchObject({ n: 100, x: 2, control: { n: 100, x: 1 } });
  });

  it('cries wolf in at most 1 % of experiments at the margin itself, looked at a hundred times', () => {
    // Exact: the chance that the walk of "in b / in a" ever meets the alarm, by going through all walks of 100 people who opted out.
    const share = 1.25 / 2.25;
    const alarms = new Map<number, number>(); // least number in b at which n people alarm
    for (let n = 1; n <= 100; n += 1) {
      const first = Array.from({ length: n + 1 }, (_, x) => x).find(
        (x) => readGuardrails(margin, optOuts(n - x, x, 1_000, 1))[0]?.alarm,
      );
      if (first !== undefined) alarms.set(n, first);
    }
    let walks = new Map([[0, 1]]);
    let alarmed = 0;
    for (let n = 1; n <= 100; n += 1) {
      const next = new Map<number, number>();
      for (const [x, chance] of walks) {
        for (const [to, p] of [
          [x + 1, share],
          [x, 1 - share],
        ] as const) {
          if (to >= (alarms.get(n) ?? Number.POSITIVE_INFINITY)) alarmed += chance * p;
          else next.set(to, (next.get(to) ?? 0) + chance * p);
        }
      }
      walks = next;
    }
    expect(alarmed).toBeLessThan(0.01);
    expect(alarmed).toBeGreaterThan(0);
  });

  it('alarms the sooner the more opt out of the variant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 300 }), (a, b) => {
        const p = (x: number) => readGuardrails(margin, optOuts(a, x, 10_000, 1))[0]?.p ?? 1;
        expect(p(b + 1)).toBeLessThanOrEqual(p(b));
      }),
      { numRuns: 30 },
    );
  });
});

describe('registering guardrails', () => {
  const body = (guardrails: object[], arms: object[] = [{ id: 'a' }, { id: 'b' }]) => ({
    ...{ name: 'x', arms, plan: { metric: 'click', mde: { relative: 0.1 }, horizon: 1000, guardrails } },
  });
  it.each([
    [{ metric: 'unsubscribe', limit: 0.02 }, true],
    [{ metric: 'unsubscribe', margin: 0.25 }, true],
    [{ metric: 'unsubscribe' }, false],
    [{ metric: 'unsubscribe', limit: 0.02, margin: 0.25 }, false],
  ])('%j: %s', (guardrail, ok) => {
    expect(experimentSchema.safeParse(body([guardrail])).success).toBe(ok);
  });

  it('a margin needs a second arm that sends', () => {
    const held = body([{ metric: 'unsubscribe', margin: 0.25 }], [{ id: 'a' }, { id: 'b', holdout: true }]);
    expect(experimentSchema.safeParse(held).error?.issues[0]?.path).toEqual(['plan', 'guardrails']);
  });
});
