import { wilsonInterval } from '../models/statistics/wilson.ts';
import { type Curve, curve, meanShare } from './delay-curve.ts';
import type { ShortfallName } from './policy.ts';
import type { Baseline, CohortRow } from './snapshot.ts';
import { groupSpan } from './watermark.ts';

/** So many events must be behind a baseline: with fewer, chance alone moves it by more than a third. */
const leastEvents = 30;

/**
 * What is usual for each stream at the same age and hour of the day. A night, a slow audience and a burst are usual for those who have
 * had them; a stream without history of its own at that hour is not judged by what it lacks.
 */
export class Baselines {
  private readonly known = new Map<string, Curve>();

  constructor(baselines: readonly Baseline[]) {
    for (const baseline of baselines) {
      const { signal, hour, messages, ages, shares } = baseline;
      const final = shares.at(-1) ?? 0;
      const events = final * messages;
      if (!(events >= leastEvents)) continue;
      // The lower end of what the history allows: a baseline that luck put too high accuses nobody.
      const low = wilsonInterval(Math.min(events, messages), messages)?.low ?? 0;
      const part = low / final;
      this.known.set(
        keyOf(baseline, signal, hour),
        curve(
          ages,
          shares.map((share) => share * part),
        ),
      );
    }
  }

  get size(): number {
    return this.known.size;
  }

  /**
   * The share of a group's messages that usually have the event by a watermark; null without a baseline, or when part of the group was
   * sent after the watermark.
   */
  expected(row: CohortRow, signal: ShortfallName, asOf: number, watermark: number): number | null {
    const usual = this.known.get(keyOf(row, signal, new Date(row.sent_at).getUTCHours()));
    const last = Math.max(row.sent_at, Math.min(row.sent_at + groupSpan(row.sent_at, asOf), asOf));
    if (usual === undefined || last > watermark) return null;
    return meanShare(usual, watermark - last, watermark - row.sent_at);
  }
}

function keyOf(
  stream: Pick<Baseline, 'campaign_id' | 'template_name' | 'segment_id'>,
  signal: ShortfallName,
  hour: number,
): string {
  return JSON.stringify([stream.campaign_id, stream.template_name, stream.segment_id, signal, hour]);
}
