import { describe, expect, it } from 'vitest';
import { judge, lookBackHours } from '../../../controller/contact-rules.ts';
import type { PersonFacts } from '../../../controller/permit.ts';
import { isQuiet, localMinutes } from '../../../controller/quiet-hours.ts';
import { personOf, policyWith } from '../../permit-books.ts';

const nobody = { lastMarketing: () => null, lastMessage: () => null };
const noon = Date.parse('2026-11-21T12:00:00Z');
const hour = 3_600_000;
const ask = (
  parts: Partial<PersonFacts>,
  category: 'marketing' | 'utility' | 'authentication' | 'service' = 'marketing',
  at = noon,
) => judge(personOf('p', parts), { category, lease_seconds: 1 }, policyWith(), nobody, at);

describe('who may be written to', () => {
  it.each([
    ['whoever said yes', {}, null],
    ['not without a recorded yes', { consent: null }, 'no_consent'],
    ['not after a no', { consent: 'withdrawn' }, 'opted_out'],
    ['not who cannot be reached', { suppressed: true }, 'suppressed'],
    ['not numbers of the United States', { country: 'US' }, 'us_marketing'],
    ['not within 24 hours of the last marketing message', { last_marketing_at: noon - 24 * hour + 1 }, 'frequency_cap'],
    ['again after 24 hours', { last_marketing_at: noon - 24 * hour }, null],
    ['not within six seconds of any message', { last_message_at: noon - 5999 }, 'pair_rate'],
    ['after six seconds', { last_message_at: noon - 6000 }, null],
  ] as const)('marketing: %s', (_, parts, denial) => {
    expect(ask(parts)).toBe(denial);
  });

  it.each(['utility', 'authentication'] as const)('%s is bound by reach and pair rate only', (category) => {
    const night = { consent: null, country: 'US', time_zone: 'Asia/Tokyo', last_marketing_at: noon - 7000 } as const;
    expect(ask(night, category)).toBeNull();
    expect(ask({ suppressed: true }, category)).toBe('suppressed');
    expect(ask({ last_message_at: noon - 1000 }, category)).toBe('pair_rate');
  });

  it('service needs an open window', () => {
    expect(ask({}, 'service')).toBe('outside_window');
    expect(ask({ window_until: noon }, 'service')).toBe('outside_window');
    expect(ask({ window_until: noon + 1, consent: 'withdrawn' }, 'service')).toBeNull();
  });

  it('grants that the facts do not know yet count too', () => {
    const overlay = { lastMarketing: () => noon - hour, lastMessage: () => noon - hour };
    const one = personOf('p', { last_marketing_at: noon - 48 * hour });
    expect(judge(one, { category: 'marketing', lease_seconds: 1 }, policyWith(), overlay, noon)).toBe('frequency_cap');
    const free = policyWith({ marketing_gap_hours: 0 });
    expect(judge(one, { category: 'marketing', lease_seconds: 1 }, free, overlay, noon)).toBeNull();
  });
});

describe('how far back messages are looked for', () => {
  it.each([
    ['marketing', 24, 48],
    ['marketing', 2, 48],
    ['marketing', 720, 744],
    ['utility', 720, 48],
    ['service', 24, 48],
  ] as const)(
    '%s with a gap of %d hours: %d, a day of it for messages that were held',
    (category, marketing_gap_hours, hours) => {
      expect(lookBackHours({ category }, policyWith({ marketing_gap_hours }))).toBe(hours);
    },
  );
});

describe('quiet hours, 21:00 to 08:00 where the recipient lives', () => {
  const at = (time: string, parts: Partial<PersonFacts>) => ask(parts, 'marketing', Date.parse(time));
  it.each([
    // India is at +5:30: 21:00 there is 15:30 UTC, 08:00 is 02:30
    ['2026-11-21T15:29:00Z', { country: 'IN' }, null],
    ['2026-11-21T15:30:00Z', { country: 'IN' }, 'quiet_hours'],
    ['2026-11-21T02:29:59Z', { country: 'IN' }, 'quiet_hours'],
    ['2026-11-21T02:30:00Z', { country: 'IN' }, null],
    // Nepal is at +5:45
    ['2026-11-21T15:14:00Z', { country: 'NP' }, null],
    ['2026-11-21T15:15:00Z', { country: 'NP' }, 'quiet_hours'],
    // the person's own zone stands over the country's
    ['2026-11-21T15:30:00Z', { country: 'IN', time_zone: 'Europe/Paris' }, null],
    ['2026-11-21T15:30:00Z', { country: 'IN', time_zone: 'Mars/Olympus' }, 'quiet_hours'],
    // most of Spain, and Madrid's law, is not on the Canaries: 21:00 in Madrid is 20:00 UTC in winter, 19:00 in summer
    ['2026-11-21T20:00:00Z', { country: 'ES' }, 'quiet_hours'],
    ['2026-11-21T19:30:00Z', { country: 'ES' }, null],
    ['2026-07-21T19:30:00Z', { country: 'ES' }, 'quiet_hours'],
    // Brazil has several zones, and nobody knows which
    ['2026-11-21T03:00:00Z', { country: 'BR' }, null],
    ['2026-11-21T03:00:00Z', { country: null }, null],
  ] as const)('%s %j: %s', (time, parts, denial) => {
    expect(at(time, parts)).toBe(denial);
  });

  it('follows summer time on the night of the change', () => {
    // Paris, 2026-03-29: 01:00 UTC is 03:00 instead of 02:00; 08:00 is 06:00 UTC, the day before it was 07:00 UTC
    expect(at('2026-03-28T06:30:00Z', { country: 'FR' })).toBe('quiet_hours');
    expect(at('2026-03-29T06:30:00Z', { country: 'FR' })).toBeNull();
    expect(localMinutes('Europe/Paris', Date.parse('2026-03-29T00:59:00Z'))).toBe(119);
    expect(localMinutes('Europe/Paris', Date.parse('2026-03-29T01:00:00Z'))).toBe(180);
  });

  it('a lease that would reach into them is refused', () => {
    const paris = personOf('p', { country: 'FR' });
    const before = Date.parse('2026-11-21T19:59:30Z');
    const with30 = judge(paris, { category: 'marketing', lease_seconds: 30 }, policyWith(), nobody, before);
    const with31 = judge(paris, { category: 'marketing', lease_seconds: 31 }, policyWith(), nobody, before);
    expect([with30, with31]).toEqual([null, 'quiet_hours']);
  });

  it('may lie within one day, or be none', () => {
    const midday = { from: '12:00', to: '14:00' };
    expect([719, 720, 839, 840].map((minute) => isQuiet(midday, minute))).toEqual([false, true, true, false]);
    expect([0, 719, 1439].map((minute) => isQuiet({ from: '12:00', to: '12:00' }, minute))).toEqual([false, false, false]);
    const night = personOf('p', { country: 'FR' });
    const policy = policyWith({ quiet_hours: null });
    expect(
      judge(night, { category: 'marketing', lease_seconds: 1 }, policy, nobody, Date.parse('2026-11-21T23:00:00Z')),
    ).toBeNull();
  });
});
