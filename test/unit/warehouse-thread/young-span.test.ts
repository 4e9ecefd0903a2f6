import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestSpanMs, youngSpan } from '../../../api/warehouse-thread/young-span.ts';

const minute = 60_000;

describe('how far back a snapshot of the controller counts anew', () => {
  it('is two hours where little is sent', () => {
    expect(longestSpanMs).toBe(120 * minute);
    expect(youngSpan(120 * minute, 37_000, 150_000)).toBe(120 * minute);
  });

  it('halves when it held too many messages, and doubles when it held less than a quarter of that', () => {
    expect(youngSpan(120 * minute, 150_001, 150_000)).toBe(60 * minute);
    expect(youngSpan(15 * minute, 100_000, 150_000)).toBe(15 * minute);
    expect(youngSpan(15 * minute, 37_000, 150_000)).toBe(30 * minute);
  });

  it('is never less than a quarter of a minute', () => {
    expect(youngSpan(minute / 4, 10_000_000, 150_000)).toBe(minute / 4);
  });

  it('comes to rest at any steady rate, with no more messages than it should hold unless a quarter of a minute holds more', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), fc.constantFrom(1, 8, 120), (perSecond, start) => {
        const shortest = minute / 4;
        const held = (span: number) => (perSecond * span) / 1000;
        let span = start * minute;
        for (let look = 0; look < 12; look += 1) span = youngSpan(span, held(span), 150_000);
        expect(youngSpan(span, held(span), 150_000)).toBe(span);
        expect(held(span) <= 150_000 || span === shortest).toBe(true);
      }),
    );
  });
});
