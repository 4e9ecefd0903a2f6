import { describe, expect, it } from 'vitest';
import { ApplyWatch } from '../../../api/apply-watch.ts';

const second = 1000;
const status = (parts: { applied: number; lag: number; idle?: number; paused?: boolean; gap?: string }) => ({
  positions: [
    { partition: 'log', applied: String(parts.applied), end: String(parts.applied + parts.lag), lag: String(parts.lag) },
  ],
  apply: { idle_ms: parts.idle ?? 10, paused: parts.paused ?? false, batch_records: 1, batch_fill: 0.1, gap: parts.gap ?? null },
});

describe('whether apply moves', () => {
  it('yes while nothing waits, however long', () => {
    const watch = new ApplyWatch();
    for (const at of [0, 60, 3600]) expect(watch.moves(status({ applied: 5, lag: 0 }), at * second)).toBe(true);
  });

  it('yes while it is behind and comes closer, or not closer but on', () => {
    const watch = new ApplyWatch();
    for (const n of [0, 1, 2, 3]) expect(watch.moves(status({ applied: n, lag: 9000 + n }), n * 25 * second)).toBe(true);
  });

  it('no once work has waited for 30 s and none of it was applied', () => {
    const watch = new ApplyWatch();
    watch.moves(status({ applied: 5, lag: 0 }), 0);
    // Looked at rarely: when the work came is not known, so the time begins when it was first seen.
    expect(watch.moves(status({ applied: 5, lag: 1 }), 600 * second)).toBe(true);
    expect(watch.moves(status({ applied: 5, lag: 2 }), 629 * second)).toBe(true);
    expect(watch.moves(status({ applied: 5, lag: 2 }), 630 * second)).toBe(false);
    expect(watch.moves(status({ applied: 6, lag: 1 }), 631 * second)).toBe(true);
  });

  it('no when the loop has not come round for a minute, whatever waits', () => {
    const watch = new ApplyWatch();
    expect(watch.moves(status({ applied: 5, lag: 0, idle: 59_000 }), 0)).toBe(true);
    expect(watch.moves(status({ applied: 5, lag: 0, idle: 60_000 }), second)).toBe(false);
  });

  it('no at once before records that are gone, whatever waits', () => {
    const watch = new ApplyWatch();
    expect(watch.moves(status({ applied: 5, lag: 1, gap: 'webhooks/0: records 5 to 9 (5) are gone' }), 0)).toBe(false);
    expect(watch.moves(status({ applied: 5, lag: 1 }), second)).toBe(true);
  });

  it('yes while it was asked to pause: for a backup, or the end of a rebuild', () => {
    const watch = new ApplyWatch();
    watch.moves(status({ applied: 5, lag: 1 }), 0);
    expect(watch.moves(status({ applied: 5, lag: 9, idle: 300_000, paused: true }), 300 * second)).toBe(true);
    expect(watch.moves(status({ applied: 5, lag: 9 }), 329 * second)).toBe(true);
  });
});
