import { describe, expect, it } from 'vitest';
import type { StratumCell } from '../../../models/experiments/evidence.ts';
import { stratify } from '../../../models/experiments/strata.ts';
import { verdict } from '../../../models/experiments/verdict.ts';
import { casesNow, design, evidence } from '../../verdict-cases.ts';

const none = { read: 0, reply: 0, click: 0, conversion: 0, unsubscribe: 0, failure: 0, negative_reply: 0 };
const cell = (segment: string | null, arm_id: string, mature: number, click: number, market = 'France'): StratumCell => ({
  ...{ market, segment, arm_id, people: mature, mature },
  outcomes: { ...none, click },
});
const plan = {
  ...{ metric: 'click' as const, age_hours: 24, mde: { relative: 0.1 }, horizon: 20_000, looks: 1, alpha: 0.05 },
  guardrails: [],
};
const arms = { control: 'a', treatment: 'b' };

/** The treatment does worse in both segments and better over all, because it got the people who click anyway. */
const paradox = [
  cell('regulars', 'a', 2_000, 400), // 20 %
  cell('regulars', 'b', 8_000, 1_440), // 18 %
  cell('others', 'a', 8_000, 400), // 5 %
  cell('others', 'b', 2_000, 80), // 4 %
];

describe('two arms within strata', () => {
  it('are put together by Mantel and Haenszel, beside the plain difference, with a warning when they disagree', () => {
    const [segments, ...rest] = stratify(paradox, 'click', arms);
    expect(rest).toEqual([]); // one market is no stratum
    // Weights n_c n_t / n are 1,600 for both: (1,600 * -0.02 + 1,600 * -0.01) / 3,200 = -0.015; plain 1,520/10,000 - 800/10,000 = 0.072.
    expect(segments).toMatchObject({ by: 'segment', strata: 2, people: 20_000, disagrees: true });
    expect(segments?.absolute).toBeCloseTo(-0.015, 12);
    expect(segments?.plain_absolute).toBeCloseTo(0.072, 12);
  });

  it('say the same as the plain difference where the mix is the same', () => {
    const fair = [cell('x', 'a', 1_000, 100), cell('x', 'b', 1_000, 120), cell(null, 'a', 3_000, 60), cell(null, 'b', 3_000, 75)];
    const [segments] = stratify(fair, 'click', arms);
    expect(segments?.absolute).toBeCloseTo(segments?.plain_absolute ?? 1, 12);
    expect(segments?.disagrees).toBe(false);
  });

  it('leave out strata with people in one arm only, and other arms', () => {
    const half = [...paradox, cell('new', 'a', 500, 100), cell('regulars', 'c', 500, 100)];
    expect(stratify(half, 'click', arms)[0]).toMatchObject({ strata: 2, people: 20_000 });
  });

  it('warn in the sentence, in both languages', () => {
    const facts = evidence({
      a: { people: 10_000, outcomes: { click: 800 } },
      b: { people: 10_000, outcomes: { click: 1_520 } },
    });
    const said = verdict(design({ plan }), { ...facts, strata: paradox }, casesNow);
    expect(said.notes.map(({ code }) => code)).toEqual(['simpson']);
    expect(said.sentence.en).toContain('Careful: within segments the difference is −1.5 percentage points, over all +7.2.');
    expect(said.sentence.fr).toContain('Attention : à l’intérieur des segments, la différence est de −1,5 points');
  });
});

describe('a broken sample ratio', () => {
  // 600 of the 4,000 regulars that arm b should have got are missing; everybody else is split evenly.
  const people = [
    cell('regulars', 'a', 2_000, 0),
    cell('regulars', 'b', 1_400, 0),
    cell('others', 'a', 3_000, 0, 'Spain'),
    cell('others', 'b', 3_000, 0, 'Spain'),
  ];
  const facts = { ...evidence({ a: { people: 5_000 }, b: { people: 4_400 } }), strata: people };

  it('names the segment and the market that make it, and says so in the sentence', () => {
    const said = verdict(design({ plan }), facts, casesNow);
    const ratio = said.health.find(({ code }) => code === 'sample_ratio');
    expect(said.state).toBe('invalid');
    const blamed = ratio?.suspects
      .filter(({ explains }) => explains)
      .map(({ dimension, value, people }) => [dimension, value, people]);
    expect(blamed).toEqual(
      expect.arrayContaining([
        ['segment', 'regulars', 3_400],
        ['market', 'France', 3_400],
      ]),
    );
    expect(blamed).toHaveLength(2);
    expect(said.sentence.en).toMatch(
      /It comes from the (market France|segment “regulars”) \(3,400 people\): without them the shares are right/,
    );
    expect(said.sentence.fr).toMatch(/Cela vient du (marché France|segment « regulars »)/);
  });

  it('that every segment has blames none of them', () => {
    const all = people.map((one) => ({ ...one, people: one.arm_id === 'a' ? 2_500 : 2_200 }));
    const said = verdict(design({ plan }), { ...facts, strata: all }, casesNow);
    expect(said.health.flatMap(({ suspects }) => suspects).filter(({ explains }) => explains)).toEqual([]);
    expect(said.sentence.en).not.toContain('It comes from');
  });

  it('is not looked for where nobody registered the weights', () => {
    const said = verdict(design({ plan: null, weights_known: false }), facts, casesNow);
    expect(said.health.map(({ code }) => code)).not.toContain('sample_ratio');
    expect(said.notes.map(({ code }) => code)).toContain('weights_unknown');
    expect(said.arms.map(({ weight }) => weight)).toEqual([null, null]);
  });
});
