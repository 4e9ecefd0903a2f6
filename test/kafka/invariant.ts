/** What became of what was produced, counted by ids. */
export interface Reckoning {
  produced: number;
  facts: number;
  lost: string[];
  doubled: string[];
  invented: string[];
}

/** @param found each id as often as there is a fact of it */
export function reckon(produced: Iterable<string>, found: Iterable<string>): Reckoning {
  const wanted = new Set(produced);
  const times = new Map<string, number>();
  for (const id of found) times.set(id, (times.get(id) ?? 0) + 1);
  return {
    produced: wanted.size,
    facts: [...wanted].filter((id) => times.has(id)).length,
    lost: [...wanted].filter((id) => !times.has(id)),
    doubled: [...times].filter(([, count]) => count > 1).map(([id]) => id),
    invented: [...times.keys()].filter((id) => !wanted.has(id)),
  };
}

/** What `reckon` must say after every fault. */
export const exactlyOnce = (count: number): Reckoning => ({
  produced: count,
  facts: count,
  lost: [],
  doubled: [],
  invented: [],
});
