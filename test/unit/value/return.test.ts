import { describe, expect, it } from 'vitest';
import { attributedReturn, incrementalReturn } from '../../../models/value/return.ts';

const micros = (amount: number) => BigInt(amount * 1_000_000);

describe('the attributed return', () => {
  it('is revenue by cost, and what the margin leaves of it by cost', () => {
    // 1,000 messages for 40; 20 orders of 10: 200 / 40 = 5; (200 x 0.3 - 40) / 40 = 0.5.
    // One message brings 0.2 in the mean; squares 20 x 10^2 - 1000 x 0.2^2 = 1960; 1.96 sqrt(1960 / 999 x 1000) = 86.81.
    const found = attributedReturn(
      { messages: 1000, revenueMicros: micros(200), squares: 1960 },
      { costMicros: micros(40), margin: 0.3 },
    );
    expect(found).toMatchObject({ revenue: 200, roas: 5, roi: 0.5 });
    expect(found.revenue_ci?.map((end) => end.toFixed(2))).toEqual(['113.19', '286.81']);
    expect(found.roas_ci?.map((end) => end.toFixed(3))).toEqual(['2.830', '7.170']);
    // (113.19 x 0.3 - 40) / 40
    expect(found.roi_ci?.map((end) => end.toFixed(3))).toEqual(['-0.151', '1.151']);
  });

  it('has no ratio where the cost is 0 or not known, and no return on investment without a margin', () => {
    const revenue = { messages: 10, revenueMicros: micros(200), squares: 1 };
    for (const costMicros of [0n, null])
      expect(attributedReturn(revenue, { costMicros, margin: 0.3 })).toMatchObject({ roas: null, roas_ci: null, roi: null });
    expect(attributedReturn(revenue, { costMicros: 1n, margin: null })).toMatchObject({ roi: null, roi_ci: null });
  });

  it('is exact where floats are not: 0.1 + 0.2 spent for 0.3 earned is nothing lost', () => {
    const spent = { costMicros: 100_000n + 200_000n, margin: 1 };
    expect(attributedReturn({ messages: 3, revenueMicros: 300_000n, squares: 0 }, spent).roi).toBe(0);
    expect(attributedReturn({ messages: 3, revenueMicros: 0n, squares: 0 }, spent).roi).toBe(-1);
  });
});

describe('the incremental return', () => {
  const holdout = { people: 1000, converted: 20, mean: 0.2, squares: 1960 };
  const treated = { people: 9000, converted: 270, mean: 0.3, squares: 26190 };

  it('is the difference to the hold-out, scaled to all who were to get the message', () => {
    const found = incrementalReturn(holdout, treated, { costMicros: micros(450), margin: 0.5 });
    // (270/9000 - 20/1000) x 9000 = 90 conversions; (0.3 - 0.2) x 9000 = 900; 900 / 450 = 2; (450 - 450) / 450 = 0; 450 / 90 = 5.
    expect(found.incremental_conversions).toBeCloseTo(90, 9);
    expect(found.revenue).toBeCloseTo(900, 9);
    expect(found.roas).toBeCloseTo(2, 9);
    expect(found.roi).toBeCloseTo(0, 9);
    expect(found.cost_per_incremental_conversion).toBeCloseTo(5, 9);
    // se = sqrt(1960/999/1000 + 26190/8999/9000) = 0.047821; 1.9619 (Student, about 1350 df) x 0.047821 x 9000 = 844.
    const [low = 0, high = 0] = found.revenue_ci ?? [];
    expect([Math.round((low + high) / 2), Math.round((high - low) / 20)]).toEqual([900, 84]);
    expect(found.roas_ci?.[0]).toBeCloseTo(low / 450, 9);
  });

  it('may be a loss, and then no conversion has a price', () => {
    const found = incrementalReturn({ ...treated, people: 9000 }, { ...holdout }, { costMicros: micros(10), margin: 1 });
    expect(found.incremental_conversions).toBeLessThan(0);
    expect(found.cost_per_incremental_conversion).toBeNull();
    expect(found.roi).toBeLessThan(-1);
  });
});
