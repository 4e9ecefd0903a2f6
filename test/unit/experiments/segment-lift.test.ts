import { describe, expect, it } from 'vitest';
import type { SegmentCell, SegmentCost, SegmentMoney } from '../../../models/experiments/segment-lift.ts';
import { segmentLift } from '../../../models/experiments/segment-lift.ts';
import { miettinenNurminen } from '../../../models/statistics/score-interval.ts';
import { design } from '../../verdict-cases.ts';

const arm = (id: string, holdout: boolean) => ({ id, name: null, weight: 1, holdout, send_after_hours: 0 });
const offer = design({ plan: null, arms: [arm('sent', false), arm('none', true)] });
const cell = (segment: string, of: string, n: number, conversion: number): SegmentCell => ({
  ...{ segment, arm: of, n, messages: of === 'none' ? 0 : n },
  outcomes: { read: 0, reply: 0, click: 0, conversion, unsubscribe: 0 },
});
const spent = (segment: string, of: string, n: number, mean: number): SegmentMoney => ({
  ...{ segment, arm: of, n, mean, variance: 100, currency: 'EUR' },
});
const cost = (segment: string, margin: number | null, cost_per_message: number | null, currency = 'EUR'): SegmentCost => ({
  ...{ segment, margin, cost_per_message, currency },
});
const cells = [
  cell('vip', 'sent', 5000, 500),
  cell('vip', 'none', 5000, 400),
  cell('new', 'sent', 5000, 100),
  cell('new', 'none', 5000, 100),
];
const money = [
  spent('vip', 'sent', 5000, 5),
  spent('vip', 'none', 5000, 4),
  spent('new', 'sent', 5000, 1.1),
  spent('new', 'none', 5000, 1),
];

describe('segment lift', () => {
  it('is worth what the sent spent more than the held out, by 1,000 messages: (5 - 4) * 1000 and (1.1 - 1) * 1000', () => {
    const { segments, currency } = segmentLift(offer, 'conversion', cells, money);
    expect(currency).toBe('EUR');
    expect(segments.map(({ segment }) => segment)).toEqual(['vip', 'new']);
    expect(segments[0]?.value_per_1000_messages?.value).toBeCloseTo(1000, 9);
    expect(segments[1]?.value_per_1000_messages?.value).toBeCloseTo(100, 9);
    // 1.96 standard errors of a difference of means: 1.96 * sqrt(100 / 5000 * 2) * 1000 = 392.
    expect(segments[0]?.value_per_1000_messages?.high).toBeCloseTo(1392, 0);
    expect(segments[0]?.profit_per_1000_messages).toBeNull();
  });

  it('takes margin and cost into account where they are known, and ranks by what is left: 1000 * 0.2 - 300 < 100 * 0.2 - 10', () => {
    const costs = [cost('vip', 0.2, 0.3), cost('new', 0.2, 0.01)];
    const { segments } = segmentLift(offer, 'conversion', cells, money, costs);
    expect(
      segments.map(({ segment, profit_per_1000_messages }) => [segment, Math.round(profit_per_1000_messages?.value ?? 0)]),
    ).toEqual([
      ['new', 10],
      ['vip', -100],
    ]);
  });

  it.each([
    ['an unknown margin', cost('vip', null, 0.1)],
    ['an unknown cost', cost('vip', 0.2, null)],
    ['a cost in another currency', cost('vip', 0.2, 0.1, 'USD')],
  ])('names no profit with %s', (_, known) => {
    const { segments } = segmentLift(offer, 'conversion', cells, money, [known]);
    expect(segments.find(({ segment }) => segment === 'vip')?.profit_per_1000_messages).toBeNull();
  });

  it('shows those that may be talked about with wider intervals, so that of them together one in twenty misses', () => {
    const { segments } = segmentLift(offer, 'conversion', cells, money);
    const effect = (name: string) => segments.find(({ segment }) => segment === name)?.effect;
    // One of two is selected: 1 - 0.05 * 1 / 2.
    expect(effect('vip')).toMatchObject({ selected: true, confidence: 0.975 });
    expect(effect('new')).toMatchObject({ selected: false, confidence: 0.95 });
    const [low, high] = miettinenNurminen({ n: 5000, x: 400 }, { n: 5000, x: 500 }, 0.975);
    expect(effect('vip')?.absolute).toMatchObject({ low, high });
  });

  it('against everyone is the difference to the rate of all that were sent to, the segment among them', () => {
    const { segments } = segmentLift(offer, 'conversion', cells, money);
    const vip = segments.find(({ segment }) => segment === 'vip');
    // 500 of 5,000 against 600 of 10,000, and against 100 of 5,000.
    expect(vip?.versus_everyone.absolute.value).toBeCloseTo(0.1 - 0.06, 12);
    expect(vip?.versus_everyone.relative.value).toBeCloseTo(0.1 / 0.06 - 1, 12);
    expect(vip?.versus_rest.absolute.value).toBeCloseTo(0.1 - 0.02, 12);
  });

  it('says that the effect differs only when heterogeneity rejects, and points at the segment that gains', () => {
    const { heterogeneity, sentence } = segmentLift(offer, 'conversion', cells, money);
    expect(heterogeneity?.df).toBe(1);
    expect(heterogeneity?.p).toBeLessThan(0.05);
    expect(sentence.en).toContain('The message does most for “vip”');
    const alike = segmentLift(
      offer,
      'conversion',
      [cell('x', 'sent', 5000, 250), cell('x', 'none', 5000, 250), cell('y', 'sent', 5000, 250), cell('y', 'none', 5000, 250)],
      [],
    );
    expect(alike.sentence.en).toContain('does not differ between segments');
  });

  it('without a hold-out cannot tell the message from who the people are, and says so', () => {
    const two = design({ plan: null });
    const { sentence, segments } = segmentLift(two, 'click', [cell('x', 'a', 100, 1), cell('x', 'b', 100, 2)], []);
    expect(sentence.en).toContain('Without a hold-out');
    expect(segments[0]).toMatchObject({ value_per_1000_messages: null, selection: false });
  });
});
