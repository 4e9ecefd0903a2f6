import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookDue, replayLook } from '../../../models/experiments/look.ts';
import { nominalAlphas, takenLooks } from '../../../models/experiments/planned-looks.ts';
import { verdict } from '../../../models/experiments/verdict.ts';
import { casesNow, design, evidence, verdictCases } from '../../verdict-cases.ts';

const plan = {
  ...{ metric: 'click' as const, age_hours: 24, mde: { relative: 0.1 }, horizon: 20_000, looks: 5, alpha: 0.05 },
  guardrails: [{ metric: 'unsubscribe' as const, limit: 0.02 }],
};
const planned = design({ plan });
const clicks = (a: number, b: number, people = 10_000, days = 10) =>
  evidence({ a: { people, outcomes: { click: a } }, b: { people, outcomes: { click: b } } }, { days });

describe('a verdict', () => {
  it('is the same document for the same design, evidence and time, also after a trip through JSON', () => {
    for (const one of verdictCases) {
      const look = lookDue({ design: one.design, evidence: one.evidence }, casesNow);
      if (look === null) continue;
      const stored = JSON.parse(JSON.stringify(look.document)) as typeof look.document;
      expect(JSON.parse(JSON.stringify(replayLook(stored)))).toEqual(stored.verdict);
    }
  });

  it('turns around when the arms do: a winner becomes a loser, and lifts change their sign', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 1500 }), (x, y) => {
        const [one, other] = [verdict(planned, clicks(x, y), casesNow), verdict(planned, clicks(y, x), casesNow)];
        const opposite = { winner: 'loser', loser: 'winner' } as Record<string, string>;
        expect(other.comparisons[0]?.absolute.value).toBeCloseTo(-(one.comparisons[0]?.absolute.value ?? 0), 12);
        if (one.state in opposite) expect(other.state).toBe(opposite[one.state]);
      }),
      { numRuns: 25 },
    );
  });

  it('claims a difference exactly when its interval leaves out zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 600, max: 1000 }), fc.boolean(), (x, hasPlan) => {
        const said = verdict(hasPlan ? planned : design({ plan: null }), clicks(800, x), casesNow);
        const [comparison] = said.comparisons;
        const { low, high } = comparison?.absolute ?? { low: null, high: null };
        const relative = comparison?.relative ?? { low: null, high: null };
        const leavesOut = (low ?? 0) > 0 || (high ?? 0) < 0;
        expect(said.state === 'winner' || said.state === 'loser').toBe(leavesOut);
        expect((relative.low ?? 0) > 0 || (relative.high ?? 0) < 0).toBe(leavesOut);
      }),
      { numRuns: 40 },
    );
  });

  it('warns of an arm that was held back alone, also where nothing can be said yet', () => {
    const reason = { en: 'Paused until 15:00 UTC.', fr: 'En pause jusqu’à 15:00 UTC.' };
    const braked = [{ arm_id: 'b', at: casesNow, reason }];
    for (const [x, y, people] of [
      [800, 900, 10_000],
      [1, 2, 20],
    ] as const) {
      const found = clicks(x, y, people);
      const said = verdict(planned, { ...found, braked }, casesNow);
      expect(said.state).toBe(verdict(planned, found, casesNow).state);
      expect(said.sentence.en).toMatch(/was held back on 2026-10-15 at 00:00 UTC .*“Paused until 15:00 UTC\.”$/);
      expect(said.sentence.fr).toMatch(/a été retenu le 2026-10-15 à 00:00 UTC .*« En pause jusqu’à 15:00 UTC\. »$/);
    }
  });

  it('without a plan is decided by the sequence alone: what a plan calls a winner may need more people', () => {
    const said = verdict(design({ plan: null }), clicks(800, 900), casesNow);
    expect(verdict(planned, clicks(800, 900), casesNow).state).toBe('winner');
    expect(said).toMatchObject({ state: 'inconclusive', decided_by: 'sequence' });
    expect(said.notes.map(({ code }) => code)).toEqual(['no_plan']);
  });

  it('without a plan waits for five events in each arm, and says which arm wants them', () => {
    const said = verdict(design({ plan: null }), clicks(80, 3, 1_000), casesNow);
    expect(said).toMatchObject({ state: 'too_early', decided_by: null });
    expect(said.comparisons[0]?.sequence).toMatchObject({ speaks: false, p: null, absolute: { low: null, high: null } });
    expect(said.sentence.en).toBe(
      'Too early: with “Picture first” only 3 of 1,000 people clicked, and without a plan nothing can be said before 5 in each arm have; keep it running and choose nothing yet.',
    );
    expect(said.sentence.fr).toContain('avec « Picture first », 3 personnes seulement sur 1\u202f000 ont cliqué');
    expect(verdict(design({ plan: null }), clicks(80, 30, 1_000), casesNow).comparisons[0]?.sequence.speaks).toBe(true);
  });

  it('with a plan that was filed after the start goes by the sequence, and says so', () => {
    const said = verdict({ ...planned, plan_state: 'late' }, clicks(800, 900), casesNow);
    expect(said).toMatchObject({ state: 'inconclusive', decided_by: 'sequence', looks: null });
    expect(said.notes.map(({ code }) => code)).toEqual(['plan_late']);
  });

  it('once decided at a look stays decided, but harm still comes first', () => {
    const before = { ...clicks(800, 830), looks: [{ look: 3, state: 'winner', arm: 'b', at: casesNow }] };
    expect(verdict(planned, before, casesNow)).toMatchObject({ state: 'winner', arm: 'b' });
    const harm = evidence({ a: { people: 10_000 }, b: { people: 10_000, outcomes: { unsubscribe: 400 } } });
    expect(verdict(planned, { ...harm, looks: before.looks }, casesNow).state).toBe('harmful');
  });

  it.each([
    ['somebody in an arm that is not registered', { a: { people: 500 }, b: { people: 500 }, x: { people: 1 } }, 'unknown_arm'],
    ['more than one in a thousand in several arms', { a: { people: 500 }, b: { people: 500, crossed: 2 } }, 'crossed'],
  ] as const)('is withheld for %s', (_, arms, code) => {
    const said = verdict(planned, evidence(arms), casesNow);
    expect(said).toMatchObject({ state: 'invalid', comparisons: [], secondary: [] });
    expect(said.health.filter(({ ok }) => !ok).map((check) => check.code)).toEqual([code]);
  });

  it('is withheld when the hold-out was written to, or an arm without weight has people', () => {
    const [first, second] = planned.arms;
    if (first === undefined || second === undefined) throw new Error('two arms');
    const holdout = { ...planned, arms: [first, { ...second, holdout: true }] };
    const written = evidence({ a: { people: 500 }, b: { people: 500, contacted: 100 } });
    expect(verdict(holdout, written, casesNow).health.find(({ ok }) => !ok)?.code).toBe('holdout_contacted');
    const closed = { ...planned, arms: [first, { ...second, weight: 0 }] };
    expect(verdict(closed, evidence({ a: { people: 500 }, b: { people: 1 } }), casesNow).health.find(({ ok }) => !ok)?.code).toBe(
      'zero_weight',
    );
  });

  it('of three arms holds the smallest p against a third less, by Holm', () => {
    const [first, second] = planned.arms;
    if (first === undefined || second === undefined) throw new Error('two arms');
    const three = {
      ...planned,
      plan: { ...plan, looks: 1, horizon: 30_000 },
      arms: [first, second, { ...second, id: 'c', name: 'C' }],
    };
    // 800 against 876 of 10,000: p = 0.050 at one look; 800 against 888: p = 0.023, under 0.05 / 2 = 0.025.
    const seen = (b: number, c: number) =>
      verdict(
        three,
        evidence({
          a: { people: 10_000, outcomes: { click: 800 } },
          b: { people: 10_000, outcomes: { click: b } },
          c: { people: 10_000, outcomes: { click: c } },
        }),
        casesNow,
      );
    expect(seen(884, 800).comparisons[0]?.p).toBeGreaterThan(0.025);
    expect(seen(884, 800).comparisons[0]?.p).toBeLessThan(0.05);
    expect(seen(884, 800).state).not.toBe('winner');
    expect(seen(890, 800).state).toBe('winner');
    // With the first claimed, the second is held against the whole alpha.
    expect(seen(950, 884).comparisons.map(({ decision }) => decision)).toEqual(['better', 'better']);
  });
});

