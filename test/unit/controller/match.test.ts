import { describe, expect, it } from 'vitest';
import { Matcher } from '../../../controller/match.ts';
import type { CohortRow, ControlSnapshot } from '../../../controller/snapshot.ts';
import {
  campaign,
  hour,
  minute,
  none,
  noon,
  number,
  override,
  sends,
  snapshot,
  stream,
  undeliverable,
} from './control-counts.ts';

const asked = { overrides: [], from: null, without: [] };
const of = (cohorts: CohortRow[], parts: Partial<ControlSnapshot> = {}) => new Matcher(snapshot(noon, cohorts, parts));

describe('matching counts with what is due', () => {
  it('counts a failure signal against delivered and failed, which are settled, when that is more than the curve says', () => {
    const row = sends({ sent_at: noon - 3 * hour, sent: 100, delivered: 60, events: undeliverable(20) });
    const [today] = of([row]).evidence(stream, asked).cohorts;
    expect(today?.signals.undeliverable).toEqual({ events: 20, exposure: 100 });
    const young = sends({ sent_at: noon, sent: 100, delivered: 30, events: undeliverable(5) });
    expect(of([young]).evidence(stream, asked).cohorts[0]?.signals.undeliverable).toEqual({ events: 5, exposure: 35 });
  });

  it('counts opt-outs against messages without failure only, by their own slow curve', () => {
    const row = sends({ sent_at: noon - 2 * hour, sent: 100, delivered: 80, events: { ...undeliverable(20), opt_out: 1 } });
    const [today] = of([row]).evidence(stream, asked).cohorts;
    // Ages from 119 to 120 minutes on the line from 25 % at 10 to 50 % at 120 minutes: 0.5 − 0.25 · 0.5 / 110.
    expect(today?.signals.opt_out.events).toBe(1);
    expect(today?.signals.opt_out.exposure).toBeCloseTo(80 * (0.5 - 0.125 / 110), 9);
  });

  it('lets a message mature by the opt-out curve, failed or not: worse counts never make room', () => {
    const at = { sent_at: noon - 2 * hour, sent: 100 };
    const good = of([sends({ ...at, delivered: 100 })]).evidence(stream, asked);
    const bad = of([sends({ ...at, events: undeliverable(50) })]).evidence(stream, asked);
    expect(good.out.matured).toBeCloseTo(100 * (0.5 - 0.125 / 110), 9);
    expect(bad.out).toEqual(good.out);
  });

  it('expects of a group that was counted a while ago what was due then', () => {
    const row = sends({ sent_at: noon - 2 * hour, sent: 100, delivered: 100, counted_at: noon - hour });
    // Ages from 59 to 60 minutes on the line from 25 % at 10 to 50 % at 120 minutes.
    const due = 100 * (0.25 + (0.25 * 49.5) / 110);
    const { cohorts, out } = of([row]).evidence(stream, asked);
    expect(cohorts[0]?.signals.opt_out.exposure).toBeCloseTo(due, 9);
    expect(out.matured).toBeCloseTo(due, 9);
  });

  it('groups by UTC day, the newest three, so that no day slides out bit by bit', () => {
    const days = [10, 13, 37, 61].map((hours) => sends({ sent_at: noon - hours * hour, sent: hours }));
    const seen = of(days).evidence(stream, asked);
    expect(seen.cohorts.map(({ day, sent }) => [day, sent])).toEqual([
      ['2026-11-24', 37],
      ['2026-11-25', 13],
      ['2026-11-26', 10],
    ]);
    expect(seen.out.sent).toBe(121);
  });

  it('sums a campaign over its streams, with the earliest watermark of its numbers', () => {
    const silent = noon - 30 * minute;
    const numbers = [
      { phone_number_id: '555', waba_id: null, portfolio_id: null, last_feedback_at: noon, seen: 0, permitted: 0 },
      { phone_number_id: '777', waba_id: null, portfolio_id: null, last_feedback_at: silent, seen: 0, permitted: 0 },
    ];
    const rows = [
      sends({ sent_at: noon - hour, sent: 10 }),
      sends({ sent_at: noon - 20 * minute, sent: 90, segment_id: 'all', phone_number_id: '777' }),
    ];
    const matcher = of(rows, { numbers });
    expect(matcher.evidence(campaign, asked)).toMatchObject({ watermark: silent, cohorts: [{ sent: 100 }] });
    expect(matcher.evidence(stream, asked)).toMatchObject({ watermark: noon, cohorts: [{ sent: 10 }] });
    // Nothing of what the silent number sent is known: it is all out, and none of it counts for a detector.
    expect(matcher.evidence('stream:autumn/autumn_sale/all', asked)).toMatchObject({ out: { sent: 90, matured: 0 } });
    expect(matcher.evidence('number:777', asked).watermark).toBe(silent);
  });

  it('leaves a braked stream out of the signals of its campaign, not out of what is out', () => {
    const rows = [
      sends({ sent_at: noon - 3 * hour, sent: 10, delivered: 10 }),
      sends({ sent_at: noon - 3 * hour, sent: 5, segment_id: 'bought', events: undeliverable(5) }),
    ];
    const { cohorts, out } = of(rows).evidence(campaign, { ...asked, without: ['stream:autumn/autumn_sale/bought'] });
    expect(cohorts[0]?.signals.undeliverable).toEqual({ events: 0, exposure: 10 });
    expect(out.sent).toBe(15);
  });

  it('counts as out only what was sent since a probe began', () => {
    const rows = [sends({ sent_at: noon - hour, sent: 100 }), sends({ sent_at: noon - minute, sent: 3 })];
    expect(of(rows).evidence(stream, { ...asked, from: noon - 5 * minute }).out).toMatchObject({
      since: noon - 5 * minute,
      sent: 3,
    });
  });

  it('observes a probe by the failures that it waits for, and tells the slowest feedback beside it', () => {
    const rows = [sends({ sent_at: noon - 2 * minute, sent: 20, delivered: 12, events: undeliverable(4) })];
    const { out } = of(rows).evidence(stream, { ...asked, from: noon - 3 * minute, awaited: ['undeliverable', 'other_failure'] });
    // Failures: F(60 s) = 0.93 to F(120 s) = 0.94, so 0.935 on the mean, more than the 16 of 20 that are settled.
    expect(out.matured).toBeCloseTo(20 * (0.93 + (0.06 * 0.5 * 60) / 540), 6);
    // Opt-outs: 0.25 · 1.5 / 10 by straight line to a quarter in 10 minutes.
    expect(out.slowest).toBeCloseTo(20 * 0.0375, 6);
    expect(of(rows).evidence(stream, { ...asked, from: noon - 3 * minute }).out.matured).toBe(out.slowest);
  });

  it('knows streams without campaign, template or segment', () => {
    const row = sends({ sent_at: noon, sent: 1, campaign_id: null, template_name: null, segment_id: null });
    expect(of([row]).known()).toEqual(['stream:-/-/-', number]);
  });
});

