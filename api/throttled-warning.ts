import type { Logger } from './logger.ts';

const everyMs = 10_000;

/** A warning that is written at most once in ten seconds and says how many it stands for: a flood must not fill the disk. */
export function throttledWarning(
  logger: Logger,
  message: string,
  clock: () => number = () => performance.now(),
): (fields: object) => void {
  let count = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  return (fields) => {
    count += 1;
    if (clock() < nextAt) return;
    logger.warn({ ...fields, count }, message);
    count = 0;
    nextAt = clock() + everyMs;
  };
}
