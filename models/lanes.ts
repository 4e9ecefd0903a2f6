/** A range of quarter hours that is recomputed in one go, with its bounds as literals so that row groups outside it are not read. */
export interface Lane {
  /** First quarter hour, ms since 1970. */
  from: number;
  /** End, not included, ms since 1970. */
  to: number;
  /** The oldest change row in it. */
  oldest: bigint;
}

const quarterHour = 900_000;
const hour = 4 * quarterHour;
/** Younger buckets are one lane, recomputed every time. */
const recentHours = 3;
/** No lane of the tail is to hold more messages than this, so that none takes long; nor, much below that, is it worth a statement of its own. */
const laneMessages = 100_000;

/** How many messages there are, and over which time: ms. */
export interface History {
  messages: number;
  length: number;
}

/**
 * Length of the sections into which the tail is cut, ms: about as long as `laneMessages` take to come, whole quarter hours and never
 * less than six hours.
 */
export function sectionOf({ messages, length }: History): number {
  const long = messages === 0 ? length : (laneMessages / messages) * length;
  return Math.max(6 * hour, Math.ceil(long / quarterHour) * quarterHour);
}

/**
 * Groups touched buckets into lanes: the recent one first, then the late tail by section and gap, the longest waiting first. Within a
 * section, touched buckets closer than half of one share a lane: reading what lies between costs less than another statement.
 * @param section length of a section, ms, see `sectionOf`
 * @param limit most lanes of the tail; the rest waits for the next run, so that one refresh stays short however scattered late reads are
 */
export function planLanes(buckets: readonly { at: number; seq: bigint }[], now: number, section: number, limit: number): Lane[] {
  const recentFrom = now - recentHours * hour;
  const sorted = [...buckets].sort((a, b) => a.at - b.at);
  const lanes: (Lane & { recent: boolean })[] = [];
  for (const { at, seq } of sorted) {
    const recent = at >= recentFrom;
    const last = lanes.at(-1);
    const near =
      last !== undefined && at - last.to <= section / 2 && Math.floor(at / section) === Math.floor(last.from / section);
    if (last !== undefined && last.recent === recent && (recent || near)) {
      last.to = at + quarterHour;
      if (seq < last.oldest) last.oldest = seq;
    } else lanes.push({ from: at, to: at + quarterHour, oldest: seq, recent });
  }
  const tail = lanes.filter(({ recent }) => !recent).sort((a, b) => (a.oldest < b.oldest ? -1 : 1));
  return [...lanes.filter(({ recent }) => recent), ...tail.slice(0, limit)].map(({ from, to, oldest }) => ({ from, to, oldest }));
}
