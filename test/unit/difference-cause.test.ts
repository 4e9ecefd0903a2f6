import { describe, expect, it } from 'vitest';
import { type Comparison, differenceCause } from '../../models/difference-cause.ts';

const day = 86_400_000;
const toAt = Date.UTC(2026, 9, 6);
const same = { sent: null, delivered: 100, read: null, costMicros: 1_180_000n };
const settled: Comparison = {
  report: 'pricing',
  their: same,
  our: same,
  unpriced: 0,
  theirAll: 100,
  ourAll: 100,
  startsAtMidnight: true,
  toAt,
  toldAt: toAt + 14 * day,
  comparedAt: toAt + 14 * day,
};

describe('the likely cause of a difference', () => {
  it.each<[string, string, Partial<Comparison>]>([
    ['agrees', 'when both say the same', {}],
    [
      'agrees',
      'when what they added up as floats is half a micro-unit a message off',
      { their: { ...same, costMicros: 1_180_050n } },
    ],
    ['card', 'when as many messages cost more than that', { their: { ...same, costMicros: 1_180_051n } }],
    ['agrees', 'when the platform hides the cost', { their: { ...same, costMicros: null } }],
    ['price_unknown', 'when we have no price for some of as many messages', { unpriced: 1, our: { ...same, costMicros: 0n } }],
    ['missing_webhooks', 'when they have more', { their: { ...same, delivered: 101 }, theirAll: 101 }],
    ['not_in_their_figures', 'when we have more', { our: { ...same, delivered: 101 }, ourAll: 101 }],
    ['free_window', 'when the country has as many in all, in other types', { our: { ...same, delivered: 90 } }],
    ['time_zone', 'when their day is no day of ours', { our: { ...same, delivered: 90 }, ourAll: 90, startsAtMidnight: false }],
    [
      'late_statuses',
      'when a few are missing of a young day',
      { our: { ...same, delivered: 95 }, ourAll: 95, comparedAt: toAt + 6 * day },
    ],
    [
      'missing_webhooks',
      'when many are missing of a young day',
      { our: { ...same, delivered: 94 }, ourAll: 94, comparedAt: toAt + 6 * day },
    ],
  ])('%s %s', (cause, _, given) => {
    expect(differenceCause({ ...settled, ...given })).toBe(cause);
  });

  it('of reads alone is that theirs end after a week', () => {
    const template = {
      ...settled,
      report: 'template' as const,
      their: { ...same, sent: 100, read: 0 },
      our: { ...same, sent: 100, read: 60 },
    };
    expect(differenceCause(template)).toBe('reads_end');
    expect(differenceCause({ ...template, toldAt: toAt + day })).toBe('late_statuses');
  });
});
