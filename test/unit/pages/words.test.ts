import { describe, expect, it } from 'vitest';
import { makeWords } from '../../../api/pages/words.ts';

const narrow = '\u202f';

describe('numbers as a reader sees them', () => {
  const en = makeWords('en', 'UTC');
  const fr = makeWords('fr', 'UTC');

  it('writes shares as percent with one decimal, and with two below ten percent', () => {
    expect([0.613, 0.1, 0.0999, 0.0036, 0, 1].map(en.percent)).toEqual(['61.3%', '10.0%', '9.99%', '0.36%', '0.00%', '100.0%']);
  });

  it('writes an interval with the decimals of its rate', () => {
    expect(en.interval(0.6086, 0.6178, 0.613)).toBe('60.9–61.8%');
    expect(en.interval(0.0032, 0.0042, 0.0036)).toBe('0.32–0.42%');
  });

  it('keeps the customs of French: comma, narrow spaces, a space before the sign', () => {
    expect(fr.percent(0.613)).toBe(`61,3${narrow}%`);
    expect(fr.count(1_234_567)).toBe(`1${narrow}234${narrow}567`);
    expect(en.count(1_234_567)).toBe('1,234,567');
  });
});

describe('times', () => {
  it('are those of the zone: half an hour before midnight in UTC is the next morning in Kathmandu', () => {
    const instant = '2026-11-20T23:30:00Z';
    expect(makeWords('en', 'UTC').day(instant)).toBe('20 Nov 2026');
    expect(makeWords('en', 'Asia/Kathmandu').dateTime(instant)).toMatch(/^21 Nov 2026, 05:15/);
    expect(makeWords('fr', 'Asia/Kathmandu').day(instant)).toBe('21 nov. 2026');
  });

  it('are as fine as the interval they name', () => {
    const { bucket } = makeWords('en', 'UTC');
    expect(bucket('2026-11-20T09:00:00Z', 'hour')).toMatch(/20 Nov.*09:00/);
    expect(bucket('2026-11-20T00:00:00Z', 'day')).not.toMatch(/00:00/);
    expect(bucket('2026-11-01T00:00:00Z', 'month')).toBe('November 2026');
  });
});

describe('names', () => {
  it('of metrics and dimensions that someone added are shown as the catalogue has them', () => {
    const definition = { label: 'Stars' } as never;
    expect(makeWords('fr', 'UTC').metric('stars', definition)).toBe('Stars');
    expect(makeWords('fr', 'UTC').metric('read_rate', definition)).toBe('Lus');
    expect(makeWords('fr', 'UTC').dimension('galaxy')).toBe('galaxy');
  });
});
