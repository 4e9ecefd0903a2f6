import { wilsonInterval } from '../models/statistics/wilson.ts';
import { type Curve, curve, meanShare } from './delay-curve.ts';
import { push } from './multimap.ts';
import type { ShortfallName } from './policy.ts';
import type { Baseline, CohortRow } from './snapshot.ts';
import { groupSpan } from './watermark.ts';

/** So many events must be behind a baseline: with fewer, chance alone moves it by more than a third. */
const leastEvents = 30;

const hourMs = 3_600_000;

type Stream = Pick<Baseline, 'campaign_id' | 'template_name' | 'segment_id'>;

/**
 * What is usual for each stream at the same age and hour of the day. A night, a slow audience and a burst are usual for those who have
 * had them; a stream without history of its own at that hour is not judged by what it lacks. There may be tens of thousands of them,
 * good for an hour: a curve is made when it is first asked for.
 */
export class Baselines {
  private readonly streams = new Map<string, UsualOfStream>();

  constructor(baselines: readonly Baseline[]) {
    const byStream = new Map<string, Baseline[]>();
    for (const baseline of baselines) push(byStream, keyOf(baseline), baseline);
    for (const [key, own] of byStream) this.streams.set(key, new UsualOfStream(own));
  }

  /** What is usual for one stream; null when it has no past. */
  of(stream: Stream): UsualOfStream | null {
    return this.streams.get(keyOf(stream)) ?? null;
  }
}

/** The baselines of one stream. */
export class UsualOfStream {
  /** By hour, as far as they were asked for. */
  private readonly curves: Record<ShortfallName, (Curve | null)[]> = { delivery: [], read: [], reply: [], click: [] };

  constructor(private readonly baselines: readonly Baseline[]) {}

  /**
   * The share of a group's messages that usually have the event by a watermark; null without a baseline, or when part of the group was
   * sent after the watermark.
   */
  expected(row: Pick<CohortRow, 'sent_at'>, signal: ShortfallName, asOf: number, watermark: number): number | null {
    const last = Math.max(row.sent_at, Math.min(row.sent_at + groupSpan(row.sent_at, asOf), asOf));
    if (last > watermark) return null;
    const usual = this.curveAt(signal, Math.floor(row.sent_at / hourMs) % 24);
    return usual === null ? null : meanShare(usual, watermark - last, watermark - row.sent_at);
  }

  private curveAt(signal: ShortfallName, hour: number): Curve | null {
    const known = this.curves[signal][hour];
    if (known !== undefined) return known;
    const baseline = this.baselines.findLast((one) => one.signal === signal && one.hour === hour);
    const made = baseline === undefined ? null : lowCurve(baseline);
    this.curves[signal][hour] = made;
    return made;
  }
}

/** The lower end of what the history allows: a baseline that luck put too high accuses nobody. Null when too little is behind it. */
function lowCurve({ messages, ages, shares }: Baseline): Curve | null {
  const final = shares.at(-1) ?? 0;
  const events = final * messages;
  if (!(events >= leastEvents)) return null;
  const low = wilsonInterval(Math.min(events, messages), messages)?.low ?? 0;
  const part = low / final;
  return curve(
    ages,
    shares.map((share) => share * part),
  );
}

function keyOf(stream: Stream): string {
  return JSON.stringify([stream.campaign_id, stream.template_name, stream.segment_id]);
}