describe('contradictions', () => {
  const permits = (seen: number, permitted: number) => ({
    numbers: [{ phone_number_id: '555', waba_id: null, portfolio_id: null, last_feedback_at: noon, seen, permitted }],
  });
  const rows = [sends({ sent_at: noon - hour, sent: 10 })];

  it('more sends than rights, beyond 5 or 1 %, accuse the number and all that uses it', () => {
    for (const [seen, permitted] of [
      [106, 100],
      [2021, 2000],
    ] as const) {
      for (const scope of [number, stream, campaign]) {
        expect(of(rows, permits(seen, permitted)).evidence(scope, asked).contradictions).toEqual(['unpermitted_sends']);
      }
      expect(of(rows, permits(seen, permitted)).evidence(number, asked)).toMatchObject({ seen, permitted });
    }
  });

  it('a few lost answers do not, nor does a number that asks for no permits', () => {
    for (const [seen, permitted] of [
      [105, 100],
      [2020, 2000],
      [50, 0],
    ] as const) {
      expect(of(rows, permits(seen, permitted)).evidence(number, asked).contradictions).toEqual([]);
    }
  });

  it('more feedback than messages, and a log far ahead, are told', () => {
    const odd = [sends({ sent_at: noon - hour, sent: 1, events: { ...none, opt_out: 2 } })];
    expect(of(odd, { lag: 200_000 }).evidence(stream, asked).contradictions).toEqual([
      'log_behind',
      'more_feedback_than_messages',
    ]);
  });
});

describe('words and overrides', () => {
  it('reach the scope they speak of; cautions about a number or template also what uses it', () => {
    const word = (scope: string, action: 'stop' | 'no_growth') => ({
      scope,
      action,
      code: `${action}_${scope}`,
      at: noon,
      until: null,
    });
    const words = [
      word('template:autumn_sale', 'stop'),
      word('template:autumn_sale', 'no_growth'),
      word('number:555', 'no_growth'),
      word('number:777', 'no_growth'),
    ];
    const matcher = of([sends({ sent_at: noon - hour, sent: 10 })], { words });
    const codes = (scope: string) => matcher.evidence(scope, asked).words.map(({ code }) => code);
    expect(codes('template:autumn_sale')).toEqual([
      'stop_template:autumn_sale',
      'no_growth_template:autumn_sale',
      'no_growth_number:555',
    ]);
    expect(codes(stream)).toEqual(['no_growth_template:autumn_sale', 'no_growth_number:555']);
    expect(codes(campaign)).toEqual(['no_growth_template:autumn_sale', 'no_growth_number:555']);
  });

  it('a stream hears of its own overrides, and of what resumes its campaign', () => {
    const overrides = [
      override({ action: 'pause', scope: campaign, override_id: 'a' }),
      override({ action: 'resume', scope: campaign, override_id: 'b' }),
      override({ action: 'hold', scope: stream, override_id: 'c' }),
      override({ action: 'resume', scope: 'campaign:autumn2', override_id: 'd' }),
    ];
    const seen = of([sends({ sent_at: noon, sent: 1 })]).evidence(stream, { ...asked, overrides });
    expect(seen.overrides.map(({ override_id }) => override_id)).toEqual(['b', 'c']);
  });
});
