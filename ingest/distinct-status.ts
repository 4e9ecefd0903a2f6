import type { Staged } from './staged.ts';

/** The statuses of a batch without copies: equal content at one time is the same status, posted again. */
export function distinctStatuses(statuses: Staged<'status'>[]): Staged<'status'>[] {
  const seen = new Set<string>();
  return statuses.filter(({ content_hash, occurred_at }) => {
    const key = `${content_hash} ${occurred_at}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
