import type { Logger } from './logger.ts';

const everyMs = 10_000;

/** A warning, or an error, that is written at most once in ten seconds and says how many it stands for: a flood must not fill the disk. */
export function throttledWarning(
  logger: Logger,
  message: string,
  clock: () => number = () => performance.now(),
  level: 'warn' | 'error' = 'warn',
): (fields: object) => void {
  let count = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  return (fields) => {
    count += 1;
    if (clock() < nextAt) return;
    logger[level]({ ...fields, count }, message);
    count = 0;
    nextAt = clock() + everyMs;
  };
}
