import { shortfallNames } from '../../../controller/policy.ts';
import type { Baseline, ControlSnapshot } from '../../../controller/snapshot.ts';
import { day, hour, minute } from '../../../simulator/emission.ts';
import { Crowd, kinds, step } from '../../../simulator/scenario/crowd.ts';
import { type Lane, length } from '../../../simulator/scenario/scenario.ts';

/** As the warehouse learns them (api/warehouse-thread/control-rows.ts), as far as the world reaches. */
const ages = [5_000, 15_000, 30_000, ...[1, 2, 5, 10, 15, 30, 60, 120, 180].map((minutes) => minutes * minute)];
const signals = { delivered: 'delivery', read: 'read', reply: 'reply', click: 'click' } as const;

/** What was usual the day before at the same hours: the same lanes without what went wrong, half as many messages. */
export function baselinesOf(crowd: Crowd): ControlSnapshot['baselines'] {
  const { setting, startAt } = crowd;
  const lanes = setting.lanes.map((lane) => ({ ...lane, bad: null, perSecond: Math.min(lane.perSecond, 0.5), size: 3_000 }));
  const yesterday = new Crowd({ ...setting, lanes, trouble: {}, pacing: null, limit: null }, startAt % 1_000_003, startAt - day);
  // Lanes of one stream share what is usual for it.
  const streams = lanes.map(({ campaign, template, segment }) => `${campaign}/${template}/${segment}`);
  const streamOf = streams.map((stream) => streams.indexOf(stream));
  const made = new Map<number, { lane: Lane; hour: number; signal: Baseline['signal']; counts: number[]; trials: number }>();
  const entry = (index: number, at: number, signal: Baseline['signal']) => {
    const stream = streamOf[index] as number;
    const hourOfDay = Math.floor(at / hour) % 24;
    const key = (stream * 24 + hourOfDay) * shortfallNames.length + shortfallNames.indexOf(signal);
    let known = made.get(key);
    if (known === undefined) {
      known = { lane: lanes[stream] as Lane, hour: hourOfDay, signal, counts: ages.map(() => 0), trials: 0 };
      made.set(key, known);
    }
    return known;
  };
  for (let at = 0; at < length; at += step) {
    lanes.forEach((_, index) => {
      const count = yesterday.wants(index);
      if (count === 0) return;
      yesterday.send(index, count);
      entry(index, yesterday.now, 'delivery').trials += count;
    });
    for (const one of yesterday.advance()) {
      const kind = kinds[one & 15] as keyof typeof signals;
      const message = one >> 4;
      const [index, sentAt] = [yesterday.laneOf[message] as number, yesterday.sentAt[message] as number];
      if ((one & 15) < 4) entry(index, sentAt, 'delivery').trials--;
      const signal = signals[kind];
      if (signal === undefined) continue;
      if (kind === 'delivered') for (const name of ['read', 'reply', 'click'] as const) entry(index, sentAt, name).trials++;
      const { counts } = entry(index, sentAt, signal);
      const age = yesterday.now - sentAt;
      const first = ages.findIndex((mark) => age <= mark);
      for (let i = first; first >= 0 && i < ages.length; i++) counts[i] = (counts[i] as number) + 1;
    }
  }
  const of = [...made.values()].map(({ lane, hour: hourOfDay, signal, counts, trials }): Baseline => {
    const messages = Math.max(1, trials);
    return {
      campaign_id: lane.campaign,
      template_name: lane.template,
      segment_id: lane.segment,
      signal,
      hour: hourOfDay,
      messages,
      ages,
      shares: counts.map((count) => Math.min(1, count / messages)),
    };
  });
  return { name: `the day before, over ${length / hour} h`, of };
}
