import { describe, expect, it } from 'vitest';
import { day, hour } from '../../../simulator/emission.ts';
import { type Quality, QualityScore } from '../../../simulator/quality.ts';

const marks = { least: 100, yellow: 0.02, red: 0.04 };
const now = Date.UTC(2026, 9, 20, 12);

function score(...happened: [hoursAgo: number, delivered: number, blocked: number][]): QualityScore {
  const made = new QualityScore();
  for (const [hoursAgo, delivered, blocked] of happened) {
    for (let i = 0; i < delivered; i++) made.delivered(now - hoursAgo * hour);
    for (let i = 0; i < blocked; i++) made.blocked(now - hoursAgo * hour);
  }
  return made;
}

describe('the quality of a number or template', () => {
  it('counts blocks among the deliveries of seven days, the older the less', () => {
    // 42 h ago weighs 126/168 = 3/4, 84 h ago 1/2, 7 days ago nothing.
    const made = score([0, 100, 2], [42, 200, 4], [84, 400, 10], [168, 5000, 900]);
    expect(made.weighted(now)).toEqual({ delivered: 100 + 150 + 200, blocked: 2 + 3 + 5 });
  });

  it('is forgiven as the days pass: what happened now counts half in 84 hours, and not at all in a week', () => {
    const made = score([0, 800, 40]);
    expect(made.weighted(now + 3.5 * day)).toEqual({ delivered: 400, blocked: 20 });
    expect(made.weighted(now + 7 * day)).toEqual({ delivered: 0, blocked: 0 });
  });

  it.each<[string, number, number, Quality, Quality]>([
    ['stays as it was while too little is delivered to judge by', 99, 50, 'UNKNOWN', 'UNKNOWN'],
    ['is GREEN below 2 %', 1000, 19, 'UNKNOWN', 'GREEN'],
    ['is YELLOW from 2 %', 1000, 20, 'GREEN', 'YELLOW'],
    ['is RED from 4 %', 1000, 40, 'GREEN', 'RED'],
    ['stays RED until it is below 3.2 %', 1000, 32, 'RED', 'RED'],
    ['gets better from RED below that', 1000, 31, 'RED', 'YELLOW'],
    ['stays YELLOW until it is below 1.6 %', 1000, 16, 'YELLOW', 'YELLOW'],
    ['is GREEN again below that', 1000, 15, 'YELLOW', 'GREEN'],
  ])('%s', (_, delivered, blocked, before, after) => {
    expect(score([0, delivered, blocked]).judge(now, before, marks)).toBe(after);
  });
});