describe('planned looks', () => {
  it('are taken on the step that fills them; several at once count as the last', () => {
    const { steps } = clicks(0, 0, 10_000, 10);
    expect(takenLooks(plan, steps).map(({ look, people }) => [look, people])).toEqual([
      [1, 4_000],
      [2, 8_000],
      [3, 12_000],
      [4, 16_000],
      [5, 20_000],
    ]);
    expect(takenLooks(plan, clicks(0, 0, 10_000, 1).steps)).toEqual([{ look: 5, steps: 1, people: 20_000, information: 1 }]);
  });

  it('spend next to nothing at first and most of alpha at the end', () => {
    const alphas = nominalAlphas(takenLooks(plan, clicks(0, 0).steps), 0.05);
    // O'Brien-Fleming's shape at fifths; first bound: 4 (1 - Phi(2.2414 / sqrt 0.2)) = 4 * 2.7e-7.
    expect(alphas[0]).toBeLessThan(2e-6);
    expect(alphas.at(-1)).toBeGreaterThan(0.04);
    expect(alphas.at(-1)).toBeLessThan(0.05);
    expect(nominalAlphas(takenLooks(plan, clicks(0, 0, 10_000, 1).steps), 0.05)[0]).toBeCloseTo(0.05, 10);
  });
});
