import type { Staged } from './staged.ts';

/** The statuses of a batch without copies: equal content at one time is the same status, posted again. */
export function distinctStatuses(statuses: Staged<'status'>[]): Staged<'status'>[] {
  const times = new Map<string, bigint>();
  const isNew = (key: string, time: bigint): boolean => {
    const known = times.get(key);
    if (known === undefined) times.set(key, time);
    else if (known !== time) return isNew(`${key} ${time}`, time);
    return known === undefined;
  };
  return statuses.filter(({ content_hash, occurred_at }) => isNew(content_hash, occurred_at));
}
