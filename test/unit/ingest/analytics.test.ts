import { describe, expect, it } from 'vitest';
import { decoded } from '../../webhook-record.ts';

/** 2026-10-05 00:00 and the next midnight by the clock of New York (UTC-4), in seconds. */
const [from, to] = [1_791_172_800, 1_791_259_200];
const micros = (seconds: number) => BigInt(seconds) * 1_000_000n;

function given(answer: unknown) {
  const base = { command_id: 'c1', at: '2026-10-20T08:00:00Z', actor: 'ops', command: 'analytics.import', id: 'waba' };
  return decoded({ ...base, body: { answer } }, 'command');
}

describe('an answer of pricing_analytics', () => {
  const point = {
    start: from,
    end: to,
    country: 'IN',
    pricing_type: 'REGULAR',
    pricing_category: 'AUTHENTICATION-INTERNATIONAL',
    tier: '0:750000',
    volume: 2,
    cost: 0.0608,
  };

  it('becomes a figure a data point, with its dimensions and its cost in micro-units', () => {
    const rows = given({
      pricing_analytics: {
        data: [
          {
            data_points: [
              point,
              { start: from, end: to, country: 'US', pricing_type: 'free_entry_point', pricing_category: 'SERVICE', volume: 6 },
            ],
          },
        ],
      },
      id: '1',
    });
    expect(rows.quarantine).toEqual([]);
    expect(rows.platform_figure).toMatchObject([
      {
        command_id: 'c1',
        item: 0,
        report: 'pricing',
        waba_id: 'waba',
        from_at: micros(from),
        to_at: micros(to),
        parts: 'country,pricing_category,pricing_type,tier',
        country: 'IN',
        category: 'authentication_international',
        pricing_type: 'regular',
        tier: '0:750000',
        delivered: 2n,
        cost_micros: 60_800n,
      },
      {
        item: 1,
        country: 'US',
        category: 'service',
        pricing_type: 'free_entry_point',
        tier: null,
        delivered: 6n,
        cost_micros: null,
      },
    ]);
  });

  it.each([
    ['a month at once', { ...point, end: from + 86_400 * 30 }, 'granularity DAILY'],
    ['no volume', { ...point, volume: undefined }, 'metric_types VOLUME'],
    ['half a message', { ...point, volume: 1.5 }, 'volume is no count'],
    ['an end before its start', { ...point, end: from - 1 }, 'no times in order'],
    ['a cost below nothing', { ...point, cost: -1 }, 'cost is no amount'],
  ])('with %s is set aside whole, and says where', (_, bad, words) => {
    const rows = given({ pricing_analytics: { data: [{ data_points: [point, bad] }] } });
    expect(rows.platform_figure).toEqual([]);
    expect(rows.quarantine[0]?.detail).toContain('data[0].data_points[1]');
    expect(rows.quarantine[0]?.detail).toContain(words);
  });
});

describe('an answer of template_analytics', () => {
  it('becomes figures with what was spent, whatever else is in its list of costs', () => {
    const rows = given({
      data: [
        {
          granularity: 'DAILY',
          product_type: 'cloud_api',
          data_points: [
            {
              template_id: '1421988012088524',
              start: from,
              end: to,
              sent: 3,
              delivered: 2,
              read: 1,
              cost: [
                { type: 'cost_per_delivered', value: 0.01 },
                { type: 'amount_spent', value: 0.02 },
              ],
            },
          ],
        },
      ],
    });
    expect(rows.platform_figure).toMatchObject([
      { report: 'template', template_id: '1421988012088524', sent: 3n, delivered: 2n, read: 1n, cost_micros: 20_000n },
    ]);
  });

  it('with an id that a JSON number cannot hold is refused', () => {
    const rows = given({ data: [{ data_points: [{ template_id: 2 ** 60, start: from, end: to, sent: 1 }] }] });
    expect(rows.quarantine[0]?.detail).toContain('it must be text');
  });
});

it('anything else is set aside', () => {
  expect(given({ conversation_analytics: {} }).quarantine[0]?.detail).toContain('neither an answer of pricing_analytics');
});
