import { describe, expect, it } from 'vitest';
import { curve } from '../../../controller/delay-curve.ts';
import { dueShare, watermarkOf } from '../../../controller/watermark.ts';
import { sends, undeliverable } from './control-counts.ts';

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 26, 12);
/** Half of the first statuses within a minute, all within two. */
const firstStatus = () => curve([minute, 2 * minute], [0.5, 1]);

describe('the share due of a group of messages', () => {
  it('is the mean over the minute in which they were sent', () => {
    // Ages from 1 to 2 minutes: from 0.5 to 1.
    expect(dueShare(firstStatus(), noon - 2 * minute, noon, noon)).toBeCloseTo(0.75, 12);
    // The minute is half over: ages from 0 to 30 s, from 0 to 0.25.
    expect(dueShare(firstStatus(), noon - minute / 2, noon, noon)).toBeCloseTo(0.125, 12);
  });

  it('is nothing for what was sent after the watermark, and only the earlier part of a group counts', () => {
    expect(dueShare(firstStatus(), noon - minute, noon, noon - minute)).toBe(0);
    // The watermark stands in the middle of the group: half of it, with ages from 0 to 30 s.
    expect(dueShare(firstStatus(), noon - minute, noon, noon - minute / 2)).toBeCloseTo(0.5 * 0.125, 12);
  });

  it('is the mean over a quarter hour for groups older than two hours', () => {
    const slow = curve([10 * hour], [1]);
    expect(dueShare(slow, noon - 3 * hour, noon, noon)).toBeCloseTo((3 + 2.75) / 2 / 10, 12);
  });
});

describe('the watermark of a number', () => {
  it('is now as long as quiet is just quiet: fewer than ln 1000 = 6.9 statuses were due since the newest', () => {
    const rows = [sends({ sent_at: noon - 10 * minute, sent: 6 })];
    expect(watermarkOf(rows, noon - 11 * minute, firstStatus, noon)).toBe(noon);
  });

  it('stands at the newest feedback once more were due', () => {
    const rows = [sends({ sent_at: noon - 10 * minute, sent: 7 })];
    expect(watermarkOf(rows, noon - 11 * minute, firstStatus, noon)).toBe(noon - 11 * minute);
  });

  it('is now when what was sent has been heard of and nothing more was sent', () => {
    const rows = [sends({ sent_at: noon - 60 * minute, sent: 5000 })];
    expect(watermarkOf(rows, noon - 50 * minute, firstStatus, noon)).toBe(noon);
  });

  it('stands at the first send of a number that nothing was ever heard of', () => {
    const rows = [sends({ sent_at: noon - 10 * minute, sent: 5 }), sends({ sent_at: noon - 9 * minute, sent: 5 })];
    expect(watermarkOf(rows, null, firstStatus, noon)).toBe(noon - 10 * minute);
  });

  it('does not wait for messages that the platform refused in its reply', () => {
    const rows = [sends({ sent_at: noon - 10 * minute, sent: 500, events: undeliverable(494) })];
    expect(watermarkOf(rows, noon - 11 * minute, firstStatus, noon)).toBe(noon);
  });

  it('is never in the future', () => {
    expect(watermarkOf([sends({ sent_at: noon - minute, sent: 100 })], noon + hour, firstStatus, noon)).toBe(noon);
  });
});
